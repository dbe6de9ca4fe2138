// From a row of logits to one token.
#pragma once

#include <cmath>
#include <span>

#include "quill/core/random.hpp"
#include "quill/model/generate.hpp"

namespace quill::model {

/// \throws Error{usage} when the logits hold no finite number: the weights are damaged
[[nodiscard]] TokenId sample(std::span<const float> logits, const Sampling& sampling, Rng& rng);

/// log softmax(logits / temperature)[id]; temperature 0 counts as 1.
[[nodiscard]] float logprob(std::span<const float> logits, double temperature, TokenId id);

/// The `count` most likely tokens, the first of equals first, with logprob() of each.
[[nodiscard]] std::vector<TokenLogprob> most_likely(std::span<const float> logits,
                                                    double temperature, std::int64_t count);

} // namespace quill::model
