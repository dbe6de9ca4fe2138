// Rotary positions, the gate of SwiGLU and the values of NF4 codes: each thread has elements of its
// own.
#include <type_traits>

#include "model/kernels/device.cuh"

namespace quill::model::kernels {

namespace {

constexpr unsigned kThreads = 256;

__host__ inline unsigned blocks_of(std::int64_t threads) {
  return static_cast<unsigned>((threads + kThreads - 1) / kThreads);
}

__device__ inline std::int64_t thread_number() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

/// A thread a pair: element i of a head's first half and of its second.
template <class T>
__global__ void rotate_pairs(const T* x, const T* cosines, const T* sines, T* out,
                             std::int64_t rows, std::int64_t heads, std::int64_t width,
                             float sign) {
  const std::int64_t half = width / 2, pair = thread_number();
  if (pair >= rows * heads * half)
    return;
  const std::int64_t i = pair % half, head = pair / half, row = head / heads;
  const std::int64_t first = head * width + i, angle = row * width + i;
  const float a = wide(x[first]), b = wide(x[first + half]);
  out[first] = narrow<T>(a * wide(cosines[angle]) - sign * b * wide(sines[angle]));
  out[first + half] =
      narrow<T>(b * wide(cosines[angle + half]) + sign * a * wide(sines[angle + half]));
}

__device__ inline float sigmoid(float x) {
  return 1 / (1 + expf(-x));
}

template <class T>
__global__ void swiglu_eights(const T* gate, const T* up, T* out, std::int64_t count) {
  const std::int64_t at = thread_number() * kEight;
  if (at >= count)
    return;
  const Eight<T> g = load(gate + at), u = load(up + at);
  Eight<T> y;
  for (int k = 0; k < kEight; ++k) {
    const float value = wide(g.values[k]);
    y.values[k] = narrow<T>(wide(narrow<T>(value * sigmoid(value))) * wide(u.values[k]));
  }
  store(out + at, y);
}

/// d silu(x)/dx = σ(x) (1 + x (1 − σ(x)))
template <class T>
__global__ void swiglu_gradient_eights(const T* of_out, const T* gate, const T* up, T* of_gate,
                                       T* of_up, std::int64_t count) {
  const std::int64_t at = thread_number() * kEight;
  if (at >= count)
    return;
  const Eight<T> d = load(of_out + at), g = load(gate + at), u = load(up + at);
  Eight<T> by_gate, by_up;
  for (int k = 0; k < kEight; ++k) {
    const float value = wide(g.values[k]), open = sigmoid(value), of = wide(d.values[k]);
    by_gate.values[k] = narrow<T>(of * wide(u.values[k]) * open * (1 + value * (1 - open)));
    by_up.values[k] = narrow<T>(of * value * open);
  }
  store(of_gate + at, by_gate);
  store(of_up + at, by_up);
}

/// QLoRA's appendix E, as in model/torch/nf4.cpp. Exact: no multiplication may be fused with an
/// addition.
__device__ inline float normal_float(unsigned code) {
  constexpr float kValues[16] = {-1.0F,
                                 -0.6961928009986877F,
                                 -0.5250730514526367F,
                                 -0.39491748809814453F,
                                 -0.28444138169288635F,
                                 -0.18477343022823334F,
                                 -0.09105003625154495F,
                                 0.0F,
                                 0.07958029955625534F,
                                 0.16093020141124725F,
                                 0.24611230194568634F,
                                 0.33791524171829224F,
                                 0.44070982933044434F,
                                 0.5626170039176941F,
                                 0.7229568362236023F,
                                 1.0F};
  return kValues[code];
}

__device__ inline float scale_at(const Nf4Work& work, std::int64_t block) {
  if (work.nested_scales == nullptr)
    return static_cast<const float*>(work.scales)[block];
  const unsigned code = static_cast<const std::uint8_t*>(work.scales)[block];
  return __fadd_rn(__fmul_rn(work.nested_map[code], work.nested_scales[block / work.nested_block]),
                   work.nested_offset);
}

/// A thread four bytes, and the last one what is left.
template <class T> __global__ void nf4_eights(Nf4Work work) {
  const std::int64_t first = thread_number() * kEight;
  T* out = static_cast<T*>(work.values);
  for (std::int64_t i = first; i < first + kEight && i < work.count; i += 2) {
    const float scale = scale_at(work, i / work.block);
    const unsigned byte = work.codes[i / 2];
    out[i] = narrow<T>(__fmul_rn(normal_float(byte >> 4U), scale));
    if (i + 1 < work.count)
      out[i + 1] = narrow<T>(__fmul_rn(normal_float(byte & 15U), scale));
  }
}

} // namespace

void rotate(const RotationWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(rotate_pairs<T>, dim3(blocks_of(work.rows * work.heads * work.width / 2)), kThreads, 0,
           stream, static_cast<const T*>(work.x), static_cast<const T*>(work.cosines),
           static_cast<const T*>(work.sines), static_cast<T*>(work.out), work.rows, work.heads,
           work.width, work.back ? -1.0F : 1.0F);
  });
}

void swiglu(const SwigluWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(swiglu_eights<T>, dim3(blocks_of(work.count / kEight)), kThreads, 0, stream,
           static_cast<const T*>(work.gate), static_cast<const T*>(work.up),
           static_cast<T*>(work.out), work.count);
  });
}

void swiglu_gradient(const SwigluGradientWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(swiglu_gradient_eights<T>, dim3(blocks_of(work.count / kEight)), kThreads, 0, stream,
           static_cast<const T*>(work.of_out), static_cast<const T*>(work.gate),
           static_cast<const T*>(work.up), static_cast<T*>(work.of_gate),
           static_cast<T*>(work.of_up), work.count);
  });
}

void nf4_values(const Nf4Work& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(nf4_eights<T>, dim3(blocks_of((work.count + kEight - 1) / kEight)), kThreads, 0, stream,
           work);
  });
}

} // namespace quill::model::kernels
