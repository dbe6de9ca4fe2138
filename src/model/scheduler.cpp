#include "quill/model/scheduler.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "model/sampler.hpp"

namespace quill::model {

namespace {

bool is_end(const Generation& wanted, TokenId id) {
  return std::find(wanted.end_tokens.begin(), wanted.end_tokens.end(), id) !=
         wanted.end_tokens.end();
}

/// Offset of the first stop text in `text`, looking at what the last `fresh` bytes can have made.
std::size_t find_stop(const std::string& text, std::size_t fresh,
                      const std::vector<std::string>& stops) {
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops) {
    const std::size_t reach = fresh + stop.size() - 1;
    first = std::min(first, text.find(stop, text.size() > reach ? text.size() - reach : 0));
  }
  return first;
}

} // namespace

void check_generation(const Generation& generation, const Decoder& decoder) {
  if (generation.prompt.empty())
    refuse("the prompt has no token", "prompt", "give it some text");
  const auto size = static_cast<std::int64_t>(generation.prompt.size());
  if (size >= decoder.positions_max())
    refuse(fmt::format("the prompt has {} tokens; allowed: at most {}", size,
                       decoder.positions_max() - 1),
           "prompt", "shorten it, or choose a model with more positions");
  for (const TokenId id : generation.prompt)
    if (id < 0 || id >= decoder.vocabulary())
      refuse(fmt::format("the prompt has token {}; allowed: 0 to {}", id, decoder.vocabulary() - 1),
             "prompt", "tokenizer and weights are of different models: fetch both");
  if (generation.tokens_max < 1 || generation.samples < 1)
    refuse(fmt::format("{} tokens of {} samples; allowed: 1 and more of both",
                       generation.tokens_max, generation.samples),
           "generation", "ask for at least one");
}

Scheduler::Scheduler(Decoder& decoder, const Tokenizer& tokenizer, std::int64_t slots_max)
    : decoder_(decoder), tokenizer_(tokenizer), slots_max_(slots_max) {}

void Scheduler::add(Generation generation, Watch watch) {
  check_generation(generation, decoder_);
  const auto job = std::make_shared<const Job>(Job{std::move(generation), std::move(watch)});
  for (std::int64_t sample = 0; sample < job->wanted.samples; ++sample)
    waiting_.push_back({job, sample});
}

bool Scheduler::step() {
  admit();
  if (running_.empty())
    return false;
  last_ids_.clear();
  for (const Running& each : running_)
    last_ids_.push_back(each.answer.ids.back());
  const auto logits = decoder_.decode(last_ids_);
  const auto width = static_cast<std::size_t>(decoder_.vocabulary());
  for (std::size_t slot = 0; slot < running_.size(); ++slot)
    append(running_[slot], logits.subspan(slot * width, width));
  leave_finished(0);
  return true;
}

void Scheduler::cancel() {
  Answer ended;
  ended.finish_reason = "cancelled";
  const auto waiting = std::exchange(waiting_, {});
  auto running = std::exchange(running_, {});
  for (Running& each : running) {
    each.answer.finish_reason = "cancelled";
    each.place.job->watch(each.place.sample, each.answer);
  }
  for (const Place& each : waiting)
    each.job->watch(each.sample, ended);
}

/// Fills free slots. Answers of one generation that start together share one prefill.
void Scheduler::admit() {
  while (!waiting_.empty() && running() < slots_max_) {
    const Place next = waiting_.front();
    if (next.job->watch(next.sample, {})) {
      start_group(next.job);
      continue;
    }
    waiting_.pop_front();
    Answer ended;
    ended.finish_reason = "cancelled";
    next.job->watch(next.sample, ended);
  }
}

void Scheduler::start_group(const std::shared_ptr<const Job>& job) {
  const std::int64_t source = running();
  const auto logits = decoder_.prefill(source, job->wanted.prompt);
  first_logits_.assign(logits.begin(), logits.end());
  while (!waiting_.empty() && waiting_.front().job == job && running() < slots_max_) {
    if (running() != source)
      decoder_.copy_slot(source, running());
    const Place place = waiting_.front();
    waiting_.pop_front();
    start(place);
  }
  leave_finished(source);
}

void Scheduler::start(const Place& place) {
  const Generation& wanted = place.job->wanted;
  const auto room = decoder_.positions_max() - static_cast<std::int64_t>(wanted.prompt.size());
  running_.push_back(
      {place,
       {},
       Rng(wanted.sampling.seed).child("sample", static_cast<std::uint64_t>(place.sample)),
       std::min(room, wanted.tokens_max)});
  append(running_.back(), first_logits_);
}

/// The next token of an answer, and whether it was the last.
void Scheduler::append(Running& running, std::span<const float> logits) {
  const Generation& wanted = running.place.job->wanted;
  Answer& answer = running.answer;
  // Ids behind the tokenizer's last are padding of the matrix: they stand for nothing.
  const auto known =
      static_cast<std::size_t>(std::min<std::int64_t>(tokenizer_.size(), decoder_.vocabulary()));
  const TokenId id = sample(logits.first(known), wanted.sampling, running.rng);
  answer.ids.push_back(id);
  if (wanted.logprobs)
    answer.logprobs.push_back(logprob(logits, wanted.sampling.temperature, id));
  if (wanted.top_logprobs > 0)
    answer.top.push_back(
        most_likely(logits.first(known), wanted.sampling.temperature, wanted.top_logprobs));
  --running.room;
  extend_text(running, id);
  if (!running.place.job->watch(running.place.sample, answer) && answer.finish_reason.empty()) {
    answer.finish_reason = "cancelled";
    running.place.job->watch(running.place.sample, answer);
  }
}

void Scheduler::extend_text(Running& running, TokenId id) {
  const Generation& wanted = running.place.job->wanted;
  Answer& answer = running.answer;
  if (is_end(wanted, id)) {
    answer.finish_reason = "stop";
    return;
  }
  std::string piece = tokenizer_.bytes_of(id, true);
  if (!running.began && !piece.empty()) {
    running.began = true;
    if (tokenizer_.strips_first_space() && piece.front() == ' ')
      piece.erase(0, 1);
  }
  answer.text += piece;
  if (const auto at = find_stop(answer.text, piece.size(), wanted.stops); at != std::string::npos) {
    answer.text.resize(at);
    answer.finish_reason = "stop";
  } else if (running.room == 0) {
    answer.finish_reason = "length";
  }
}

/// Answers from slot `from` on that have ended leave; the last one moves into the hole.
void Scheduler::leave_finished(std::int64_t from) {
  for (std::int64_t slot = running(); slot-- > from;) {
    Running& ended = running_[static_cast<std::size_t>(slot)];
    if (ended.answer.finish_reason.empty())
      continue;
    if (slot + 1 < running()) {
      decoder_.copy_slot(running() - 1, slot);
      ended = std::move(running_.back());
    }
    running_.pop_back();
  }
}

} // namespace quill::model
