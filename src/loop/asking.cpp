#include "loop/asking.hpp"

#include <chrono>

#include <fmt/format.h>

#include "quill/core/log.hpp"

namespace quill::loop {

Asking::Asking(store::Run& run, Proposer& proposer, const Cancel& cancel, Clock& clock,
               std::int64_t concurrency)
    : run_(run), proposer_(proposer), cancel_(cancel), clock_(clock) {
  if (concurrency > 1)
    pool_ = std::make_unique<ThreadPool>(static_cast<std::size_t>(concurrency));
}

Asking::~Asking() {
  stopping_ = true;
  if (cancel_.requested())
    say_what_is_finished();
}

void Asking::plan(const Ask& ask) {
  rounds_.push_back({ask, proposer_.questions(ask), {}});
}

void Asking::send() {
  for (Round& round : rounds_)
    if (round.answers.empty())
      for (const Question& question : round.questions)
        round.answers.push_back(sent(question, round.ask));
}

std::future<Asking::Answer> Asking::sent(const Question& question, const Ask& ask) {
  const auto task = [this, &question, &ask] {
    return this->ask(question, ask.iteration, [&] { return proposer_.answer(question, ask); });
  };
  return pool_ ? pool_->submit(task) : std::async(std::launch::deferred, task);
}

std::optional<Asking::Answers> Asking::take() {
  QUILL_CHECK(!rounds_.empty(), "no iteration was planned");
  Round& round = rounds_.front();
  Answers answers{round.ask, {}};
  for (auto& future : round.answers) {
    const Answer answer = wait_for(future);
    if (!answer) {
      throw_failure();
      return std::nullopt;
    }
    answers.offers.push_back(proposer_.read(*answer));
  }
  rounds_.pop_front();
  return answers;
}

Asking::Answer Asking::wait_for(std::future<Answer>& answer) {
  constexpr std::chrono::milliseconds kLook{50};
  while (answer.wait_for(kLook) == std::future_status::timeout)
    if (cancel_.requested())
      say_what_is_finished();
  return answer.get();
}

void Asking::say_what_is_finished() {
  const std::int64_t count = in_flight_;
  if (count > 0 && !said_.exchange(true))
    log_info(fmt::format("stopping: {} question{} in flight {} finished and stored first; Ctrl-C "
                         "again leaves at once",
                         count, count == 1 ? "" : "s", count == 1 ? "is" : "are"));
}

/// Nothing is asked twice, and nothing after a stop.
std::optional<store::Response> Asking::ask(const Question& question, std::int64_t iteration,
                                           const Send& send) {
  if (auto known = run_.response(question.key))
    return known;
  if (stopping_ || cancel_.requested())
    return std::nullopt;
  const store::Call call = run_.intend(question.key, iteration, question.request);
  ++in_flight_;
  const Answer answer = answered(send);
  if (answer)
    run_.put_response(call, *answer);
  --in_flight_;
  return answer;
}

/// nullopt when a stop was asked while waiting, the budget is reached, or it failed for good.
Asking::Answer Asking::answered(const Send& send) {
  try {
    return send();
  } catch (const Error& error) {
    run_.put_event(clock_.utc(), "no answer", error.text().what);
    if (cancel_.requested() && error.exit() == cancel_.exit())
      return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (error.exit() == Exit::budget)
      budget_ = error.text();
    else
      failure_ = std::current_exception();
    stopping_ = true;
    return std::nullopt;
  }
}

/// A question that was not sent for another's failure is met before that one.
void Asking::throw_failure() const {
  const std::lock_guard lock(mutex_);
  if (failure_)
    std::rethrow_exception(failure_);
}

std::optional<ErrorText> Asking::budget_reached() const {
  const std::lock_guard lock(mutex_);
  return budget_;
}

} // namespace quill::loop
