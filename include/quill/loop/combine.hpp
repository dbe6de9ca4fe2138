// One data set of several runs, in an order to learn in, with some schemas kept for evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"

namespace quill::loop {

/// `quill combine`.
struct CombineConfig {
  std::filesystem::path stage1 = "data/stage1"; ///< run folder of techniques
  std::filesystem::path stage2 = "data/stage2"; ///< run folder, or an augmented one, of breadth
  std::filesystem::path out = "data/combined";
  std::string order = "curriculum"; ///< curriculum | weighted
  double stage1_share = 0.3;        ///< weighted: of the examples
  std::optional<std::int64_t> size; ///< weighted: so many; default as many as the shares allow
  double eval_share = 0;            ///< of the examples at most, by whole schemas
  std::int64_t seed = 42;
  void fields(FieldList& list);
};

struct CombineSummary {
  std::filesystem::path path;
  std::int64_t stage1 = 0, stage2 = 0; ///< examples taken of each
  std::int64_t examples = 0;           ///< written to train on
  std::int64_t eval_examples = 0, eval_schemas = 0;
  std::int64_t duplicates = 0;  ///< left out
  std::int64_t preferences = 0; ///< pairs for dpo
};
[[nodiscard]] Json to_json(const CombineSummary& summary);

/// The structure of a schema without its names, as 16 hex digits: tables, columns, types, keys and
/// indexes in their order. A schema under other names has the same.
[[nodiscard]] std::string schema_structure(std::string_view ddl);

/// Writes training_data.json, metrics.json, preference_pairs.json, and eval_data.json when some
/// schemas are kept for evaluation: no schema, under whatever names, is on both sides.
/// `curriculum`: stage 1 first, each stage from short to long queries. `weighted`: drawn without
/// repetition by the shares, shuffled.
/// \throws Error{usage}: no run, nothing in it, more asked for than there is; Error{storage}
CombineSummary combine(const CombineConfig& config);

} // namespace quill::loop
