// Element types by the names files use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quill/model/safetensors.hpp"

namespace quill::model {

[[nodiscard]] std::optional<DType> dtype_named(std::string_view name);
/// "F64, F32, …", for error lines.
[[nodiscard]] std::string dtype_names();

} // namespace quill::model
