// What training takes of a machine, by the shape of the model alone: arithmetic and memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quill/model/config.hpp"
#include "quill/train/config.hpp"

namespace quill::train {

/// What goes through the network together.
struct Load {
  double tokens = 0;
  double squares = 0;   ///< Σ length² over the sequences: what attention multiplies
  double loss_rows = 0; ///< tokens that the loss looks at
};

/// Multiplications and additions of forward and backward pass, two for each product that is added
/// up: 2 N a token forward, 2 N for the gradient of the activations, and 2 N more where weights are
/// trained (Kaplan et al. 2020, arXiv:2001.08361, 2.1). What is calculated a second time to save
/// memory does not count.
[[nodiscard]] double operations(const model::Shape& shape, const TraineeConfig& config,
                                const Load& load);

/// Numbers that are trained: those of the low-rank parts, or all.
[[nodiscard]] std::int64_t trained_parameters(const model::Shape& shape,
                                              const TraineeConfig& config);

/// Bytes at the worst moment of a run.
struct MemoryNeed {
  std::int64_t weights = 0;     ///< of the network, in the type of the arithmetic
  std::int64_t trained = 0;     ///< what is trained: gradients and moments too
  std::int64_t activations = 0; ///< kept for the gradient
  std::int64_t rest = 0;        ///< intermediate results, logits, the program itself
  [[nodiscard]] std::int64_t total() const { return weights + trained + activations + rest; }
};

/// For batches of at most `tokens`.
[[nodiscard]] MemoryNeed memory_need(const model::Shape& shape, const TraineeConfig& config,
                                     std::int64_t tokens);

/// How a recipe forms its batches.
struct BatchDemand {
  std::vector<std::int64_t> lengths; ///< of the sequences
  std::int64_t batch = 1, accumulate = 1, length_max = 1024;
  bool packed = false;
  /// Tokens of the largest batch that can come.
  [[nodiscard]] std::int64_t tokens_max() const;
};

/// \throws Error{usage} when more than `available` bytes are needed, naming the options that would
/// make it fit, or how much memory would
void require_memory(const model::Shape& shape, const TraineeConfig& config,
                    const BatchDemand& demand, std::int64_t available);

} // namespace quill::train
