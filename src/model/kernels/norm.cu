// Sum and root-mean-square norm in one pass over the row: a block a row.
#include <type_traits>

#include "model/kernels/device.cuh"

namespace quill::model::kernels {

namespace {

constexpr unsigned kThreads = 128;
constexpr std::size_t kSharedBytes = kThreads / kWarp * sizeof(float);

template <class T>
__global__ void add_norm_rows(const T* x, const T* delta, const T* weight, T* sum, T* normal,
                              std::int64_t width, float epsilon) {
  QUILL_SHARED(float, partial);
  const std::int64_t row = blockIdx.x * width;
  float squares = 0;
  for (std::int64_t i = threadIdx.x * kEight; i < width; i += blockDim.x * kEight) {
    Eight<T> values = load(x + row + i);
    if (delta != nullptr) {
      const Eight<T> more = load(delta + row + i);
      for (int k = 0; k < kEight; ++k)
        values.values[k] = narrow<T>(wide(values.values[k]) + wide(more.values[k]));
      store(sum + row + i, values);
    }
    for (int k = 0; k < kEight; ++k)
      squares += wide(values.values[k]) * wide(values.values[k]);
  }
  const float scale = 1 / sqrtf(block_sum(squares, partial) / static_cast<float>(width) + epsilon);
  const T* from = delta != nullptr ? sum : x; // each thread reads what it wrote itself
  for (std::int64_t i = threadIdx.x * kEight; i < width; i += blockDim.x * kEight) {
    Eight<T> values = load(from + row + i);
    const Eight<T> factors = load(weight + i);
    for (int k = 0; k < kEight; ++k)
      values.values[k] =
          narrow<T>(wide(factors.values[k]) * wide(narrow<T>(wide(values.values[k]) * scale)));
    store(normal + row + i, values);
  }
}

/// With s = 1/√(mean(x²) + ε) and h = g · weight: s h − x s³ Σ h x / width.
template <class T>
__global__ void norm_gradient_rows(const T* of_normal, const T* of_sum, const T* sum,
                                   const T* weight, T* of_x, std::int64_t width, float epsilon) {
  QUILL_SHARED(float, partial);
  const std::int64_t row = blockIdx.x * width;
  float squares = 0, products = 0;
  for (std::int64_t i = threadIdx.x * kEight; i < width; i += blockDim.x * kEight) {
    const Eight<T> x = load(sum + row + i), g = load(of_normal + row + i),
                   factors = load(weight + i);
    for (int k = 0; k < kEight; ++k) {
      squares += wide(x.values[k]) * wide(x.values[k]);
      products += wide(g.values[k]) * wide(factors.values[k]) * wide(x.values[k]);
    }
  }
  const auto size = static_cast<float>(width);
  const float scale = 1 / sqrtf(block_sum(squares, partial) / size + epsilon);
  const float along = block_sum(products, partial) * scale * scale * scale / size;
  for (std::int64_t i = threadIdx.x * kEight; i < width; i += blockDim.x * kEight) {
    const Eight<T> x = load(sum + row + i), g = load(of_normal + row + i),
                   factors = load(weight + i);
    Eight<T> out;
    Eight<T> past{};
    if (of_sum != nullptr)
      past = load(of_sum + row + i);
    for (int k = 0; k < kEight; ++k)
      out.values[k] =
          narrow<T>(wide(past.values[k]) + scale * wide(g.values[k]) * wide(factors.values[k]) -
                    along * wide(x.values[k]));
    store(of_x + row + i, out);
  }
}

} // namespace

void add_norm(const NormWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(add_norm_rows<T>, dim3(static_cast<unsigned>(work.rows)), kThreads, kSharedBytes, stream,
           static_cast<const T*>(work.x), static_cast<const T*>(work.delta),
           static_cast<const T*>(work.weight), static_cast<T*>(work.sum),
           static_cast<T*>(work.normal), work.width, work.epsilon);
  });
}

void norm_gradient(const NormGradientWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(norm_gradient_rows<T>, dim3(static_cast<unsigned>(work.rows)), kThreads, kSharedBytes,
           stream, static_cast<const T*>(work.of_normal), static_cast<const T*>(work.of_sum),
           static_cast<const T*>(work.sum), static_cast<const T*>(work.weight),
           static_cast<T*>(work.of_x), work.width, work.epsilon);
  });
}

} // namespace quill::model::kernels
