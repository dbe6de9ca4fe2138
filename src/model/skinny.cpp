#include "model/skinny.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace quill::model {

namespace {

/// What one call works on.
struct Product {
  const float *x, *w;
  std::int64_t width;
  float* y;
  std::int64_t stride;
};
using Kernel = void (*)(const Product& product, std::int64_t rows, std::int64_t begin,
                        std::int64_t end);

void plain(const Product& p, std::int64_t rows, std::int64_t begin, std::int64_t end) {
  for (std::int64_t n = begin; n < end; ++n)
    for (std::int64_t m = 0; m < rows; ++m) {
      float sum = 0;
      for (std::int64_t k = 0; k < p.width; ++k)
        sum += p.x[m * p.width + k] * p.w[n * p.width + k];
      p.y[m * p.stride + n] = sum;
    }
}

#if defined(__x86_64__)

constexpr std::int64_t kBlock = 8; // rows of x whose sums stay in registers

#define QUILL_AVX512 __attribute__((target("avx512f")))
#define QUILL_AVX2 __attribute__((target("avx2,fma")))

/// M rows of x with two rows of w: each value of w is loaded once for all of x.
template <int M>
QUILL_AVX512 void block_avx512(const Product& p, const float* x, float* y, std::int64_t begin,
                               std::int64_t end) {
  for (std::int64_t n = begin; n < end; n += 2) {
    const float* first = p.w + n * p.width;
    const float* second = n + 1 < end ? first + p.width : first;
    __m512 a[M], b[M];
    for (int m = 0; m < M; ++m)
      a[m] = b[m] = _mm512_setzero_ps();
    for (std::int64_t k = 0; k < p.width; k += 16) {
      const std::int64_t left = p.width - k;
      const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
      const __m512 u = _mm512_maskz_loadu_ps(mask, first + k);
      const __m512 v = _mm512_maskz_loadu_ps(mask, second + k);
      for (int m = 0; m < M; ++m) {
        const __m512 values = _mm512_maskz_loadu_ps(mask, x + m * p.width + k);
        a[m] = _mm512_fmadd_ps(values, u, a[m]);
        b[m] = _mm512_fmadd_ps(values, v, b[m]);
      }
    }
    for (int m = 0; m < M; ++m) {
      y[m * p.stride + n] = _mm512_reduce_add_ps(a[m]);
      if (n + 1 < end)
        y[m * p.stride + n + 1] = _mm512_reduce_add_ps(b[m]);
    }
  }
}

QUILL_AVX2 inline float sum_of(__m256 v) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

template <int M>
QUILL_AVX2 void block_avx2(const Product& p, const float* x, float* y, std::int64_t begin,
                           std::int64_t end) {
  for (std::int64_t n = begin; n < end; ++n) {
    const float* row = p.w + n * p.width;
    __m256 sums[M];
    for (int m = 0; m < M; ++m)
      sums[m] = _mm256_setzero_ps();
    std::int64_t k = 0;
    for (; k + 8 <= p.width; k += 8) {
      const __m256 u = _mm256_loadu_ps(row + k);
      for (int m = 0; m < M; ++m)
        sums[m] = _mm256_fmadd_ps(_mm256_loadu_ps(x + m * p.width + k), u, sums[m]);
    }
    for (int m = 0; m < M; ++m) {
      float sum = sum_of(sums[m]);
      for (std::int64_t rest = k; rest < p.width; ++rest)
        sum += x[m * p.width + rest] * row[rest];
      y[m * p.stride + n] = sum;
    }
  }
}

/// Rows of w whose block fits a core's cache, so that the second eight rows of x find it there.
std::int64_t rows_in_cache(std::int64_t width) {
  constexpr std::int64_t kCacheBytes = 256 << 10;
  const std::int64_t rows = kCacheBytes / (4 * width);
  return rows < 2 ? 2 : rows;
}

using Block = void (*)(const Product&, const float* x, float* y, std::int64_t, std::int64_t);

void run_blocks(const Block (&blocks)[kBlock], const Product& p, std::int64_t rows,
                std::int64_t begin, std::int64_t end) {
  const std::int64_t step = rows_in_cache(p.width);
  for (std::int64_t n = begin; n < end; n += step) {
    const std::int64_t until = n + step < end ? n + step : end;
    for (std::int64_t m = 0; m < rows; m += kBlock) {
      const std::int64_t count = rows - m < kBlock ? rows - m : kBlock;
      blocks[count - 1](p, p.x + m * p.width, p.y + m * p.stride, n, until);
    }
  }
}

void with_avx512(const Product& p, std::int64_t rows, std::int64_t begin, std::int64_t end) {
  run_blocks({block_avx512<1>, block_avx512<2>, block_avx512<3>, block_avx512<4>, block_avx512<5>,
              block_avx512<6>, block_avx512<7>, block_avx512<8>},
             p, rows, begin, end);
}

void with_avx2(const Product& p, std::int64_t rows, std::int64_t begin, std::int64_t end) {
  run_blocks({block_avx2<1>, block_avx2<2>, block_avx2<3>, block_avx2<4>, block_avx2<5>,
              block_avx2<6>, block_avx2<7>, block_avx2<8>},
             p, rows, begin, end);
}

Kernel choose_kernel() {
  if (__builtin_cpu_supports("avx512f"))
    return with_avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? with_avx2 : plain;
}

#else

Kernel choose_kernel() {
  return plain;
}

#endif

} // namespace

void skinny_product(const float* x, std::int64_t rows, const float* w, std::int64_t width,
                    std::int64_t begin, std::int64_t end, float* y, std::int64_t stride) {
  static const Kernel kernel = choose_kernel();
  kernel({x, w, width, y, stride}, rows, begin, end);
}

} // namespace quill::model
