// Questions under way: many at a time, each intent on disk before it is sent and each raw answer
// before anybody reads it. In which order answers arrive changes nothing: they are taken in the
// order of the questions.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "loop/proposer.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/thread_pool.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

class Asking {
 public:
  /// At most `concurrency` questions are in flight; with 1 they are asked on the caller's own
  /// thread, when their answers are wanted. References must outlive it.
  Asking(store::Run& run, Proposer& proposer, const Cancel& cancel, Clock& clock,
         std::int64_t concurrency);
  /// What is in flight is waited for and stored; what is not yet sent never is.
  ~Asking();
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  /// Lays the questions of an iteration ready, as things stand now. Iterations come in order.
  void plan(const Ask& ask);
  /// Sends what was laid ready.
  void send();

  struct Answers {
    Ask ask;
    std::vector<Offers> offers; ///< one a question, in their order
  };
  /// Of the oldest iteration that was planned. nullopt when a stop was asked or the budget is
  /// reached. \throws Error as Proposer::answer does
  [[nodiscard]] std::optional<Answers> take();

  /// One question outside the plan, on the caller's own thread, by the same rules: nothing is asked
  /// twice, intent and raw answer are on disk. nullopt as above.
  using Send = std::function<store::Response()>;
  [[nodiscard]] std::optional<store::Response> ask(const Question& question, std::int64_t iteration,
                                                   const Send& send);

  /// Why the budget ended the run, if it did.
  [[nodiscard]] std::optional<ErrorText> budget_reached() const;

 private:
  using Answer = std::optional<store::Response>;
  struct Round {
    Ask ask;
    std::vector<Question> questions;
    std::vector<std::future<Answer>> answers; ///< empty until sent
  };

  std::future<Answer> sent(const Question& question, const Ask& ask);
  Answer answered(const Send& send);
  Answer wait_for(std::future<Answer>& answer);
  void throw_failure() const;
  void say_what_is_finished();

  store::Run& run_;
  Proposer& proposer_;
  const Cancel& cancel_;
  Clock& clock_;
  std::atomic<bool> stopping_{false}; ///< one failed for good, or the run ends
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<bool> said_{false};
  mutable std::mutex mutex_;
  std::optional<ErrorText> budget_;
  std::exception_ptr failure_;
  std::deque<Round> rounds_;         ///< a deque: tasks refer to its elements
  std::unique_ptr<ThreadPool> pool_; ///< last: its threads use all of the above
};

} // namespace quill::loop
