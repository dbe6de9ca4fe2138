// skinny_product() for processors with AVX-512; CMake compiles this file for them.
#include "model/skinny_kernel.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>

namespace quill::model {

namespace {

struct Avx512 {
  using Register = __m512;
  static constexpr int kLanes = 16;
  static Register zero() { return _mm512_setzero_ps(); }
  static Register load(const float* from) { return _mm512_loadu_ps(from); }
  static Register load_first(const float* from, std::int64_t count) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1U), from);
  }
  static Register broadcast(float value) { return _mm512_set1_ps(value); }
  static void store(float* to, Register value) { _mm512_storeu_ps(to, value); }
  static Register fma(Register a, Register b, Register c) { return _mm512_fmadd_ps(a, b, c); }
  static void prefetch(const float* at) {
    _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
  }

  /// to[i] = the sum of sums[i]'s lanes; every one is added up in the same order.
  static void fold(const Register (&sums)[kLanes], float* to) {
    Register pairs[8], quads[4];
    for (std::size_t i = 0; i < 8; ++i)
      pairs[i] = _mm512_add_ps(_mm512_unpacklo_ps(sums[2 * i], sums[2 * i + 1]),
                               _mm512_unpackhi_ps(sums[2 * i], sums[2 * i + 1]));
    for (std::size_t i = 0; i < 4; ++i) {
      const __m512d a = _mm512_castps_pd(pairs[2 * i]), b = _mm512_castps_pd(pairs[2 * i + 1]);
      quads[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)),
                               _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
    }
    const Register low = _mm512_add_ps(_mm512_shuffle_f32x4(quads[0], quads[1], 0x44),
                                       _mm512_shuffle_f32x4(quads[0], quads[1], 0xEE));
    const Register high = _mm512_add_ps(_mm512_shuffle_f32x4(quads[2], quads[3], 0x44),
                                        _mm512_shuffle_f32x4(quads[2], quads[3], 0xEE));
    _mm512_storeu_ps(to, _mm512_add_ps(_mm512_shuffle_f32x4(low, high, 0x88),
                                       _mm512_shuffle_f32x4(low, high, 0xDD)));
  }
};

} // namespace

SkinnyKernels skinny_avx512() {
  return {product_with<Avx512>, weighted_with<Avx512>};
}

} // namespace quill::model
#endif
