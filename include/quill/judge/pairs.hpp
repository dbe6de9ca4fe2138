// Files of pairs.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "quill/sql/pair.hpp"

namespace quill::judge {

struct PairLine {
  sql::Pair pair;
  std::optional<std::filesystem::path> db; ///< overrides --db for this pair
};

/// Reads pairs from JSONL (id, before, after, optional indexes, db, needs; extra keys ignored),
/// from a JSON array of a file Quill writes (id = index, or an object with an "examples" array), or
/// with the seeds' keys slow_query and fast_query. \throws Error{usage} naming file, line (or
/// element) and key
[[nodiscard]] std::vector<PairLine> read_pairs(const std::filesystem::path& path);

} // namespace quill::judge
