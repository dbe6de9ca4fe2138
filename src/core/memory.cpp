#include "quill/core/memory.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace quill {

namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> number_in(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, number).ec == std::errc() ? std::optional(number)
                                                                     : std::nullopt;
}

/// The number behind `key` in lines of "key number"; files of /proc have no size to read by.
std::optional<std::int64_t> number_behind(const fs::path& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;)
    if (word == key && file >> word)
      return number_in(word);
  return std::nullopt;
}

std::optional<std::int64_t> first_number(const fs::path& path) {
  std::ifstream file(path);
  std::string word; // "max": no limit
  return file >> word ? number_in(word) : std::nullopt;
}

constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::max();

/// Pages of files that nobody waits for count as used there, but go when memory is wanted.
std::int64_t left_of_group(const fs::path& group) {
  const auto limit = first_number(group / "memory.max");
  const auto used = first_number(group / "memory.current");
  if (!limit || !used)
    return kUnknown;
  const auto files = number_behind(group / "memory.stat", "inactive_file").value_or(0);
  return std::max<std::int64_t>(0, *limit - *used + files);
}

/// The group of this process: the line "0::/path".
fs::path group_folder(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::/"))
      return root / "sys/fs/cgroup" / line.substr(4);
  return root / "sys/fs/cgroup";
}

} // namespace

std::int64_t free_memory(const fs::path& root) {
  constexpr std::int64_t kKilobyte = 1024;
  const auto machine = number_behind(root / "proc/meminfo", "MemAvailable:");
  return std::min(machine ? *machine * kKilobyte : kUnknown, left_of_group(group_folder(root)));
}

} // namespace quill
