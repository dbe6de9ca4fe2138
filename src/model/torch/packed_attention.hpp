// Attention of many sequences that lie one after the other, each to itself.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace quill::model {

/// Sequences of about the same length go through one call, side by side. Shorter ones are filled up
/// at their end, where under a causal mask no token of theirs looks; so each gets what it would get
/// alone. On a GPU in bfloat16 all go through one call of flash attention (Dao 2023,
/// arXiv:2307.08691), which knows where each begins and fills nothing up.
class PackedAttention {
 public:
  /// `ends` as in Packed; tensors will be on `device`.
  PackedAttention(const std::vector<std::int64_t>& ends, torch::Device device);
  /// q (N, H, C), k and v (N, K, C) → (N, H * C)
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& q, const torch::Tensor& k,
                                         const torch::Tensor& v) const;

 private:
  struct Group {
    std::int64_t sequences = 0, length = 0;
  };
  std::vector<Group> groups_;
  torch::Tensor rows_; ///< (P): the packed row at each place of the groups; undefined: as they are
  torch::Tensor places_;     ///< (N): the place of each packed row
  torch::Tensor real_;       ///< (P, 1): 0 at fillers; undefined when there are none
  torch::Tensor cumulative_; ///< on a GPU (sequences + 1) int32: where each begins, and N
  std::int64_t longest_ = 0;
};

} // namespace quill::model
