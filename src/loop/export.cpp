#include "quill/loop/export.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "loop/run_folder.hpp"
#include "quill/core/files.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSystem =
    "You make slow SQL queries fast. Answer with the fast query in one SQL block (CREATE INDEX "
    "statements first, when it needs any) that gives the same rows, then say why it is faster.";

std::string needs_text(const sql::Needs& needs) {
  std::string text;
  if (!needs.columns.empty())
    text += fmt::format("\nOnly these columns are needed: {}.", fmt::join(needs.columns, ", "));
  if (needs.top)
    text += fmt::format("\nOnly the first {} rows are needed.", *needs.top);
  return text;
}

fs::path run_folder(const ExportConfig& config) {
  return config.run.empty() ? config.data / config.stage : config.run;
}

void check_measured_in_time(const RunFolder& folder) {
  const auto steps = std::count_if(folder.examples.begin(), folder.examples.end(),
                                   [](const Example& one) { return one.measure == "steps"; });
  if (steps == 0)
    return;
  throw Error{Exit::usage,
              {.what = fmt::format("{} of {} examples were measured in VM steps, not in time",
                                   steps, folder.examples.size()),
               .where = folder.source.string(),
               .fix = "run `quill restem` with --measure time, or add --allow-steps when steps are "
                      "what you want"}};
}

void check_not_empty(const RunFolder& folder) {
  if (!folder.examples.empty())
    return;
  throw Error{Exit::usage,
              {.what = "the run has no example yet",
               .where = folder.source.string(),
               .fix = "let `quill restem` run longer, or look at `quill analyze`"}};
}

} // namespace

void ExportConfig::fields(FieldList& list) {
  list.add("stage", &stage, "which data set").one_of({"stage1"});
  list.add("format", &format, "format of the file").one_of({"openai"});
  list.add("data", &data, "folder that holds the stages' run folders");
  list.add("run", &run, "run folder, in place of the stage's");
  list.add("out", &out, "folder to write to");
  list.add("allow_steps", &allow_steps,
           "also examples whose speedup was counted in VM steps, not in time");
}

Json openai_sample(const Example& example) {
  const std::string user = fmt::format("Schema:\n{}\n\nMake this query faster:\n```sql\n{}\n```{}",
                                       example.schema, example.before, needs_text(example.needs));
  const std::string assistant =
      fmt::format("```sql\n{}\n```{}{}", example.script(), example.explanation.empty() ? "" : "\n",
                  example.explanation);
  return Json{{"messages", Json::array({{{"role", "system"}, {"content", kSystem}},
                                        {{"role", "user"}, {"content", user}},
                                        {{"role", "assistant"}, {"content", assistant}}})}};
}

ExportSummary export_dataset(const ExportConfig& config) {
  const RunFolder folder = read_run_folder(run_folder(config));
  check_not_empty(folder);
  if (!config.allow_steps)
    check_measured_in_time(folder);
  std::string bytes;
  for (const Example& example : folder.examples)
    bytes += dump_json(openai_sample(example)) + "\n";
  make_folder(config.out);
  ExportSummary summary{.source = folder.source,
                        .path = config.out / "openai_format.jsonl",
                        .examples = static_cast<std::int64_t>(folder.examples.size()),
                        .bytes = static_cast<std::int64_t>(bytes.size()),
                        .sha256 = sha256_hex(bytes)};
  real_disk().write_atomic(summary.path, bytes);
  return summary;
}

Json to_json(const ExportSummary& summary) {
  return Json{{"format_version", kFormatVersion}, {"source", summary.source.string()},
              {"path", summary.path.string()},    {"examples", summary.examples},
              {"bytes", summary.bytes},           {"sha256", summary.sha256}};
}

} // namespace quill::loop
