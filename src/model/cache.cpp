#include "quill/model/cache.hpp"

#include <algorithm>
#include <fstream>

#include "model/refuse.hpp"

namespace quill::model {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 96; // of each part, as the Hub says

bool is_part(std::string_view text) {
  constexpr std::string_view kOthers = "-_.";
  return !text.empty() && text.size() <= kNameMax && text.front() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [&](unsigned char c) {
           return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != kOthers.npos;
         });
}

std::string value_of(const std::map<std::string, std::string>& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string first_word(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

} // namespace

std::optional<ModelId> parse_model_id(std::string_view text) {
  ModelId id;
  if (const std::size_t at = text.find('@'); at != text.npos) {
    id.revision = text.substr(at + 1);
    text = text.substr(0, at);
  }
  const std::size_t slash = text.find('/');
  if (slash == text.npos || !is_part(text.substr(0, slash)) || !is_part(text.substr(slash + 1)) ||
      !is_part(id.revision))
    return std::nullopt;
  id.name = text;
  return id;
}

fs::path hub_cache(const std::map<std::string, std::string>& environment) {
  if (const std::string cache = value_of(environment, "HF_HUB_CACHE"); !cache.empty())
    return cache;
  if (const std::string home = value_of(environment, "HF_HOME"); !home.empty())
    return fs::path(home) / "hub";
  return fs::path(value_of(environment, "HOME")) / ".cache/huggingface/hub";
}

fs::path cached_repository(const fs::path& cache, const std::string& name) {
  const std::size_t slash = name.find('/');
  return cache / ("models--" + name.substr(0, slash) + "--" + name.substr(slash + 1));
}

std::optional<fs::path> cached_snapshot(const fs::path& cache, const ModelId& id) {
  const fs::path repository = cached_repository(cache, id.name);
  std::error_code ignored;
  for (const std::string& commit : {id.revision, first_word(repository / "refs" / id.revision)}) {
    const fs::path folder = repository / "snapshots" / commit;
    if (!commit.empty() && fs::is_directory(folder, ignored))
      return folder;
  }
  return std::nullopt;
}

fs::path model_folder(const fs::path& named,
                      const std::map<std::string, std::string>& environment) {
  std::error_code ignored;
  const auto id = parse_model_id(named.string());
  if (fs::exists(named, ignored) || !id)
    return named;
  const fs::path cache = hub_cache(environment);
  if (const auto folder = cached_snapshot(cache, *id))
    return *folder;
  refuse("there is no such folder, and no such model in the Hub's cache", named.string(),
         "fetch it with `quill model pull " + named.string() + "`; the cache is " + cache.string());
}

} // namespace quill::model
