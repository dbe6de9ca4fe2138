#include "quill/train/run.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/log.hpp"

namespace quill::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSettings = "run.json";
constexpr const char* kFigures = "metrics.jsonl";
constexpr std::uint64_t kFiguresBytesMax = 1ULL << 30U;

fs::path held(fs::path folder) {
  make_folder(folder);
  return folder;
}

/// \throws Error{usage} naming the first setting that is another
void require_same(const Json& old_settings, const Json& settings,
                  const std::vector<std::string>& free, const std::string& where) {
  for (const auto& [key, value] : settings.items()) {
    if (std::find(free.begin(), free.end(), key) != free.end())
      continue;
    const auto old = old_settings.find(key);
    if (old == old_settings.end() || *old != value)
      throw Error{Exit::usage,
                  {.what = fmt::format("the run was begun with {} = {}, now it is {}", key,
                                       old == old_settings.end() ? "nothing" : dump_json(*old),
                                       dump_json(value)),
                   .where = where,
                   .fix = "give the same settings to go on, or another --out to begin anew"}};
  }
}

/// TensorBoard wants the time of the day.
double unix_seconds() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The numbers of a line, by tag.
std::vector<std::pair<std::string, double>> figures_of(const Json& line) {
  std::vector<std::pair<std::string, double>> figures;
  for (const auto& [key, value] : line.items()) {
    if (!value.is_number() || key == "step")
      continue;
    const bool evaluated = key.starts_with("eval_");
    figures.emplace_back(evaluated ? "eval/" + key.substr(5) : "train/" + key, value.get<double>());
  }
  return figures;
}

} // namespace

Run::Run(fs::path folder, const Json& settings, const std::vector<std::string>& free, bool resume,
         bool leads)
    : folder_(held(std::move(folder))),
      lock_(leads ? std::make_unique<FileLock>(folder_ / "lock", "this run") : nullptr),
      checkpoints_(folder_) {
  if (!leads)
    return;
  const fs::path path = folder_ / kSettings;
  if (fs::exists(path)) {
    if (!resume)
      throw Error{Exit::usage,
                  {.what = "the folder holds a run already",
                   .where = folder_.string(),
                   .fix = "go on with --resume, or give another --out"}};
    const Json document = parse_json(read_file(path), path.string());
    require_same(JsonObject(document, path.string()).at("settings"), settings, free, path.string());
  } else {
    constexpr int kIndent = 2;
    const Json document = {{"format_version", kFormatVersion}, {"settings", settings}};
    real_disk().write_atomic(path, dump_json(document, kIndent) + "\n");
  }
  remove_leftovers(folder_);
  log_to_folder(folder_);
}

void Run::begin_events(std::int64_t step) {
  events_.emplace(folder_ / "tensorboard", step, unix_seconds());
}

void Run::forget_after(std::int64_t step) {
  begin_events(step + 1);
  const fs::path path = folder_ / kFigures;
  if (!fs::exists(path))
    return;
  std::string kept;
  const std::string text = read_file(path, kFiguresBytesMax);
  std::size_t begin = 0;
  // A line that a kill cut has no end, and goes.
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       begin = end + 1, end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    const Json figures = parse_json(line, path.string());
    if (JsonObject(figures, path.string()).integer("step") <= step)
      kept += line + "\n";
  }
  real_disk().write_atomic(path, kept);
}

void Run::record(const Json& line) {
  const fs::path path = folder_ / kFigures;
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << dump_json(line) << '\n';
  file.close();
  if (!file)
    throw Error{Exit::storage,
                {.what = "cannot write a line",
                 .where = path.string(),
                 .fix = "free some space, then run again with --resume"}};
  const std::int64_t step = line.at("step").get<std::int64_t>();
  if (!events_)
    begin_events(step);
  events_->add(step, unix_seconds(), figures_of(line));
}

} // namespace quill::train
