#include "quill/loop/export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "loop/preferences.hpp"
#include "loop/run_folder.hpp"
#include "quill/core/files.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

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

/// How a format is called, and what its file is.
struct Format {
  std::string_view name, file;
  Json (*sample)(const Example&); ///< null: of pairs
  bool array = false;             ///< one JSON array, not a line each
};
constexpr std::array kFormats{
    Format{"openai", "openai_format.jsonl", openai_sample},
    Format{"huggingface", "huggingface_format.json", huggingface_sample, true},
    Format{"qwen", "qwen_format.jsonl", qwen_sample},
    Format{"dpo", "dpo_format.jsonl", nullptr},
    Format{"grpo", "grpo_format.jsonl", grpo_sample},
};

std::vector<Json> samples_of(const Format& format, const RunFolder& folder,
                             const ExportConfig& config) {
  std::vector<Json> samples;
  if (format.sample != nullptr) {
    for (const Example& example : folder.examples)
      samples.push_back(format.sample(example));
    return samples;
  }
  for (const Preference& pair :
       apart_by(read_preferences(run_folder(config), folder.examples), config.margin))
    samples.push_back(dpo_sample(pair));
  if (samples.empty())
    throw Error{Exit::usage,
                {.what = "no slow query has a better and a worse candidate",
                 .where = folder.source.string(),
                 .fix = "ask for more candidates (`quill restem --candidates 5`), or lower "
                        "--margin"}};
  return samples;
}

std::string bytes_of(const std::vector<Json>& samples, bool array) {
  if (array)
    return dump_json(Json(samples), 1) + "\n";
  std::string bytes;
  for (const Json& sample : samples)
    bytes += dump_json(sample) + "\n";
  return bytes;
}

} // namespace

void ExportConfig::fields(FieldList& list) {
  list.add("stage", &stage, "which data set").one_of({"stage1", "stage2", "combined"});
  list.add("format", &format, "format of the file")
      .one_of({"openai", "huggingface", "qwen", "dpo", "grpo"});
  list.add("data", &data, "folder that holds the stages' folders");
  list.add("run", &run, "run folder, in place of the stage's");
  list.add("out", &out, "folder to write to");
  list.add("margin", &margin, "dpo: how far apart the rewards of two right answers must be")
      .range(0, 1);
  list.add("allow_steps", &allow_steps,
           "also examples whose speedup was counted in VM steps, not in time");
}

ExportSummary export_dataset(const ExportConfig& config) {
  const Format& format = *std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& one) {
    return one.name == config.format;
  });
  const RunFolder folder = read_run_folder(run_folder(config));
  check_not_empty(folder);
  if (!config.allow_steps)
    check_measured_in_time(folder);
  const auto samples = samples_of(format, folder, config);
  const std::string bytes = bytes_of(samples, format.array);
  make_folder(config.out);
  ExportSummary summary{.source = folder.source,
                        .path = config.out / format.file,
                        .examples = static_cast<std::int64_t>(samples.size()),
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
