// CUDA's words, and what the kernels share. tests/model/kernels/emulated_cuda.hpp gives the words a
// meaning on the CPU, so that each kernel runs in the tests of a machine without a GPU.
#pragma once

#include <cstdint>

#ifdef QUILL_EMULATED_CUDA
#include "model/kernels/emulated_cuda.hpp"
#else
#include <cuda_runtime.h>
#define QUILL_SHARED(type, name) extern __shared__ type name[]
#endif

#include "model/kernels/launch.hpp"

namespace quill::model::kernels {

#ifdef QUILL_EMULATED_CUDA
using emulated::launch;
#else
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t shared_bytes,
            Stream stream, Arguments... arguments) {
  kernel<<<grid, threads, shared_bytes, static_cast<cudaStream_t>(stream)>>>(arguments...);
}
#endif

constexpr unsigned kAllLanes = 0xffffffffU;
constexpr int kWarp = 32;
constexpr int kEight = 8; ///< elements that are moved together

/// bfloat16: the upper half of a float32.
struct Bf16 {
  std::uint16_t bits;
};

__device__ inline float wide(float x) {
  return x;
}
__device__ inline float wide(Bf16 x) {
  return __uint_as_float(static_cast<unsigned>(x.bits) << 16U);
}

template <class T> __device__ T narrow(float x);
template <> __device__ inline float narrow<float>(float x) {
  return x;
}
/// To the nearest, of two as near to the even one.
template <> __device__ inline Bf16 narrow<Bf16>(float x) {
  const unsigned bits = __float_as_uint(x);
  if ((bits & 0x7fffffffU) > 0x7f800000U)
    return {0x7fc0U}; // not a number
  return {static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U)};
}

/// Eight elements that lie together, 16 bytes or twice 16.
template <class T> struct alignas(16) Eight {
  T values[kEight];
};
template <class T> __device__ inline Eight<T> load(const T* from) {
  return *reinterpret_cast<const Eight<T>*>(from);
}
template <class T> __device__ inline void store(T* to, const Eight<T>& values) {
  *reinterpret_cast<Eight<T>*>(to) = values;
}

__device__ inline float warp_sum(float value) {
  for (int mask = kWarp / 2; mask > 0; mask /= 2)
    value += __shfl_xor_sync(kAllLanes, value, mask);
  return value;
}

/// The sum over all threads of the block, to each of them. `partial`: a float for each warp.
__device__ inline float block_sum(float value, float* partial) {
  value = warp_sum(value);
  __syncthreads(); // what an earlier sum left has been read
  if (threadIdx.x % kWarp == 0)
    partial[threadIdx.x / kWarp] = value;
  __syncthreads();
  float sum = 0;
  for (unsigned warp = 0; warp < blockDim.x / kWarp; ++warp)
    sum += partial[warp];
  return sum;
}

/// Calls `run` with a null pointer to the element's type.
template <class Run> void by_element(Element element, const Run& run) {
  if (element == Element::f32)
    run(static_cast<float*>(nullptr));
  else
    run(static_cast<Bf16*>(nullptr));
}

} // namespace quill::model::kernels
