#include "quill/train/figures.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::train {

namespace fs = std::filesystem;

bool is_training_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "run.json", ignored) && !fs::exists(folder / "run.db", ignored);
}

Figures read_figures(const fs::path& folder) {
  constexpr std::uint64_t kBytesMax = 1ULL << 30U;
  const fs::path settings = folder / "run.json", lines = folder / "metrics.jsonl";
  const Json document = parse_json(read_file(settings), settings.string());
  Figures figures{.settings = JsonObject(document, settings.string()).at("settings"), .steps = {}};
  if (!fs::exists(lines))
    return figures;
  const std::string text = read_file(lines, kBytesMax);
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       begin = end + 1, end = text.find('\n', begin)) {
    const std::string where = fmt::format("{}:{}", lines.string(), figures.steps.size() + 1);
    Json line = parse_json(text.substr(begin, end - begin), where);
    (void)JsonObject(line, where).integer("step");
    figures.steps.push_back(std::move(line));
  }
  return figures;
}

std::vector<std::string> Figures::names() const {
  std::vector<std::string> names;
  for (const Json& line : steps)
    for (const auto& [name, value] : line.items())
      if (value.is_number() && name != "step" &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  return names;
}

} // namespace quill::train
