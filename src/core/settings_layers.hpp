// The layers of settings as texts with origins, before anything is checked against a field.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/settings.hpp"

namespace quill {

/// One assignment found in a layer. A list has any number of texts, everything else one.
struct Assignment {
  std::string name; ///< dotted key in TOML, variable name in .env
  std::vector<std::string> texts;
  std::string place; ///< file:line
};

/// Flattens a TOML text into dotted keys. Pure. \throws Error{usage} with file:line
[[nodiscard]] std::vector<Assignment> parse_toml(std::string_view text, std::string_view file);

/// Lines `KEY=value`, `export KEY="value"`, comments. Pure; never quotes a value in an error, since
/// it may be a key. \throws Error{usage} with file:line
[[nodiscard]] std::vector<Assignment> parse_dotenv(std::string_view text, std::string_view file);

/// "llm.base_url" -> "QUILL_LLM_BASE_URL".
[[nodiscard]] std::string environment_name(std::string_view key);

/// OPENAI_API_KEY and the like: values that never enter a config file, a flag or a listing.
[[nodiscard]] bool is_secret_name(std::string_view variable);

/// QUILL_* variables that are not settings (places of files, test hooks).
[[nodiscard]] bool is_reserved_variable(std::string_view variable);

/// Texts into the field's target, with type, range and choices checked.
/// \throws Error{usage} naming key, value, origin and what is allowed
void set_field(Field& field, const std::vector<std::string>& texts, const Origin& origin);

} // namespace quill
