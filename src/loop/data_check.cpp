#include "quill/loop/data_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "loop/example_database.hpp"
#include "loop/novelty.hpp"
#include "loop/run_folder.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/loop/combine.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kFileBytesMax = 4ULL << 30U;

std::vector<Example> read_examples(const fs::path& file) {
  std::vector<Example> examples;
  const Json list = parse_json(read_file(file, kFileBytesMax), file.string());
  for (const Json& one : list)
    examples.push_back(
        example_from_json(one, fmt::format("{}: element {}", file.string(), examples.size())));
  return examples;
}

std::vector<Example> eval_examples(const DataCheckConfig& config) {
  if (!config.eval.empty())
    return read_examples(config.eval);
  const fs::path file = config.folder / "eval_data.json";
  return fs::exists(file) ? read_examples(file) : std::vector<Example>{};
}

using Structures = std::map<std::string, std::string>; ///< structure → id of an example

Structures structures_of(const std::vector<Example>& examples) {
  std::map<std::string, std::string>
      by_ddl; // a structure costs, and few schemas have many examples
  Structures structures;
  for (const Example& example : examples)
    if (by_ddl.emplace(example.schema, example.id).second)
      structures.emplace(schema_structure(example.schema), example.id);
  return structures;
}

void find_leaks(const std::vector<Example>& train, const std::vector<Example>& eval,
                DataCheck& check) {
  const Structures trained = structures_of(train), held = structures_of(eval);
  check.schemas = static_cast<std::int64_t>(trained.size());
  check.eval_schemas = static_cast<std::int64_t>(held.size());
  for (const auto& [structure, id] : held)
    if (const auto found = trained.find(structure); found != trained.end())
      check.faults.push_back({"leak", id, found->second, "the same schema is trained on"});
  std::map<std::vector<std::uint64_t>, std::string> asked;
  for (const Example& example : train)
    asked.emplace(token_triples(example.before), example.id);
  for (const Example& example : eval)
    if (const auto found = asked.find(token_triples(example.before)); found != asked.end())
      check.faults.push_back(
          {"leak", example.id, found->second, "the same slow query is trained on"});
}

void find_duplicates(const std::vector<Example>& examples, DataCheck& check) {
  std::map<std::string, std::string> seen;
  for (const Example& example : examples) {
    const auto [first, fresh] =
        seen.emplace(sha256_hex(example.schema) + example.fingerprint, example.id);
    if (!fresh)
      check.faults.push_back({"duplicate", example.id, first->second, "the same pair"});
  }
}

/// Runs queries, on one schema after the other.
class Runner {
 public:
  Runner(const DataCheckConfig& config, const Cancel& cancel)
      : places_{config.folder, {}, config.databases}, cancel_(cancel) {}

  void run(const Example& example, DataCheck& check) {
    std::string reason = why_not(empty_of(example.schema), example);
    if (reason.empty() && !find_database(places_, example.database).empty() &&
        example.renamed_from.empty()) {
      ++check.run_on_rows;
      reason = why_not(filled(find_database(places_, example.database)), example);
    }
    if (!reason.empty())
      check.faults.push_back({"broken", example.id, "", reason});
  }

 private:
  /// "" when both queries run.
  static std::string why_not(engine::Session& session, const Example& example) {
    const engine::Limits limits{.rows = 0, .timeout_ms = 60'000};
    if (const auto before = session.sample(example.before, limits);
        before.status != engine::Status::ok)
      return "before: " + before.message;
    if (const auto built = session.build_indexes(example.indexes, limits); !built.ok)
      return "indexes: " + built.message;
    const auto after = session.sample(example.after, limits, engine::Side::indexed);
    return after.status == engine::Status::ok ? "" : "after: " + after.message;
  }

  engine::Session& empty_of(const std::string& schema) {
    if (!empty_ || schema != schema_) {
      empty_ = engine::open_sqlite_script(schema, &cancel_);
      schema_ = schema;
    }
    return *empty_;
  }

  engine::Session& filled(const fs::path& file) {
    if (!filled_ || file != file_) {
      filled_ = engine::open_sqlite(file, &cancel_);
      file_ = file;
    }
    return *filled_;
  }

  DatabasePlaces places_;
  const Cancel& cancel_;
  std::unique_ptr<engine::Session> empty_, filled_;
  std::string schema_;
  fs::path file_;
};

} // namespace

void DataCheckConfig::fields(FieldList& list) {
  list.add_positional("folder", &folder, "a run folder, or one written by combine or augment");
  list.add("eval", &eval, "file of the examples to evaluate on; default: the folder's own");
  list.add("databases", &databases, "folder of the databases by name: queries run on their rows");
}

std::int64_t DataCheck::count(std::string_view kind) const {
  return std::count_if(faults.begin(), faults.end(),
                       [&](const DataFault& fault) { return fault.kind == kind; });
}

DataCheck check_data(const DataCheckConfig& config, const Cancel& cancel) {
  std::vector<Example> train = read_run_folder(config.folder).examples;
  const std::vector<Example> eval = eval_examples(config);
  DataCheck check;
  check.examples = static_cast<std::int64_t>(train.size());
  check.eval_examples = static_cast<std::int64_t>(eval.size());
  find_leaks(train, eval, check);
  train.insert(train.end(), eval.begin(), eval.end());
  find_duplicates(train, check);
  std::stable_sort(train.begin(), train.end(),
                   [](const Example& a, const Example& b) { return a.schema < b.schema; });
  Runner runner(config, cancel);
  for (const Example& example : train) {
    if (cancel.requested())
      throw Error{cancel.exit(), {.what = "interrupted", .where = {}, .fix = {}}};
    runner.run(example, check);
  }
  return check;
}

Json to_json(const DataCheck& check) {
  Json faults = Json::array();
  for (const DataFault& fault : check.faults)
    faults.push_back({{"kind", fault.kind},
                      {"id", fault.id},
                      {"other", fault.other.empty() ? Json(nullptr) : Json(fault.other)},
                      {"reason", fault.reason}});
  return Json{{"format_version", kFormatVersion},     {"examples", check.examples},
              {"eval_examples", check.eval_examples}, {"schemas", check.schemas},
              {"eval_schemas", check.eval_schemas},   {"run_on_rows", check.run_on_rows},
              {"leaks", check.count("leak")},         {"duplicates", check.count("duplicate")},
              {"broken", check.count("broken")},      {"faults", std::move(faults)}};
}

} // namespace quill::loop
