// Files of pairs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/pair.hpp"

namespace quill::judge {

struct PairLine {
  sql::Pair pair;
  std::optional<std::filesystem::path> db; ///< overrides --db for this pair
  std::string type;                        ///< as the file says; "" when it does not
  std::string schema;                      ///< DDL, for `equivalence`; "" when there is none
};

/// A file larger than this is refused.
inline constexpr std::uint64_t kPairsFileBytesMax = 256ULL << 20U;
/// More pairs in one file are refused.
inline constexpr std::size_t kPairsMax = 1'000'000;

/// Reads pairs from JSONL (id, before, after, optional indexes, db, needs, type, schema; extra
/// keys ignored), from a JSON array of a file Quill writes (id = index, or an object with an
/// "examples" array), or with the seeds' keys slow_query and fast_query. \throws Error{usage}
/// naming file, line (or element) and key
[[nodiscard]] std::vector<PairLine> read_pairs(const std::filesystem::path& path);

/// The same from text; `where` names its place in errors.
[[nodiscard]] std::vector<PairLine> parse_pairs(std::string_view text, const std::string& where);

/// sql::set_after for what people and models write: a script of CREATE INDEX alone means that the
/// statement stays as it is, and a script that is not one statement is kept whole, so that the
/// judge can say what is wrong with it.
void take_after(sql::Pair& pair, std::string_view script);

} // namespace quill::judge
