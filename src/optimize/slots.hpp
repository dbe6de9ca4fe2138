// Sessions that take the time of statements at once, if they do not disturb each other.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "quill/optimize/batch.hpp"

namespace quill::optimize {

/// A pool of sessions; who has one has it alone.
class Slots {
 public:
  explicit Slots(std::vector<std::unique_ptr<engine::Session>> sessions);

  class Lease {
   public:
    Lease(Slots& slots, std::unique_ptr<engine::Session> session)
        : slots_(slots), session_(std::move(session)) {}
    ~Lease() { slots_.give_back(std::move(session_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] engine::Session& session() { return *session_; }

   private:
    Slots& slots_;
    std::unique_ptr<engine::Session> session_;
  };
  /// Waits for one.
  [[nodiscard]] std::unique_ptr<Lease> take();

 private:
  void give_back(std::unique_ptr<engine::Session> session);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<engine::Session>> free_;
};

/// Runs the statement in the first session alone, then while the second one runs it over and over:
/// two slots where the median grows by no more than 10 %.
[[nodiscard]] SlotMeasure measure_slots(const QueryText& query, engine::Session& first,
                                        engine::Session& second, const engine::Limits& limits);

} // namespace quill::optimize
