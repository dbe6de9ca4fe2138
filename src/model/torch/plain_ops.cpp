#include "model/torch/plain_ops.hpp"

#include <ATen/ATen.h>

#include "model/torch/normal_float.hpp"

namespace quill::model::plain {

torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
  if (x.scalar_type() == torch::kFloat32)
    return at::rms_norm(x, {x.size(-1)}, weight, epsilon);
  const auto wide = x.to(torch::kFloat32);
  const auto scale = wide.square().mean(-1, true).add(epsilon).rsqrt();
  return weight * (wide * scale).to(x.scalar_type());
}

Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta, const torch::Tensor& weight,
                double epsilon) {
  const auto sum = x + delta;
  return {sum, norm(sum, weight, epsilon)};
}

torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                      const torch::Tensor& sines) {
  const auto halves = x.chunk(2, -1);
  return x * cosines + at::cat({halves[1].neg(), halves[0]}, -1) * sines;
}

torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up) {
  return at::silu(gate) * up;
}

torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count, torch::ScalarType type) {
  const auto scales = nf4_scales(matrix);
  const auto codes = at::stack({matrix.codes.div(16, "floor"), matrix.codes.remainder(16)}, 1);
  const auto values =
      normal_float().to(codes.device()).index_select(0, codes.view(-1).to(torch::kInt64));
  return scaled_back(values.slice(0, 0, count), scales, matrix.block).to(type);
}

namespace {

/// (B, 1, 1, T): which place each new token sees.
torch::Tensor visible(const torch::Tensor& positions, std::int64_t length, std::int64_t window) {
  const auto times = torch::arange(length, positions.options()).unsqueeze(0); // (1, T)
  const auto last = positions.unsqueeze(1);                                   // (B, 1)
  auto seen = times <= last;
  if (window > 0)
    seen = seen.logical_and(times > last - window);
  return seen.unsqueeze(1).unsqueeze(1);
}

} // namespace

torch::Tensor decode_attention(const torch::Tensor& queries, const torch::Tensor& keys,
                               const torch::Tensor& values, CacheView& cache) {
  const std::int64_t B = queries.size(0), K = keys.size(1), C = queries.size(2);
  const auto rows = torch::arange(B, cache.positions.options());
  cache.keys.index_put_({rows, torch::indexing::Slice(), cache.positions}, keys);
  cache.values.index_put_({rows, torch::indexing::Slice(), cache.positions}, values);
  const auto grouped = queries.reshape({B, K, queries.size(1) / K, C}); // (B, K, G, C)
  const auto mask = visible(cache.positions, cache.keys.size(2), cache.window);
  return at::scaled_dot_product_attention(grouped, cache.keys.narrow(0, 0, B),
                                          cache.values.narrow(0, 0, B), mask)
      .reshape({B, -1});
}

} // namespace quill::model::plain
