// What the readers of tokenizer.json's parts share.
#pragma once

#include <string>
#include <string_view>

#include "quill/core/json.hpp"

namespace quill::model {

inline constexpr const char* kOtherTokenizer =
    "choose a model with a BPE tokenizer: byte-level as Qwen2.5 has, or with byte fallback as "
    "Llama 2 has";

/// \throws Error{usage} with the key, its value and what is allowed
[[noreturn]] void refuse_value(const JsonObject& object, std::string_view key,
                               std::string_view allowed);
/// Whether the key is there and not null.
[[nodiscard]] bool given(const JsonObject& object, std::string_view key);
void require_off(const JsonObject& object, std::string_view key);
[[nodiscard]] JsonObject member(const JsonObject& object, std::string_view key);
void require_type(const JsonObject& object, std::string_view type);
/// The objects of a list under `key`, which must be there.
[[nodiscard]] std::vector<JsonObject> members(const JsonObject& object, std::string_view key);

} // namespace quill::model
