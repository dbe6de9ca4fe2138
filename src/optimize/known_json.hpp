// The way back from the room's JSON: names to values, plans, what is known of a query.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "optimize/prompts.hpp"
#include "quill/optimize/step.hpp"
#include "quill/optimize/understanding.hpp"

namespace quill::optimize {

/// Null, and what is no number, is nullopt.
[[nodiscard]] std::optional<double> number_or_null(const Json& object, const char* key);
/// Pairs of hex digits; what is none ends it.
[[nodiscard]] std::string bytes_of_hex(std::string_view hex);
[[nodiscard]] Status status_named(std::string_view name); ///< error for other names
[[nodiscard]] Role role_named(std::string_view name);     ///< worker for other names

/// Each of these \throws Error{usage} naming `where`.
[[nodiscard]] std::vector<PlanNode> plan_from(const Json& nodes, const std::string& where);
[[nodiscard]] Understanding understanding_from(const Json& document, const std::string& where);

/// What prompts are made of.
[[nodiscard]] Json to_json(const Brief& brief);
[[nodiscard]] Brief brief_from(const Json& document, const std::string& where);

} // namespace quill::optimize
