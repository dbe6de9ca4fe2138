// From prompts to answers: prefill once a prompt, decode all answers together, sample, stop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quill/core/random.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill {
class Cancel;
} // namespace quill

namespace quill::model {

/// A network with a cache of keys and values, one slot a sequence. Slots in use are 0 to n - 1.
class Decoder {
 public:
  virtual ~Decoder() = default;
  [[nodiscard]] virtual std::int64_t vocabulary() const = 0;
  /// Most tokens of a sequence, prompt and answer together.
  [[nodiscard]] virtual std::int64_t positions_max() const = 0;
  /// Empties `slot`, reads `ids` into it and returns the logits of what follows, until the next
  /// call.
  virtual std::span<const float> prefill(std::int64_t slot, std::span<const TokenId> ids) = 0;
  /// `to` becomes what `from` is.
  virtual void copy_slot(std::int64_t from, std::int64_t to) = 0;
  /// Appends ids[i] to slot i and returns the logits of what follows: ids.size() rows of
  /// vocabulary(), until the next call.
  virtual std::span<const float> decode(std::span<const TokenId> ids) = 0;
};

/// What a network calculates in.
struct Arithmetic {
  std::string dtype = "auto"; ///< auto (the files' own) | float32 | bfloat16 | nf4
  std::int64_t threads = 0;   ///< 0: as many as there are cores
  std::string device =
      "auto"; ///< auto (a GPU where this build and machine have one) | cpu | cuda[:n]
};
/// The network of a model's folder, with the adapter of a PEFT folder over it unless that is empty.
/// Only where LibTorch is linked (quill-torch).
/// \throws Error{usage} for files that are damaged or do not fit each other
[[nodiscard]] std::unique_ptr<Decoder> open_decoder(const std::filesystem::path& folder,
                                                    const std::filesystem::path& adapter,
                                                    const Arithmetic& arithmetic);

/// How the next token is chosen. Temperature first, then top_k, top_p of what is left, min_p.
struct Sampling {
  double temperature = 0; ///< 0: the most likely token
  std::int64_t top_k = 0; ///< 0: no limit
  double top_p = 1;
  double min_p = 0; ///< least probability as a share of the largest
  std::uint64_t seed = 0;
};

struct Generation {
  std::vector<TokenId> prompt;
  std::int64_t tokens_max = 256;
  std::int64_t samples = 1; ///< each has its own random stream of the seed
  Sampling sampling;
  std::vector<TokenId> end_tokens; ///< kept in ids, not in text
  std::vector<std::string> stops;  ///< the answer's text ends before the first of these
  bool logprobs = false;
  std::int64_t top_logprobs = 0; ///< so many of the most likely tokens at each place, too
};

/// A token and its log-probability.
struct TokenLogprob {
  TokenId id;
  float logprob;
};

struct Answer {
  std::vector<TokenId> ids;
  std::string text;
  std::string finish_reason; ///< stop | length | cancelled
  /// Of each id under softmax(logits / temperature), before top_k, top_p and min_p (temperature 0:
  /// of the logits); empty when not asked for.
  std::vector<float> logprobs;
  std::vector<std::vector<TokenLogprob>> top; ///< of each id's place, the most likely first
};

/// Answers of one generation, in the order of its samples. `slots_max` answers are decoded at a
/// time. `on_answer` is called as each one ends.
/// \throws Error{usage} for an empty prompt or one that leaves no room
[[nodiscard]] std::vector<std::vector<Answer>>
generate(Decoder& decoder, const Tokenizer& tokenizer, const std::vector<Generation>& generations,
         std::int64_t slots_max, const Cancel& cancel, const std::function<void()>& on_answer = {});

} // namespace quill::model
