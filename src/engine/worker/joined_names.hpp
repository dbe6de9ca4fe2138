// Lists of names as catalogue queries bring them in one cell, joined by chr(31).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace quill::engine {

inline std::vector<std::string> names_in(const std::string& joined) {
  constexpr char kBetween = '\x1f';
  std::vector<std::string> names;
  for (std::size_t at = 0; at < joined.size();) {
    const auto end = std::min(joined.find(kBetween, at), joined.size());
    names.push_back(joined.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

} // namespace quill::engine
