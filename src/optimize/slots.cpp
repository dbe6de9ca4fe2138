#include "optimize/slots.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace quill::optimize {

namespace {

constexpr std::size_t kRuns = 5;
constexpr double kDisturbed = 1.10;

double median_ms(const QueryText& query, engine::Session& session, const engine::Limits& limits) {
  std::vector<double> ms;
  for (std::size_t i = 0; i < kRuns; ++i)
    ms.push_back(session.sample(query.text, limits).elapsed_ms);
  std::sort(ms.begin(), ms.end());
  return ms[kRuns / 2];
}

} // namespace

Slots::Slots(std::vector<std::unique_ptr<engine::Session>> sessions) : free_(std::move(sessions)) {}

std::unique_ptr<Slots::Lease> Slots::take() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return !free_.empty(); });
  auto session = std::move(free_.back());
  free_.pop_back();
  return std::make_unique<Lease>(*this, std::move(session));
}

void Slots::give_back(std::unique_ptr<engine::Session> session) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(session));
  }
  freed_.notify_one();
}

Json to_json(const SlotMeasure& measure) {
  return {{"format_version", kFormatVersion},
          {"query", measure.query},
          {"alone_ms", measure.alone_ms},
          {"together_ms", measure.together_ms},
          {"slots", measure.slots}};
}

SlotMeasure measure_slots(const QueryText& query, engine::Session& first, engine::Session& second,
                          const engine::Limits& limits) {
  SlotMeasure out{.query = query.name, .alone_ms = 0, .together_ms = 0, .slots = 1};
  (void)first.sample(query.text, limits); // both caches are warm
  (void)second.sample(query.text, limits);
  out.alone_ms = median_ms(query, first, limits);
  std::atomic<bool> enough{false};
  std::thread beside([&] {
    while (!enough)
      (void)second.sample(query.text, limits);
  });
  out.together_ms = median_ms(query, first, limits);
  enough = true;
  beside.join();
  out.slots = out.together_ms <= kDisturbed * out.alone_ms ? 2 : 1;
  return out;
}

} // namespace quill::optimize
