// The loss of supervised fine-tuning: cross-entropy of the answers' tokens.
#pragma once

#include "quill/train/loss.hpp"

namespace quill::train {

/// − Σ log p(target) / denominator, with p = softmax(rows outputᵀ). Logits exist for a chunk of
/// rows at a time, and never twice: the gradients are made with the value (as in Liger Kernel's
/// fused linear cross-entropy, arXiv:2410.10989, ops/fused_linear_cross_entropy.py; departure: the
/// softmax stays unnormalised and is divided after the product).
///   rows     (R, D)  hidden states of the tokens before the targets
///   output   (V, D)  of the type of `rows`
///   targets  (R)     int64
///   denominator      answer tokens of the whole step, so that batches of any size add up
///   chunk_bytes      of float32 logits at a time
[[nodiscard]] Loss sft_loss(const torch::Tensor& rows, const torch::Tensor& output,
                            const torch::Tensor& targets, double denominator,
                            std::int64_t chunk_bytes = std::int64_t{16} << 20U);

} // namespace quill::train
