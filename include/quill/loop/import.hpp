// Questions of other data sets, as `quill eval sql` and training read them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"

namespace quill::loop {

/// `quill data import`.
struct ImportConfig {
  std::string kind;           ///< spider | bird | hf
  std::filesystem::path from; ///< folder, or one of its files (JSON, JSONL)
  std::string split = "dev";  ///< which of the folder's question files: dev | train
  std::filesystem::path out = "data/questions.jsonl";
  void fields(FieldList& list);
};

struct ImportSummary {
  std::filesystem::path source, path;
  std::int64_t questions = 0;
  std::int64_t databases = 0; ///< distinct db_id
};
[[nodiscard]] Json to_json(const ImportSummary& summary);

/// Writes one line a question: {"id", "db_id", "question", "gold"} and, where the source has them,
/// "evidence", "difficulty", "schema". Spider: dev.json or train_spider.json; BIRD: dev.json or
/// train.json; hf: any rows with a question and a query under one of their usual names.
/// \throws Error{usage}: no such file, Parquet, a row without question or query; Error{storage}
ImportSummary import_questions(const ImportConfig& config);

} // namespace quill::loop
