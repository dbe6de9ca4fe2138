// stdout: the result, as a table for people or as JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::cli {

/// Rows of text under headings. Columns marked right are numbers.
struct Table {
  struct Column {
    std::string heading;
    bool right = false;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Columns on screen: East Asian wide characters take two, combining marks none, control characters
/// are shown as they are escaped.
[[nodiscard]] std::size_t display_width(std::string_view utf8);
/// The table as text; cells longer than `cell_width_max` end in "…". Headings are bold when
/// `styled`.
[[nodiscard]] std::string format_table(const Table& table, bool styled,
                                       std::size_t cell_width_max = 72);

enum class OutputFormat { table, json, jsonl };

/// Writes to a file descriptor. A reader that went away (EPIPE) ends the writing quietly; any other
/// failure is an Error{storage}.
class Output {
 public:
  Output(int descriptor, OutputFormat format, bool styled);

  [[nodiscard]] OutputFormat format() const noexcept { return format_; }
  [[nodiscard]] bool styled() const noexcept { return styled_; }

  /// One result: the JSON document (with `format_version` first when it is an object that lacks
  /// it), or `table_text` when the format is table. jsonl prints an array as one line an element.
  void result(const Json& document, std::string_view table_text);
  /// One line of JSON.
  void json_line(const Json& document);
  void text(std::string_view bytes);

 private:
  int descriptor_;
  OutputFormat format_;
  bool styled_;
  bool closed_ = false;
};

} // namespace quill::cli
