#include "model/skinny.hpp"

#include "model/skinny_kernel.hpp"

namespace quill::model {

namespace {

void plain_product(const Product& p) {
  for (std::int64_t n = p.begin; n < p.end; ++n)
    for (std::int64_t m = 0; m < p.rows; ++m) {
      float sum = 0;
      for (std::int64_t k = 0; k < p.width; ++k)
        sum += p.x[m * p.width + k] * p.w[n * p.width + k];
      p.y[m * p.stride + n] = sum;
    }
}

void plain_weighted(const WeightedRows& p) {
  for (std::int64_t c = 0; c < p.width; ++c) {
    float sum = 0;
    for (std::int64_t t = 0; t < p.rows; ++t)
      sum += p.weights[t] * p.v[t * p.width + c];
    p.y[c] = sum;
  }
}

SkinnyKernels choose_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return skinny_avx512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return skinny_avx2();
#endif
  return {plain_product, plain_weighted};
}

const SkinnyKernels& kernels() {
  static const SkinnyKernels chosen = choose_kernels();
  return chosen;
}

} // namespace

void skinny_product(const float* x, std::int64_t rows, const float* w, std::int64_t width,
                    std::int64_t begin, std::int64_t end, float* y, std::int64_t stride) {
  kernels().product({x, rows, w, width, begin, end, y, stride});
}

void weighted_rows(const float* weights, const float* v, std::int64_t rows, std::int64_t width,
                   float* y) {
  kernels().weighted({weights, v, rows, width, y});
}

} // namespace quill::model
