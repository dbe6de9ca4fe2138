#include "loop/run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "loop/rows.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kFileBytesMax = 4ULL << 30U;

std::string setting(const Json& settings, const char* key) {
  const auto found = settings.find(key);
  return found != settings.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Did it do all its iterations, or reach its target?
bool is_finished(const RunFolder& folder, const Json& settings) {
  const std::int64_t last = folder.iterations.empty() ? 0 : folder.iterations.back().iteration;
  const std::int64_t target = number(setting(settings, "restem.target_examples"));
  const auto distinct = std::count_if(folder.examples.begin(), folder.examples.end(),
                                      [](const Example& example) { return !example.seed(); });
  return last >= number(setting(settings, "restem.iterations")) ||
         (target > 0 && distinct >= target);
}

RunFolder from_database(const fs::path& folder) {
  store::RunRecord record = store::read_run(folder);
  RunFolder found;
  found.source = folder / "run.db";
  const std::string where = found.source.string();
  const bool steps = setting(record.header.config, "judge.measure") == "steps";
  for (const store::IterationRow& row : record.iterations) {
    found.iterations.push_back(
        iteration_from_json(parse_json(row.metrics, where), where + ": iteration"));
    if (!steps)
      found.iterations.back().elapsed_ms = row.elapsed_ms;
  }
  for (const store::ExampleRow& row : record.examples)
    found.examples.push_back(
        example_from_json(parse_json(row.example, where), where + ": example"));
  for (store::CandidateRow& row : record.candidates)
    if (row.kept && row.verdict)
      found.verdicts[example_id(row.iteration, row.position)] = std::move(*row.verdict);
  found.finished = is_finished(found, record.header.config);
  found.settings = std::move(record.header.config);
  found.command_line = std::move(record.header.command_line);
  found.version = std::move(record.header.version);
  return found;
}

Json read_document(const fs::path& file) {
  return parse_json(read_file(file, kFileBytesMax), file.string());
}

RunFolder from_files(const fs::path& folder) {
  RunFolder found;
  found.source = folder / "metrics.json";
  const Json metrics = read_document(found.source);
  const JsonObject document(metrics, found.source.string());
  found.finished = document.boolean_or("finished", true);
  if (document.has("seeds") && !document.at("seeds").is_null())
    found.iterations.push_back(
        iteration_from_json(document.at("seeds"), document.where() + ": seeds"));
  std::size_t number_of = 0;
  for (const Json& one : document.at("iterations"))
    found.iterations.push_back(
        iteration_from_json(one, fmt::format("{}: iterations[{}]", document.where(), number_of++)));
  const fs::path data = folder / "training_data.json";
  number_of = 0;
  for (const Json& one : read_document(data))
    found.examples.push_back(
        example_from_json(one, fmt::format("{}: element {}", data.string(), number_of++)));
  return found;
}

} // namespace

RunFolder read_run_folder(const fs::path& folder) {
  if (store::has_run(folder))
    return from_database(folder);
  if (fs::exists(folder / "metrics.json"))
    return from_files(folder);
  throw Error{Exit::usage,
              {.what = fmt::format("there is no run in \"{}\"", folder.string()),
               .where = (folder / "run.db").string(),
               .fix = "`quill restem --out FOLDER` makes one; name its folder"}};
}

} // namespace quill::loop
