// Is a data set fit to train on? Leaks, duplicates, queries that do not run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"

namespace quill {
class Cancel;
}

namespace quill::loop {

/// `quill data check`.
struct DataCheckConfig {
  std::filesystem::path folder = "data/combined"; ///< with training_data.json and eval_data.json
  std::filesystem::path eval;                     ///< default: eval_data.json of the folder
  std::filesystem::path databases;                ///< folder of NAME.db: queries run on rows too
  void fields(FieldList& list);
};

/// What is wrong with one example.
struct DataFault {
  std::string kind; ///< leak | duplicate | broken
  std::string id, other;
  std::string reason;
};
struct DataCheck {
  std::int64_t examples = 0, eval_examples = 0;
  std::int64_t schemas = 0, eval_schemas = 0; ///< structures: other names do not count
  std::int64_t run_on_rows = 0;               ///< examples whose queries met a real database
  std::vector<DataFault> faults;
  [[nodiscard]] std::int64_t count(std::string_view kind) const;
};
[[nodiscard]] Json to_json(const DataCheck& check);

/// A leak: a schema (under whatever names) or a slow query that is trained on and evaluated on. A
/// duplicate: the same pair twice on one schema. Broken: `before` or `after` with its indexes does
/// not run on its schema without rows, nor, where its database is given, on that.
/// \throws Error{usage}: nothing to check; Error{interrupted}
[[nodiscard]] DataCheck check_data(const DataCheckConfig& config, const Cancel& cancel);

} // namespace quill::loop
