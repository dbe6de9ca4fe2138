// 4-bit matrices in a checkpoint, as bitsandbytes writes them: codes under the matrix's own name,
// and beside it NAME.absmax, NAME.quant_map, NAME.nested_absmax, NAME.nested_quant_map and, as JSON
// in bytes, NAME.quant_state.bitsandbytes__nf4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quill/model/safetensors.hpp"

namespace quill::model {

/// Views into the checkpoint; every size is checked against the shape.
struct Nf4Views {
  std::vector<std::int64_t> shape;
  std::int64_t block = 64;                   ///< values that share one scale
  const TensorView* codes = nullptr;         ///< two values a byte, the first in the upper half
  const TensorView* scales = nullptr;        ///< float32, or 8-bit codes when nested
  const TensorView* nested_scales = nullptr; ///< float32, one for nested_block scales; or null
  const TensorView* nested_map = nullptr;    ///< what the 8-bit codes stand for: 256 float32
  std::int64_t nested_block = 256;
  float nested_offset = 0;
};

/// Nothing when `name` is no 4-bit matrix. \throws Error{usage} naming tensor and key when one of
/// its parts is missing, of another size, or of a kind that is not NF4
[[nodiscard]] std::optional<Nf4Views> find_nf4(const Checkpoint& checkpoint,
                                               const std::string& name);

/// Whether `name` is a part that find_nf4() reads beside a matrix.
[[nodiscard]] bool is_nf4_part(const Checkpoint& checkpoint, const std::string& name);

} // namespace quill::model
