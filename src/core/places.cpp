// Where Quill's own files lie, in a build tree and in an installed one.
#include <cstdlib>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill {

namespace {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error)
    throw Error{Exit::usage,
                {.what = fmt::format("cannot find the running program: {}", error.message()),
                 .where = "/proc/self/exe",
                 .fix = "mount /proc, or set QUILL_DATA_DIR and QUILL_LIBEXEC"}};
  return program.parent_path();
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_shipped_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path / "blueprints", ignored);
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::string listed(const std::vector<fs::path>& places) {
  std::vector<std::string> names;
  for (const auto& place : places)
    names.push_back(place.lexically_normal().string());
  return fmt::format("{}", fmt::join(names, ", "));
}

[[noreturn]] void refuse_override(const char* variable, const fs::path& value, const char* lacks) {
  throw Error{
      Exit::usage,
      {.what = fmt::format("{} is \"{}\", which has no {}", variable, value.string(), lacks),
       .where = fmt::format("environment variable {}", variable),
       .fix = fmt::format("correct it, or unset it: `unset {}`", variable)}};
}

} // namespace

fs::path shipped_folder() {
  if (const std::string chosen = environment("QUILL_DATA_DIR"); !chosen.empty()) {
    if (!is_shipped_folder(chosen))
      refuse_override("QUILL_DATA_DIR", chosen, "folder \"blueprints\"");
    return chosen;
  }
  const fs::path here = program_folder();
  const std::vector<fs::path> places = {
      here / "../share/quill",    // installed: bin/
      here / "../../share/quill", // installed: libexec/quill/
      here / "../data",           // build tree: build/
      here / "../../data",        // build tree: build/tests/
  };
  for (const auto& place : places)
    if (is_shipped_folder(place))
      return place.lexically_normal();
  throw Error{Exit::usage,
              {.what = "cannot find Quill's data folder",
               .where = listed(places),
               .fix = "install Quill as a whole, or set QUILL_DATA_DIR to its data folder"}};
}

fs::path sibling_program(std::string_view name) {
  if (const std::string chosen = environment("QUILL_LIBEXEC"); !chosen.empty()) {
    if (!is_program(fs::path(chosen) / name))
      refuse_override("QUILL_LIBEXEC", chosen, fmt::format("program \"{}\"", name).c_str());
    return fs::path(chosen) / name;
  }
  const fs::path here = program_folder();
  const std::vector<fs::path> places = {
      here / name,                      // build tree: build/; installed: libexec/quill/
      here / "../libexec/quill" / name, // installed: bin/
      here / ".." / name,               // build tree: build/tests/
  };
  for (const auto& place : places)
    if (is_program(place))
      return place.lexically_normal();
  throw Error{Exit::usage,
              {.what = fmt::format("cannot find the program \"{}\"", name),
               .where = listed(places),
               .fix = "install Quill as a whole, or set QUILL_LIBEXEC to the folder that has it"}};
}

} // namespace quill
