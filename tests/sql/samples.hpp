// Queries to test with: files of this folder, and the data that may lie beside the project.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "folders.hpp"

namespace quill::sql::test {

/// Lines of a file of tests/sql, without empty ones and comments.
inline std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream stream(std::string(QUILL_TESTS_FOLDER) + "/sql/" + file);
  std::vector<std::string> result;
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && !line.starts_with("--"))
      result.push_back(line);
  return result;
}

inline std::filesystem::path shared_data() {
  if (const char* folder = std::getenv("QUILL_SHARED_DATA"))
    return folder;
  return std::filesystem::path(QUILL_SOURCE_FOLDER) / "../shared/data";
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace quill::sql::test
