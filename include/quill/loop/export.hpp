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
  std::string stage = "stage1";        ///< stage1 | stage2 | combined: the folder below `data`
  std::string format = "openai";       ///< openai | huggingface | qwen | dpo | grpo
  std::filesystem::path data = "data"; ///< holds the stages' folders
  std::filesystem::path run;           ///< a run folder, in place of data/stage
  std::filesystem::path out = "finetuning_datasets";
  double margin = 0.2;      ///< dpo: rewards that far apart, where both answers are right
  bool allow_steps = false; ///< also examples whose speedup was counted in VM steps
  void fields(FieldList& list);
};

struct ExportSummary {
  std::filesystem::path source, path;
  std::int64_t examples = 0; ///< lines; of dpo pairs
  std::int64_t bytes = 0;
  std::string sha256;
};
[[nodiscard]] Json to_json(const ExportSummary& summary);

/// Writes `out`/<format>_format.jsonl (huggingface: .json, one array), an example a line in the
/// order of the data set; of dpo a pair a line. sample.hpp says what a line holds.
/// \throws Error{usage}: no run there, no example in it, no pair for dpo, or examples measured in
/// steps without `allow_steps`; Error{storage}
ExportSummary export_dataset(const ExportConfig& config);

} // namespace quill::loop
