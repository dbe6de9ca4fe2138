// A linear map with a low-rank part that is being trained.
#pragma once

#include "quill/model/network.hpp"

namespace quill::model {

/// `linear.apply(x)` as one node of the gradient's graph: x is kept once for both parts, the frozen
/// weight and bias get no gradient, and what dropout left out is drawn again, not kept.
/// x (N, in) → (N, out)
[[nodiscard]] torch::Tensor trained_low_rank(const Linear& linear, const torch::Tensor& x);

/// x Wᵀ + b of a packed weight, which is unpacked for the product and again for the gradient of x.
[[nodiscard]] torch::Tensor unpacked_product(const Linear& linear, const torch::Tensor& x);

} // namespace quill::model
