// What a network thinks of the tokens that were written.
#pragma once

#include "quill/train/loss.hpp"

namespace quill::train {

struct TokenLogprobs {
  torch::Tensor values;    ///< (R) float32, with a gradient
  torch::Tensor entropies; ///< (R) float32, nats; without one
};

/// log softmax(rows outputᵀ / temperature)[target]. Logits exist for a chunk of rows at a time; the
/// gradient calculates them again.
///   rows     (R, D)  hidden states of the tokens before the targets
///   output   (V, D)  of the type of `rows`
///   targets  (R)     int64
///   temperature > 0  as the sampler had it
///   chunk_bytes      of float32 logits at a time
[[nodiscard]] TokenLogprobs token_logprobs(const torch::Tensor& rows, const torch::Tensor& output,
                                           const torch::Tensor& targets, double temperature,
                                           std::int64_t chunk_bytes = std::int64_t{16} << 20U);

} // namespace quill::train
