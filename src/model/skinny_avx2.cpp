// skinny_product() for processors with AVX2 and FMA; CMake compiles this file for them.
#include "model/skinny_kernel.hpp"

#if defined(__AVX2__)
#include <immintrin.h>

namespace quill::model {

namespace {

struct Avx2 {
  using Register = __m256;
  static constexpr int kLanes = 8;
  static Register zero() { return _mm256_setzero_ps(); }
  static Register load(const float* from) { return _mm256_loadu_ps(from); }
  static Register load_first(const float* from, std::int64_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i limit = _mm256_set1_epi32(static_cast<int>(count));
    return _mm256_maskload_ps(from, _mm256_cmpgt_epi32(limit, lane));
  }
  static Register broadcast(float value) { return _mm256_set1_ps(value); }
  static void store(float* to, Register value) { _mm256_storeu_ps(to, value); }
  static Register fma(Register a, Register b, Register c) { return _mm256_fmadd_ps(a, b, c); }
  static void prefetch(const float* at) {
    _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
  }

  /// to[i] = the sum of sums[i]'s lanes; every one is added up in the same order.
  static void fold(const Register (&sums)[kLanes], float* to) {
    Register pairs[4];
    for (std::size_t i = 0; i < 4; ++i)
      pairs[i] = _mm256_hadd_ps(sums[2 * i], sums[2 * i + 1]);
    const Register low = _mm256_hadd_ps(pairs[0], pairs[1]);
    const Register high = _mm256_hadd_ps(pairs[2], pairs[3]);
    _mm256_storeu_ps(to, _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20),
                                       _mm256_permute2f128_ps(low, high, 0x31)));
  }
};

} // namespace

SkinnyKernels skinny_avx2() {
  return {product_with<Avx2>, weighted_with<Avx2>};
}

} // namespace quill::model
#endif
