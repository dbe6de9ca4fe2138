// JSON and JSONL: bounded parsing of foreign text, byte-stable writing, checked access.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace quill {

/// Keys keep the order they were written in, so a document reads as documented.
using Json = nlohmann::ordered_json;

inline constexpr int kJsonDepthMax = 64;
/// `format_version` of every document and file of this version.
inline constexpr int kFormatVersion = 1;

/// Parses one document. Refuses nesting above `depth_max`, duplicate keys and invalid UTF-8.
/// \throws Error{usage} whose where is "`where`:line:column".
[[nodiscard]] Json parse_json(std::string_view text, std::string_view where,
                              int depth_max = kJsonDepthMax);

/// As text; invalid UTF-8 becomes U+FFFD, so this never throws. indent < 0: one line.
[[nodiscard]] std::string dump_json(const Json& value, int indent = -1);

/// Calls `line(value, number)` for each non-blank line of a JSONL file, numbers from 1, streamed.
/// \throws Error{usage} naming file and line; Error{usage} when a line exceeds `line_bytes_max`.
void read_jsonl(const std::filesystem::path& path,
                const std::function<void(const Json&, std::size_t)>& line,
                std::size_t line_bytes_max = 16U << 20U);

/// Reads an object's members by name and type; each error names the place and the key.
class JsonObject {
 public:
  /// \throws Error{usage} when `value` is not an object. `value` must outlive this.
  JsonObject(const Json& value, std::string where);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] const Json& at(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text_or(std::string_view key, std::string fallback) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t fallback) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] double number_or(std::string_view key, double fallback) const;
  [[nodiscard]] bool boolean_or(std::string_view key, bool fallback) const;
  /// A list of strings; empty when the key is absent.
  [[nodiscard]] std::vector<std::string> texts_or_empty(std::string_view key) const;
  /// \throws Error{usage} naming the first key that is not in `known`, with the nearest known one.
  void refuse_unknown(const std::vector<std::string>& known) const;
  [[nodiscard]] const std::string& where() const noexcept { return where_; }

 private:
  const Json* value_;
  std::string where_;
};

} // namespace quill
