#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/log.hpp"
#include "quill/train/run.hpp"

namespace quill::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* kManifest = "manifest.json";
constexpr std::string_view kPrefix = "step-";

[[noreturn]] void refuse(const fs::path& path, const std::string& what,
                         const std::error_code& why) {
  throw Error{
      Exit::storage,
      {.what = fmt::format("{}: {}", what, why.message()),
       .where = path.string(),
       .fix = "mend the disk, then run again with --resume; earlier checkpoints are whole"}};
}

Json manifest_of(const fs::path& folder, std::int64_t step) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename() != kManifest)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Json list = Json::array();
  for (const fs::path& file : files)
    list.push_back({{"name", file.filename().string()},
                    {"bytes", fs::file_size(file)},
                    {"sha256", sha256_file(file)}});
  return {{"format_version", kFormatVersion}, {"step", step}, {"files", std::move(list)}};
}

/// What is wrong with it, "" when it is whole.
std::string fault_of(const fs::path& folder) {
  try {
    const fs::path path = folder / kManifest;
    const Json document = parse_json(read_file(path), path.string());
    const JsonObject manifest(document, path.string());
    for (const Json& each : manifest.at("files")) {
      const JsonObject file(each, path.string());
      const fs::path place = folder / fs::path(file.text("name")).filename();
      if (sha256_file(place) != file.text("sha256"))
        return fmt::format("{} is not what was written", place.filename().string());
    }
    return "";
  } catch (const Error& error) { // a file that is missing or cut: the next older one is taken
    return error.what();
  }
}

/// The step in "step-00000100"; -1 for other names.
std::int64_t step_of(const std::string& name) {
  std::int64_t step = -1;
  if (name.starts_with(kPrefix)) {
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kPrefix.size(), end, step);
    if (read.ec != std::errc() || read.ptr != end)
      return -1;
  }
  return step;
}

} // namespace

Checkpoints::Checkpoints(const fs::path& run_folder) : folder_(run_folder / "checkpoints") {}

fs::path Checkpoints::place_of(std::int64_t step) const {
  return folder_ / fmt::format("{}{:08}", kPrefix, step);
}

fs::path Checkpoints::begin(std::int64_t step) {
  make_folder(folder_);
  const fs::path unfinished = place_of(step) += ".unfinished";
  std::error_code failed;
  fs::remove_all(unfinished, failed);
  if (failed)
    refuse(unfinished, "cannot remove what a stopped run left", failed);
  make_folder(unfinished);
  return unfinished;
}

void Checkpoints::finish(std::int64_t step, std::int64_t keep) {
  const fs::path place = place_of(step);
  const fs::path unfinished = place_of(step) += ".unfinished";
  constexpr int kIndent = 2;
  // Written last, with a sync of the folder: where it stands, the files before it do.
  real_disk().write_atomic(unfinished / kManifest,
                           dump_json(manifest_of(unfinished, step), kIndent) + "\n");
  std::error_code failed;
  fs::remove_all(place, failed); // a broken one of the same step
  fs::rename(unfinished, place, failed);
  if (failed)
    refuse(place, "cannot put the checkpoint into its place", failed);
  std::int64_t seen = 0;
  for (const Found& old : all())
    if (++seen > keep)
      fs::remove_all(old.folder, failed);
}

std::vector<Checkpoints::Found> Checkpoints::all() const {
  std::vector<Found> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing)) {
    const std::int64_t step = step_of(entry.path().filename().string());
    if (step >= 0)
      found.push_back({step, entry.path()});
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.step > b.step; });
  return found;
}

std::optional<Checkpoints::Found> Checkpoints::newest() const {
  for (const Found& each : all()) {
    const std::string fault = fault_of(each.folder);
    if (fault.empty())
      return each;
    log_warn(fmt::format("{} is passed over: {}", each.folder.string(), fault));
  }
  return std::nullopt;
}

} // namespace quill::train
