// Answers written together: what is added while others are being written joins them at the next
// step (continuous batching, Yu et al. 2022, "Orca").
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "quill/model/generate.hpp"

namespace quill::model {

/// Sees one sample of a generation grow: before its prompt is read (no ids yet), after each token,
/// and when it has ended (finish_reason is set; then never again). False ends it as "cancelled".
using Watch = std::function<bool(std::int64_t sample, const Answer& answer)>;

/// \throws Error{usage} for an empty prompt, one that leaves no room, or no answer wanted
void check_generation(const Generation& generation, const Decoder& decoder);

/// Not thread-safe: one thread adds and steps; watches are called inside those calls. Decoder and
/// tokenizer must outlive it.
class Scheduler {
 public:
  /// At most `slots_max` answers are decoded at a time.
  Scheduler(Decoder& decoder, const Tokenizer& tokenizer, std::int64_t slots_max);

  /// First come, first served. \throws Error{usage} as check_generation() does
  void add(Generation generation, Watch watch);
  /// Fills free slots, then writes one token of each answer. False when there is nothing to do.
  /// \throws Error{usage} when the network's output holds no number
  bool step();
  /// Everything that has not ended ends as "cancelled".
  void cancel();

  [[nodiscard]] std::int64_t running() const { return static_cast<std::int64_t>(running_.size()); }
  [[nodiscard]] std::int64_t waiting() const { return static_cast<std::int64_t>(waiting_.size()); }

 private:
  struct Job {
    Generation wanted;
    Watch watch;
  };
  struct Place {
    std::shared_ptr<const Job> job;
    std::int64_t sample;
  };
  /// An answer that is being written. Its slot is its index among those.
  struct Running {
    Place place;
    Answer answer;
    Rng rng;
    std::int64_t room;  ///< tokens that may still come
    bool began = false; ///< its text has begun: a space is a space from here on
  };

  void admit();
  void start_group(const std::shared_ptr<const Job>& job);
  void start(const Place& place);
  void append(Running& running, std::span<const float> logits);
  void extend_text(Running& running, TokenId id);
  void leave_finished(std::int64_t from);

  Decoder& decoder_;
  const Tokenizer& tokenizer_;
  std::int64_t slots_max_;
  std::deque<Place> waiting_;
  std::vector<Running> running_;
  std::vector<float> first_logits_;
  std::vector<TokenId> last_ids_;
};

} // namespace quill::model
