// Weights in four bits: NormalFloat with double quantisation (Dettmers et al. 2023, "QLoRA",
// arXiv:2305.14314). Codes and scales are bitsandbytes' (0.50), bit by bit, on the CPU.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace quill::model {

/// A matrix of NF4 codes. With double quantisation the scale of block i is
/// nested_map[scales[i]] · nested_scales[i / nested_block] + nested_offset.
struct Nf4Matrix {
  std::vector<std::int64_t> shape;
  std::int64_t block = 64;     ///< values that share one scale
  torch::Tensor codes;         ///< (count / 2) uint8: two a byte, the first in the upper half
  torch::Tensor scales;        ///< (blocks) float32, or uint8 with double quantisation
  torch::Tensor nested_scales; ///< float32, or undefined
  torch::Tensor nested_map;    ///< (256) float32, or undefined
  std::int64_t nested_block = 256;
  float nested_offset = 0;
};

/// `weight` (any float type) in blocks of 64; with `nested` its scales in 8 bits, 256 to a scale.
[[nodiscard]] Nf4Matrix nf4_of(const torch::Tensor& weight, bool nested);
/// Values in `type`; calculated in float32.
[[nodiscard]] torch::Tensor values_of(const Nf4Matrix& matrix, torch::ScalarType type);

/// The 256 values of bitsandbytes' signed dynamic map, ascending (Dettmers 2015, arXiv:1511.04561).
[[nodiscard]] torch::Tensor dynamic_map();

} // namespace quill::model
