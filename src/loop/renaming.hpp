// New names for the tables and columns of a schema, and the same statements under them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/core/random.hpp"
#include "quill/sql/schema.hpp"

namespace quill::loop {

/// Other words for a part of a name, by the part in lower case.
using Synonyms = std::map<std::string, std::vector<std::string>, std::less<>>;
/// data/synonyms.json. \throws Error{usage}
[[nodiscard]] Synonyms read_synonyms(const std::filesystem::path& file);

/// How names are written in somebody else's schema.
enum class NameStyle {
  snake, ///< other words: purchases.client_id
  camel, ///< other words, put together: Purchases.clientId
  terse, ///< the same words cut short: t_ordrs.cstmr_id
};
inline constexpr std::int64_t kNameStyles = 3;

/// One new name for each word that names a table or a column, whichever it names: a column that
/// refers to another by its name still does.
class Renaming {
 public:
  /// `taken`: words that statements use for something else (aliases); never given out.
  Renaming(const sql::Schema& schema, NameStyle style, const Synonyms& synonyms,
           const std::set<std::string>& taken, Rng rng);

  /// A statement under the new names; blanks, strings and functions stay as they are. A failure
  /// says why it is no SQL text.
  [[nodiscard]] Result<std::string> statement(std::string_view sql) const;
  /// A CREATE INDEX as well, with a name made of its table and columns, and a number where that is
  /// one of `taken`; it is added there.
  [[nodiscard]] Result<std::string> index(std::string_view create_index,
                                          std::set<std::string>& taken) const;
  /// A sentence about it.
  [[nodiscard]] std::string sentence(std::string_view text) const;
  /// The new name of a word, the word itself when it names nothing.
  [[nodiscard]] std::string word(std::string_view name) const;
  /// Makes a database of `schema` one of the new names.
  [[nodiscard]] std::string script(const sql::Schema& schema) const;

 private:
  void give(const std::string& name, bool table, NameStyle style, const Synonyms& synonyms,
            Rng& rng);

  std::map<std::string, std::string, std::less<>> names_; ///< old in lower case → new
  std::set<std::string> used_;                            ///< in lower case
};

} // namespace quill::loop
