// Unknown is null: optional values to JSON and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "quill/core/json.hpp"
#include "quill/llm/client.hpp"
#include "quill/loop/metrics.hpp"

namespace quill::loop {

[[nodiscard]] inline Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}
[[nodiscard]] inline Json integer_or_null(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}
[[nodiscard]] inline Json text_or_null(const std::string& value) {
  return value.empty() ? Json(nullptr) : Json(value);
}
[[nodiscard]] inline bool present(const JsonObject& object, std::string_view key) {
  return object.has(key) && !object.at(key).is_null();
}
[[nodiscard]] inline std::optional<double> optional_number(const JsonObject& object,
                                                           std::string_view key) {
  return present(object, key) ? std::optional(object.number(key)) : std::nullopt;
}
[[nodiscard]] inline std::optional<std::int64_t> optional_integer(const JsonObject& object,
                                                                  std::string_view key) {
  return present(object, key) ? std::optional(object.integer(key)) : std::nullopt;
}
[[nodiscard]] inline std::string optional_text(const JsonObject& object, std::string_view key) {
  return present(object, key) ? object.text(key) : std::string{};
}
/// A sum of what is known; null only when nobody told.
template <class T> void add_known(std::optional<T>& sum, const std::optional<T>& value) {
  if (value)
    sum = sum.value_or(T{}) + *value;
}
/// What an answer cost.
inline void add_price(IterationMetrics& metrics, const llm::Usage& usage,
                      const std::optional<double>& cost_usd) {
  add_known(metrics.prompt_tokens, usage.prompt_tokens);
  add_known(metrics.completion_tokens, usage.completion_tokens);
  add_known(metrics.cost_usd, cost_usd);
}
[[nodiscard]] Json counts_json(const Counts& counts);
[[nodiscard]] Counts counts_from_json(const Json& value, const std::string& where);

} // namespace quill::loop
