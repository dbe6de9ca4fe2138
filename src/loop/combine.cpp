#include "quill/loop/combine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "loop/dataset_folder.hpp"
#include "loop/exports.hpp"
#include "loop/preferences.hpp"
#include "quill/core/files.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

/// Words of a schema that are no names.
constexpr std::array<std::string_view, 32> kSchemaWords{
    "create",  "table",   "primary", "key",  "not",      "null",    "unique", "references",
    "integer", "int",     "bigint",  "real", "text",     "numeric", "blob",   "varchar",
    "double",  "decimal", "boolean", "date", "datetime", "default", "check",  "foreign",
    "index",   "on",      "desc",    "asc",  "collate",  "without", "rowid",  "autoincrement"};

std::string structure_word(const sql::Token& token) {
  using Kind = sql::TokenKind;
  if (token.kind == Kind::quoted_name)
    return "_";
  std::string word = sql::lower(token.text);
  if (token.kind != Kind::word ||
      std::find(kSchemaWords.begin(), kSchemaWords.end(), word) != kSchemaWords.end())
    return word;
  return "_";
}

std::vector<Example> examples_of(const fs::path& folder) {
  std::vector<Example> examples = read_run_folder(folder).examples;
  if (examples.empty())
    throw Error{Exit::usage,
                {.what = "the data set has no example yet",
                 .where = folder.string(),
                 .fix = "let `quill restem` run longer, or name another folder"}};
  const std::string name = folder.filename().string();
  for (Example& example : examples)
    example.id = fmt::format("{}/{}", name, example.id);
  return examples;
}

/// Keeps the first of equal ones; returns how many went.
std::int64_t drop_duplicates(std::vector<Example>& examples, std::set<std::string>& seen) {
  return static_cast<std::int64_t>(std::erase_if(examples, [&](const Example& example) {
    return !seen.insert(fmt::format("{} {}", sha256_hex(example.schema), example.fingerprint))
                .second;
  }));
}

/// Short queries first; equal lengths keep their order.
void easy_first(std::vector<Example>& examples) {
  std::stable_sort(examples.begin(), examples.end(), [](const Example& a, const Example& b) {
    return a.before.size() < b.before.size();
  });
}

std::vector<Example> drawn(std::vector<Example> examples, std::int64_t count, Rng rng) {
  rng.shuffle(examples);
  examples.resize(static_cast<std::size_t>(count));
  return examples;
}

/// As many as the shares allow, each example once.
std::int64_t size_of(const CombineConfig& config, std::size_t stage1, std::size_t stage2) {
  const double a = config.stage1_share, b = 1 - a;
  auto most = static_cast<double>(stage1 + stage2);
  if (a > 0)
    most = std::min(most, static_cast<double>(stage1) / a);
  if (b > 0)
    most = std::min(most, static_cast<double>(stage2) / b);
  const auto largest = static_cast<std::int64_t>(std::floor(most));
  if (config.size && *config.size > largest)
    throw Error{Exit::usage,
                {.what = fmt::format("{} examples are asked for, the shares allow {}", *config.size,
                                     largest),
                 .where = fmt::format("{} examples in {}, {} in {}", stage1, config.stage1.string(),
                                      stage2, config.stage2.string()),
                 .fix = "ask for fewer with --size, or change --stage1-share"}};
  return config.size.value_or(largest);
}

/// The two stages as one list.
struct Combined {
  std::vector<Example> examples;
  std::int64_t stage1 = 0, stage2 = 0;
};

Combined in_order(const CombineConfig& config, std::vector<Example> stage1,
                  std::vector<Example> stage2) {
  const Rng rng = Rng(static_cast<std::uint64_t>(config.seed)).child("combine");
  if (config.order == "weighted") {
    const std::int64_t size = size_of(config, stage1.size(), stage2.size());
    const auto of_stage1 = std::min(
        static_cast<std::int64_t>(std::llround(config.stage1_share * static_cast<double>(size))),
        static_cast<std::int64_t>(stage1.size()));
    const auto of_stage2 = std::min(size - of_stage1, static_cast<std::int64_t>(stage2.size()));
    stage1 = drawn(std::move(stage1), of_stage1, rng.child("stage1"));
    stage2 = drawn(std::move(stage2), of_stage2, rng.child("stage2"));
  } else {
    easy_first(stage1);
    easy_first(stage2);
  }
  Combined combined{.examples = std::move(stage1),
                    .stage1 = 0,
                    .stage2 = static_cast<std::int64_t>(stage2.size())};
  combined.stage1 = static_cast<std::int64_t>(combined.examples.size());
  combined.examples.insert(combined.examples.end(), stage2.begin(), stage2.end());
  if (config.order == "weighted")
    rng.child("order").shuffle(combined.examples);
  return combined;
}

/// Whole schemas, under whatever names, until the share is reached; one is left to train on.
std::set<std::string> eval_schemas(const std::vector<Example>& examples,
                                   const CombineConfig& config) {
  std::map<std::string, std::int64_t> counts;
  for (const Example& example : examples)
    ++counts[schema_structure(example.schema)];
  std::vector<std::string> schemas;
  schemas.reserve(counts.size());
  for (const auto& [schema, count] : counts)
    schemas.push_back(schema);
  Rng(static_cast<std::uint64_t>(config.seed)).child("split").shuffle(schemas);
  schemas.pop_back();
  std::set<std::string> chosen;
  auto left = static_cast<std::int64_t>(config.eval_share * static_cast<double>(examples.size()));
  for (const std::string& schema : schemas)
    if (counts[schema] <= left) {
      left -= counts[schema];
      chosen.insert(schema);
    }
  return chosen;
}

/// Takes the examples of these schemas out.
std::vector<Example> take_out(std::vector<Example>& examples,
                              const std::set<std::string>& schemas) {
  const auto middle =
      std::stable_partition(examples.begin(), examples.end(), [&](const Example& example) {
        return !schemas.contains(schema_structure(example.schema));
      });
  std::vector<Example> taken(std::make_move_iterator(middle),
                             std::make_move_iterator(examples.end()));
  examples.erase(middle, examples.end());
  return taken;
}

/// Those about slow queries that are trained on.
std::vector<Preference> preferences_for(const CombineConfig& config,
                                        const std::vector<Example>& train) {
  std::set<std::string> asked;
  for (const Example& example : train)
    asked.insert(sha256_hex(example.schema + example.before));
  std::vector<Preference> preferences;
  for (const fs::path& folder : {config.stage1, config.stage2})
    for (Preference& one : read_preferences(folder, read_run_folder(folder).examples))
      if (asked.contains(sha256_hex(one.chosen.schema + one.chosen.before)))
        preferences.push_back(std::move(one));
  return preferences;
}

std::string preference_bytes(const std::vector<Preference>& preferences) {
  Json list = Json::array();
  for (const Preference& one : preferences)
    list.push_back(to_json(one));
  return dump_json(list, 1) + "\n";
}

} // namespace

void CombineConfig::fields(FieldList& list) {
  list.add("stage1", &stage1, "run folder of stage 1");
  list.add("stage2", &stage2, "run folder of stage 2, or an augmented one");
  list.add("out", &out, "folder to write to");
  list.add("order", &order, "stage 1 first and short queries first, or drawn by the shares")
      .one_of({"curriculum", "weighted"});
  list.add("stage1_share", &stage1_share, "weighted: share of stage 1").range(0, 1);
  list.add("size", &size, "weighted: examples in all; default as many as the shares allow")
      .at_least(1);
  list.add("eval_share", &eval_share,
           "share of the examples to keep for evaluation, by whole schemas")
      .range(0, 0.9);
  list.add("seed", &seed, "seed of draws and splits").at_least(0);
}

std::string schema_structure(std::string_view ddl) {
  std::string structure;
  if (const auto tokens = sql::tokenize(ddl, {.bytes = 16U << 20U, .tokens = 1'000'000}))
    for (const sql::Token& token : tokens.value())
      structure += structure_word(token) + " ";
  else
    structure = sql::lower(ddl);
  return sha256_hex(structure).substr(0, 16);
}

CombineSummary combine(const CombineConfig& config) {
  std::vector<Example> stage1 = examples_of(config.stage1);
  std::vector<Example> stage2 = examples_of(config.stage2);
  std::set<std::string> seen;
  CombineSummary summary{.path = config.out / "training_data.json"};
  summary.duplicates = drop_duplicates(stage1, seen) + drop_duplicates(stage2, seen);
  Combined combined = in_order(config, std::move(stage1), std::move(stage2));
  const auto schemas = eval_schemas(combined.examples, config);
  const auto eval = take_out(combined.examples, schemas);
  const auto preferences = preferences_for(config, combined.examples);
  write_dataset_folder(config.out, combined.examples,
                       Json{{"command", "combine"},
                            {"order", config.order},
                            {"stage1", config.stage1.string()},
                            {"stage2", config.stage2.string()},
                            {"eval_share", config.eval_share},
                            {"seed", config.seed}});
  real_disk().write_atomic(config.out / "eval_data.json", training_data_bytes(eval));
  real_disk().write_atomic(config.out / kPreferenceFile, preference_bytes(preferences));
  summary.stage1 = combined.stage1;
  summary.stage2 = combined.stage2;
  summary.examples = static_cast<std::int64_t>(combined.examples.size());
  summary.eval_examples = static_cast<std::int64_t>(eval.size());
  summary.eval_schemas = static_cast<std::int64_t>(schemas.size());
  summary.preferences = static_cast<std::int64_t>(preferences.size());
  return summary;
}

Json to_json(const CombineSummary& summary) {
  return Json{{"format_version", kFormatVersion},
              {"path", summary.path.string()},
              {"stage1", summary.stage1},
              {"stage2", summary.stage2},
              {"examples", summary.examples},
              {"eval_examples", summary.eval_examples},
              {"eval_schemas", summary.eval_schemas},
              {"duplicates", summary.duplicates},
              {"preferences", summary.preferences}};
}

} // namespace quill::loop
