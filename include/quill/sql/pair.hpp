// A pair: before, after, the indexes after brings, and what its user needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"
#include "quill/sql/parse.hpp"

namespace quill::sql {

/// What the user of the answer needs; set by the user or a seed example, never by a proposer.
struct Needs {
  std::vector<std::string> columns; ///< by name in before's answer; empty = all
  std::optional<std::int64_t> top;  ///< only the first n rows matter
  [[nodiscard]] bool empty() const { return columns.empty() && !top; }
};
[[nodiscard]] Json to_json(const Needs& needs);
/// \throws Error{usage} naming the place and the key
[[nodiscard]] Needs needs_from_json(const Json& value, const std::string& where);

struct Pair {
  std::string id;
  std::string before;               ///< one statement
  std::string after;                ///< one statement, its CREATE INDEX statements taken out
  std::vector<std::string> indexes; ///< CREATE INDEX statements of after
  Needs needs;
};

/// "CREATE INDEX …; SELECT …" into pair.indexes and pair.after. A failure says what is wrong with
/// the script (no statement, two of them).
[[nodiscard]] Result<bool> set_after(Pair& pair, std::string_view script);

/// Equal iff before, after and indexes (as a set, whatever their names) are duplicates. 16 hex
/// digits.
[[nodiscard]] std::string pair_fingerprint(std::string_view before, std::string_view after,
                                           const std::vector<std::string>& indexes);

/// Type of the optimisation, found from the pair itself: "indexing" when indexes come and the
/// statement stays, "limit" and "projection" when needs let rows or columns go (or a cheaper way to
/// the same top n / columns dropped inside), "join" when joins, sub-queries or set operations
/// change place, else "redundancy".
[[nodiscard]] std::string optimisation_type(const Pair& pair, const Grammar& grammar);

} // namespace quill::sql
