#include "model/torch/ops.hpp"

#include "model/kernels/launch.hpp"

#ifdef QUILL_CUDA
#include "model/kernels/kernel_ops.hpp"
#endif

namespace quill::model::ops {

namespace {

#ifdef QUILL_CUDA
namespace fast = kernel;
constexpr bool kBuilt = true;
#else
namespace fast = plain; // which is never reached: nothing is on a GPU
constexpr bool kBuilt = false;
#endif

constexpr std::int64_t kEight = 8;

bool takes(torch::ScalarType type) {
  return type == torch::kFloat32 || type == torch::kBFloat16;
}

/// Whether a kernel can work on `x`.
bool takes(const torch::Tensor& x) {
  return kBuilt && x.is_cuda() && takes(x.scalar_type()) && x.is_contiguous();
}

bool takes(const torch::Tensor& x, const torch::Tensor& y) {
  return takes(x) && takes(y) && x.scalar_type() == y.scalar_type();
}

} // namespace

torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
  const bool fits = takes(x, weight) && x.size(-1) % kEight == 0;
  return fits ? fast::norm(x, weight, epsilon) : plain::norm(x, weight, epsilon);
}

Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta, const torch::Tensor& weight,
                double epsilon) {
  const bool fits = takes(x, weight) && takes(x, delta) && x.size(-1) % kEight == 0;
  return fits ? fast::add_norm(x, delta, weight, epsilon)
              : plain::add_norm(x, delta, weight, epsilon);
}

torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                      const torch::Tensor& sines) {
  const bool fits = takes(x, cosines) && takes(sines);
  return fits ? fast::rotated(x, cosines, sines) : plain::rotated(x, cosines, sines);
}

torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up) {
  const bool fits = takes(gate, up) && gate.numel() % kEight == 0;
  return fits ? fast::swiglu(gate, up) : plain::swiglu(gate, up);
}

torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count, torch::ScalarType type) {
  const bool fits = kBuilt && matrix.codes.is_cuda() && takes(type) && matrix.block % 2 == 0;
  return fits ? fast::nf4_values(matrix, count, type) : plain::nf4_values(matrix, count, type);
}

torch::Tensor decode_attention(const torch::Tensor& queries, const torch::Tensor& keys,
                               const torch::Tensor& values, plain::CacheView& cache) {
  const bool fits = takes(queries, keys) && takes(values) && takes(cache.keys, keys) &&
                    kernels::takes_heads(queries.size(1), keys.size(1), queries.size(2));
  return fits ? fast::decode_attention(queries, keys, values, cache)
              : plain::decode_attention(queries, keys, values, cache);
}

} // namespace quill::model::ops
