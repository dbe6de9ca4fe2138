#include "quill/loop/import.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kFileBytesMax = 1ULL << 30U;

using Keys = std::vector<std::string_view>;

/// Names that fields go by; the first that a row has counts.
const Keys kQuestion{"question", "instruction", "prompt", "input", "utterance", "sql_prompt"};
const Keys kGold{"query", "SQL", "sql", "gold", "answer", "output", "completion"};
const Keys kDatabase{"db_id", "db_name", "database", "domain"};
const Keys kSchema{"schema", "context", "sql_context", "create_table"};
const Keys kEvidence{"evidence", "external_knowledge"};
const Keys kDifficulty{"difficulty", "hardness", "sql_complexity"};
const Keys kId{"id", "question_id"};

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& fix) {
  throw Error{Exit::usage, {.what = what, .where = where, .fix = fix}};
}

/// As text; numbers too, since ids are often numbers. Lists and objects are no text: Spider's "sql"
/// is a tree.
std::optional<std::string> text_of(const Json& row, const Keys& keys) {
  for (const std::string_view key : keys) {
    const auto found = row.find(key);
    if (found == row.end() || found->is_null() || found->is_structured())
      continue;
    return found->is_string() ? found->get<std::string>() : found->dump();
  }
  return std::nullopt;
}

Json question_of(const Json& row, std::size_t number, const std::string& where) {
  const std::string place = fmt::format("{}: row {}", where, number + 1);
  if (!row.is_object())
    refuse("a row is no object", place, "rows are objects with a question and a query");
  const auto question = text_of(row, kQuestion);
  const auto gold = text_of(row, kGold);
  if (!question || !gold)
    refuse(fmt::format("a row has no {}", question ? "query" : "question"), place,
           fmt::format("name it one of {}", fmt::join(question ? kGold : kQuestion, ", ")));
  Json line{{"id", text_of(row, kId).value_or(std::to_string(number))},
            {"db_id", text_of(row, kDatabase).value_or("")},
            {"question", *question},
            {"gold", *gold}};
  for (const auto& [name, keys] :
       {std::pair("evidence", &kEvidence), std::pair("difficulty", &kDifficulty),
        std::pair("schema", &kSchema)})
    if (const auto text = text_of(row, *keys))
      line[name] = *text;
  return line;
}

std::vector<std::string> names_of(const ImportConfig& config) {
  const bool train = config.split == "train";
  if (config.kind == "spider")
    return train ? std::vector<std::string>{"train_spider.json", "train.json"}
                 : std::vector<std::string>{"dev.json", "spider_dev.jsonl"};
  if (config.kind == "bird")
    return train ? std::vector<std::string>{"train.json"}
                 : std::vector<std::string>{"dev.json", "mini_dev_sqlite.json"};
  return {config.split + ".jsonl", config.split + ".json", "data/" + config.split + ".jsonl"};
}

fs::path source_of(const ImportConfig& config) {
  if (!fs::is_directory(config.from))
    return config.from;
  const auto names = names_of(config);
  for (const std::string& name : names)
    if (fs::exists(config.from / name))
      return config.from / name;
  refuse(fmt::format("there is no question file in \"{}\"", config.from.string()),
         fmt::format("looked for {}", fmt::join(names, ", ")),
         "name the file itself, or choose another --split");
}

/// An array, an object with one under "data" or "rows", or JSONL; hf rows may lie under "row".
void each_row(const fs::path& file, const std::function<void(const Json&)>& take) {
  if (file.extension() == ".parquet")
    refuse("Parquet is not read", file.string(),
           "write it as JSONL first, for example with `datasets`: "
           "load_dataset(…).to_json(\"rows.jsonl\")");
  const auto unwrapped = [&](const Json& row) {
    take(row.is_object() && row.contains("row") ? row.at("row") : row);
  };
  if (file.extension() == ".jsonl") {
    read_jsonl(file, [&](const Json& row, std::size_t) { unwrapped(row); });
    return;
  }
  const Json document = parse_json(read_file(file, kFileBytesMax), file.string());
  const Json* rows = &document;
  for (const char* key : {"data", "rows"})
    if (document.is_object() && document.contains(key))
      rows = &document.at(key);
  if (!rows->is_array())
    refuse("the file holds no list of rows", file.string(),
           "a JSON array, an object with \"data\" or \"rows\", or one object a line (.jsonl)");
  for (const Json& row : *rows)
    unwrapped(row);
}

} // namespace

void ImportConfig::fields(FieldList& list) {
  list.add_positional("kind", &kind, "whose layout: spider, bird, or hf for rows of any data set")
      .one_of({"spider", "bird", "hf"})
      .needed();
  list.add_positional("from", &from, "its folder, or a file of it: JSON or JSONL").needed();
  list.add("split", &split, "which questions of the folder").one_of({"dev", "train"});
  list.add("out", &out, "file to write, one question a line");
}

ImportSummary import_questions(const ImportConfig& config) {
  const fs::path source = source_of(config);
  std::string bytes;
  std::set<std::string> databases;
  ImportSummary summary{.source = source, .path = config.out};
  each_row(source, [&](const Json& row) {
    const Json line =
        question_of(row, static_cast<std::size_t>(summary.questions++), source.string());
    databases.insert(line.at("db_id").get<std::string>());
    bytes += dump_json(line) + "\n";
  });
  if (config.out.has_parent_path())
    make_folder(config.out.parent_path());
  real_disk().write_atomic(config.out, bytes);
  summary.databases = static_cast<std::int64_t>(databases.size());
  return summary;
}

Json to_json(const ImportSummary& summary) {
  return Json{{"format_version", kFormatVersion},
              {"source", summary.source.string()},
              {"path", summary.path.string()},
              {"questions", summary.questions},
              {"databases", summary.databases}};
}

} // namespace quill::loop
