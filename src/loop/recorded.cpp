#include "quill/loop/recorded.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "loop/run_folder.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr int kLevelsMax = 2;
// "database.sha256", or "database.NAME.sha256" where there are several.
constexpr std::string_view kDatabaseKey = "database", kHashKey = ".sha256";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::vector<fs::path> places_of(const fs::path& folder, const std::string& name) {
  if (name.empty())
    return {folder / "database.db", "data/test.db"};
  return {folder / "databases" / (name + ".db")};
}

ExampleTimes times_of(const std::string& verdict, const std::string& where) {
  const Json value = parse_json(verdict, where);
  const JsonObject object(value, where);
  return {.before_ms = optional_number(object, "before_ms"),
          .after_ms = optional_number(object, "after_ms")};
}

bool holds_run(const fs::path& folder) {
  std::error_code ignored;
  return store::has_run(folder) || fs::exists(folder / "metrics.json", ignored);
}

void find_runs(const fs::path& folder, int level, std::vector<fs::path>& found) {
  if (holds_run(folder))
    found.push_back(folder);
  if (level == kLevelsMax)
    return;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_directory(error) && !entry.is_symlink(error))
      find_runs(entry.path(), level + 1, found);
}

ListedRun listed(const fs::path& folder) {
  ListedRun run{.folder = folder, .totals = {}, .problem = ""};
  try {
    Analysis analysis = analyze({.run = folder});
    run.finished = analysis.finished;
    run.totals = std::move(analysis.totals);
  } catch (const Error& error) {
    run.problem = error.text().what;
  }
  return run;
}

} // namespace

RecordedRun read_recorded_run(const fs::path& folder) {
  RunFolder read = read_run_folder(folder);
  RecordedRun run;
  run.analysis = analysis_of(read);
  for (const auto& [id, verdict] : read.verdicts)
    run.times[id] = times_of(verdict, fmt::format("{}: verdict {}", read.source.string(), id));
  run.examples = std::move(read.examples);
  run.settings = std::move(read.settings);
  run.command_line = std::move(read.command_line);
  run.version = std::move(read.version);
  return run;
}

Json to_json(const RecordedRun& run) {
  Json value = to_json(run.analysis);
  value["command_line"] = text_or_null(run.command_line);
  value["version"] = text_or_null(run.version);
  value["settings"] = run.settings;
  return value;
}

Json to_json(const ListedRun& run) {
  Json value{{"folder", run.folder.string()}, {"problem", text_or_null(run.problem)}};
  value["finished"] = run.problem.empty() ? Json(run.finished) : Json(nullptr);
  value["totals"] = run.problem.empty() ? to_json(run.totals) : Json(nullptr);
  return value;
}

std::vector<ListedRun> list_runs(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw Error{Exit::usage,
                {.what = fmt::format("there is no folder \"{}\"", folder.string()),
                 .where = "runs ls",
                 .fix = "name the folder that holds the runs, for example data"}};
  std::vector<fs::path> folders;
  find_runs(folder, 0, folders);
  std::sort(folders.begin(), folders.end());
  std::vector<ListedRun> runs;
  for (const fs::path& one : folders)
    runs.push_back(listed(one));
  return runs;
}

std::vector<fs::path> find_run_databases(const RecordedRun& run, const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& [key, hash] : run.settings.items()) {
    if (!key.starts_with(kDatabaseKey) || !key.ends_with(kHashKey))
      continue;
    const std::string name =
        key.size() > kDatabaseKey.size() + kHashKey.size()
            ? key.substr(kDatabaseKey.size() + 1,
                         key.size() - kDatabaseKey.size() - kHashKey.size() - 1)
            : "";
    for (const fs::path& path : places_of(folder, name))
      if (is_file(path) && hash == sha256_file(path)) {
        found.push_back(path);
        break;
      }
  }
  return found;
}

} // namespace quill::loop
