#include "quill/model/generate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "model/sampler.hpp"
#include "quill/core/cancel.hpp"

namespace quill::model {

namespace {

/// Where an answer goes and what it is drawn with.
struct Place {
  std::size_t generation;
  std::int64_t sample;
};

/// An answer that is being written. Its slot is its index among those.
struct Running {
  const Generation* wanted;
  Answer* answer;
  Rng rng;
  std::int64_t room; ///< tokens that may still come
};

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

class Scheduler {
 public:
  Scheduler(Decoder& decoder, const Tokenizer& tokenizer,
            const std::vector<Generation>& generations, std::int64_t slots_max)
      : decoder_(decoder), tokenizer_(tokenizer), generations_(generations), slots_max_(slots_max) {
    for (const Generation& each : generations)
      answers_.emplace_back(static_cast<std::size_t>(each.samples));
    for (std::size_t g = generations.size(); g-- > 0;)
      for (std::int64_t s = generations[g].samples; s-- > 0;)
        waiting_.push_back({g, s}); // the first is at the back
  }

  std::vector<std::vector<Answer>> run(const Cancel& cancel) {
    while (!waiting_.empty() || !running_.empty()) {
      if (cancel.requested()) {
        for (const Running& each : running_)
          each.answer->finish_reason = "cancelled";
        for (const Place& each : waiting_)
          answer_of(each).finish_reason = "cancelled";
        break;
      }
      admit();
      step();
    }
    return std::move(answers_);
  }

 private:
  Answer& answer_of(const Place& place) {
    return answers_[place.generation][static_cast<std::size_t>(place.sample)];
  }

  [[nodiscard]] std::int64_t slots() const { return static_cast<std::int64_t>(running_.size()); }

  /// Fills free slots. Answers of one generation that start together share one prefill.
  void admit() {
    while (!waiting_.empty() && slots() < slots_max_) {
      const std::size_t g = waiting_.back().generation;
      const Generation& wanted = generations_[g];
      const auto logits = decoder_.prefill(slots(), wanted.prompt);
      first_logits_.assign(logits.begin(), logits.end());
      const std::int64_t source = slots();
      while (!waiting_.empty() && waiting_.back().generation == g && slots() < slots_max_) {
        if (slots() != source)
          decoder_.copy_slot(source, slots());
        start(waiting_.back());
        waiting_.pop_back();
      }
      leave_finished(source);
    }
  }

  void start(const Place& place) {
    const Generation& wanted = generations_[place.generation];
    const auto room = decoder_.positions_max() - static_cast<std::int64_t>(wanted.prompt.size());
    running_.push_back(
        {&wanted, &answer_of(place),
         Rng(wanted.sampling.seed).child("sample", static_cast<std::uint64_t>(place.sample)),
         std::min(room, wanted.tokens_max)});
    append(running_.back(), first_logits_);
  }

  void step() {
    if (running_.empty())
      return;
    last_ids_.clear();
    for (const Running& each : running_)
      last_ids_.push_back(each.answer->ids.back());
    const auto logits = decoder_.decode(last_ids_);
    const auto width = static_cast<std::size_t>(decoder_.vocabulary());
    for (std::size_t slot = 0; slot < running_.size(); ++slot)
      append(running_[slot], logits.subspan(slot * width, width));
    leave_finished(0);
  }

  /// The next token of an answer, and whether it was the last.
  void append(Running& running, std::span<const float> logits) {
    const Generation& wanted = *running.wanted;
    Answer& answer = *running.answer;
    // Ids behind the tokenizer's last are padding of the matrix: they stand for nothing.
    const auto known =
        static_cast<std::size_t>(std::min<std::int64_t>(tokenizer_.size(), decoder_.vocabulary()));
    const TokenId id = sample(logits.first(known), wanted.sampling, running.rng);
    answer.ids.push_back(id);
    if (wanted.logprobs)
      answer.logprobs.push_back(logprob(logits, wanted.sampling.temperature, id));
    --running.room;
    if (is_end(wanted, id)) {
      answer.finish_reason = "stop";
      return;
    }
    const std::string piece = tokenizer_.decode({&id, 1}, true);
    answer.text += piece;
    if (const auto at = find_stop(answer.text, piece.size(), wanted.stops);
        at != std::string::npos) {
      answer.text.resize(at);
      answer.finish_reason = "stop";
    } else if (running.room == 0) {
      answer.finish_reason = "length";
    }
  }

  /// Answers from slot `from` on that have ended leave; the last one moves into the hole.
  void leave_finished(std::int64_t from) {
    for (std::int64_t slot = slots(); slot-- > from;) {
      Running& ended = running_[static_cast<std::size_t>(slot)];
      if (ended.answer->finish_reason.empty())
        continue;
      if (slot + 1 < slots()) {
        decoder_.copy_slot(slots() - 1, slot);
        ended = std::move(running_.back());
      }
      running_.pop_back();
    }
  }

  Decoder& decoder_;
  const Tokenizer& tokenizer_;
  const std::vector<Generation>& generations_;
  std::int64_t slots_max_;
  std::vector<std::vector<Answer>> answers_;
  std::vector<Place> waiting_;
  std::vector<Running> running_;
  std::vector<float> first_logits_;
  std::vector<TokenId> last_ids_;
};

void check(const Generation& generation, const Decoder& decoder) {
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

} // namespace

std::vector<std::vector<Answer>> generate(Decoder& decoder, const Tokenizer& tokenizer,
                                          const std::vector<Generation>& generations,
                                          std::int64_t slots_max, const Cancel& cancel) {
  for (const Generation& each : generations)
    check(each, decoder);
  return Scheduler(decoder, tokenizer, generations, slots_max).run(cancel);
}

} // namespace quill::model
