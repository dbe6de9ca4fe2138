// What runs on a GPU by kernels of Quill's own. Plain C++17 and plain pointers into the device's
// memory: nvcc sees neither LibTorch nor C++20. Every matrix lies row by row without gaps, widths
// are multiples of 8, and nothing waits: the work is queued on `stream`. The same operations in
// LibTorch's words are in model/torch/plain_ops.hpp.
#pragma once

#include <cstdint>

namespace quill::model::kernels {

enum class Element { f32, bf16 };
using Stream = void*; ///< cudaStream_t

/// Sums and root-mean-square norms of `rows` rows of `width`: sum = x + delta, rounded to its type;
/// normal = weight · (sum / √(mean(sum²) + epsilon)), the quotient rounded before the product.
/// Without delta (null) x is the sum, and `sum` is not written.
struct NormWork {
  Element element;
  const void *x, *delta, *weight;
  void *sum, *normal;
  std::int64_t rows, width;
  float epsilon;
};
void add_norm(const NormWork& work, Stream stream);

/// The gradient by x, and the same one by delta: of_x = of_sum + what comes through the norm.
/// `of_sum` may be null.
struct NormGradientWork {
  Element element;
  const void *of_normal, *of_sum, *sum, *weight;
  void* of_x;
  std::int64_t rows, width;
  float epsilon;
};
void norm_gradient(const NormGradientWork& work, Stream stream);

/// Rotary positions (Su et al. 2021, arXiv:2104.09864): rows of `heads` heads of `width`, the
/// angles' cosines and sines one row each (rows, width). `back` turns the other way: the gradient.
struct RotationWork {
  Element element;
  const void *x, *cosines, *sines;
  void* out;
  std::int64_t rows, heads, width;
  bool back;
};
void rotate(const RotationWork& work, Stream stream);

/// out = silu(gate) · up, silu rounded to its type before the product (Shazeer 2020,
/// arXiv:2002.05202).
struct SwigluWork {
  Element element;
  const void *gate, *up;
  void* out;
  std::int64_t count;
};
void swiglu(const SwigluWork& work, Stream stream);

struct SwigluGradientWork {
  Element element;
  const void *of_out, *gate, *up;
  void *of_gate, *of_up;
  std::int64_t count;
};
void swiglu_gradient(const SwigluGradientWork& work, Stream stream);

/// Values of NF4 codes, as Nf4Matrix has them; `nested_scales` null: `scales` are float32, one a
/// block.
struct Nf4Work {
  Element element; ///< of the values
  const std::uint8_t* codes;
  const void* scales;
  const float *nested_scales, *nested_map;
  float nested_offset;
  std::int64_t block, nested_block, count; ///< block is even
  void* values;
};
void nf4_values(const Nf4Work& work, Stream stream);

/// One new token of each sequence attends to all before it: its key and value are put into the
/// cache at its position, then out = softmax(q · keys / √width) · values over positions 0 …
/// position, or the last `window` of them.
struct DecodeAttentionWork {
  Element element;
  const void* queries;                   ///< (sequences, heads, width)
  const void *fresh_keys, *fresh_values; ///< (sequences, kv_heads, width)
  void *keys, *values;                   ///< (slots, kv_heads, length, width)
  const std::int64_t* positions;         ///< (sequences), on the device
  void* out;                             ///< (sequences, heads, width)
  std::int64_t sequences, heads, kv_heads, width, length;
  std::int64_t window; ///< 0: all before it
  std::int64_t parts;  ///< blocks that share a sequence's keys: decode_parts()
  float* scratch; ///< (sequences, kv_heads, parts, heads / kv_heads, width + 2); null with one part
};
/// Whether decode_attention() takes heads of this shape.
[[nodiscard]] constexpr bool takes_heads(std::int64_t heads, std::int64_t kv_heads,
                                         std::int64_t width) {
  const bool a_power = width >= 8 && width <= 256 && (width & (width - 1)) == 0;
  return a_power && heads % kv_heads == 0 && heads / kv_heads <= 8;
}
[[nodiscard]] std::int64_t decode_parts(std::int64_t sequences, std::int64_t kv_heads);
void decode_attention(const DecodeAttentionWork& work, Stream stream);

} // namespace quill::model::kernels
