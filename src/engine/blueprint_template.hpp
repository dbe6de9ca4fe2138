// Text patterns of blueprints: "{first} {last}", "{slug:name}.{row}@{pick:a.example|b.example}".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/random.hpp"

namespace quill::engine::seed {

inline constexpr std::size_t kWordBytesMax = 1'000; ///< of one entry of a list
/// Texts longer than this are cut, since columns may copy each other over and over.
inline constexpr std::size_t kTextBytesMax = 65'536;

/// Shared, so that a long list used in many places is held once.
using WordList = std::shared_ptr<const std::vector<std::string>>;
using Vocabulary = std::map<std::string, WordList, std::less<>>;

/// First names, last names and nouns that every blueprint may use ("first", "last", "word").
[[nodiscard]] const Vocabulary& common_vocabulary();

struct Piece {
  enum class Kind {
    literal,
    row,     ///< {row}: 1 for the first row
    pick,    ///< {pick:a|b} or {list}: one of the texts
    words,   ///< {words:3-9}: so many of the list "word", first letter upper case
    digits,  ///< {digits:4}
    letters, ///< {letters:2}: A to Z
    column,  ///< {column:name}: another cell of the row as it is
    slug,    ///< {slug:name}: the same in lower case, what is no letter or digit as "."
  };
  Kind kind = Kind::literal;
  std::string text;
  WordList options;
  std::size_t column = 0;
  std::int64_t low = 0, high = 0;
};

class Template {
 public:
  /// `column_of` gives the position of a column by name and refuses unknown ones.
  /// \throws Error{usage} naming the placeholder
  static Template parse(std::string_view pattern, const Vocabulary& vocabulary,
                        const std::function<std::size_t(std::string_view)>& column_of,
                        const std::string& where);
  /// `column_text` gives the text of another cell of the row.
  [[nodiscard]] std::string
  render(std::int64_t row, Rng& rng,
         const std::function<std::string(std::size_t)>& column_text) const;
  [[nodiscard]] std::vector<std::size_t> columns() const; ///< that it reads
  [[nodiscard]] bool has_row() const; ///< so no two rows get the same text by chance

 private:
  std::vector<Piece> pieces_;
};

} // namespace quill::engine::seed
