// Counts what a parser would recurse on, while tokens go by: nothing past this can be deep.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/text.hpp"

namespace quill::sql {

class DepthCounter {
 public:
  explicit DepthCounter(const TextCaps& caps);
  /// "" while within the caps, else what was passed.
  [[nodiscard]] std::string add(const Token& token);

 private:
  struct Level {
    std::size_t operators = 0; ///< since the last comma, AND, OR or clause
    std::size_t logic = 0;     ///< AND and OR since the last comma or clause
    std::size_t sets = 0;      ///< UNION, INTERSECT, EXCEPT
    std::size_t joins = 0;
    std::size_t cases = 0; ///< open CASEs
    [[nodiscard]] std::size_t sum() const { return operators + logic + sets + joins + cases; }
  };
  void open();
  void close();
  void word(std::string_view text);
  void comma();
  [[nodiscard]] std::string passed() const;

  TextCaps caps_;
  std::vector<Level> levels_;
  std::size_t nesting_ = 0;
  std::size_t below_ = 0; ///< sum of the levels under the current one
};

} // namespace quill::sql
