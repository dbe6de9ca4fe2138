// The kept examples as a training set for others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// `quill export`.
struct ExportConfig {
  std::string stage = "stage1";        ///< stage1: the folder below `data`
  std::string format = "openai";       ///< openai
  std::filesystem::path data = "data"; ///< holds stage1/
  std::filesystem::path run;           ///< a run folder, in place of data/stage
  std::filesystem::path out = "finetuning_datasets";
  bool allow_steps = false; ///< also examples whose speedup was counted in VM steps
  void fields(FieldList& list);
};

struct ExportSummary {
  std::filesystem::path source, path;
  std::int64_t examples = 0;
  std::int64_t bytes = 0;
  std::string sha256;
};
[[nodiscard]] Json to_json(const ExportSummary& summary);

/// {"messages": [system, user: schema + before, assistant: after with its CREATE INDEX +
/// explanation]}.
[[nodiscard]] Json openai_sample(const Example& example);

/// Writes `out`/openai_format.jsonl, one example a line, in the order of the data set.
/// \throws Error{usage}: no run there, no example in it, or examples measured in steps without
/// `allow_steps`; Error{storage}
ExportSummary export_dataset(const ExportConfig& config);

} // namespace quill::loop
