// A thread that writes the answers of everyone who asks, together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "quill/core/error.hpp"
#include "quill/model/scheduler.hpp"

namespace quill::model {

/// Thread-safe, but watches are called on its own thread and must not wait for it.
class Generator {
 public:
  /// `tokenizer` must outlive it. At most `slots_max` answers are decoded at a time.
  Generator(std::unique_ptr<Decoder> decoder, const Tokenizer& tokenizer, std::int64_t slots_max);
  /// What has not ended ends as "cancelled".
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// Returns at once. \throws Error{usage} for a prompt that cannot be read, or once the network's
  /// output held no number
  void submit(Generation generation, Watch watch);
  /// Most tokens of a prompt.
  [[nodiscard]] std::int64_t prompt_max() const { return decoder_->positions_max() - 1; }

  struct Counts {
    std::int64_t running = 0, waiting = 0; ///< answers, now
    std::int64_t answers = 0, tokens = 0;  ///< ended, written, since it began
    std::int64_t prompts = 0, prompt_tokens = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Submitted {
    Generation generation;
    Watch watch;
  };
  void run();
  bool take_submitted();
  void add(Submitted submitted);
  void write();
  void end_all();

  std::unique_ptr<Decoder> decoder_;
  Scheduler scheduler_; ///< the thread's
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Submitted> submitted_;
  std::optional<Error> broken_;
  bool closing_ = false;
  Counts counts_;
  std::thread thread_;
};

} // namespace quill::model
