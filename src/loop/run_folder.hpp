// A run folder read back: from run.db, else from its JSON files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/loop/analyze.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

struct RunFolder {
  std::filesystem::path source; ///< the file that was read
  bool finished = true;
  std::vector<IterationMetrics> iterations; ///< 0..n
  std::vector<Example> examples;
  Json settings = Json::object();              ///< of run.db's header
  std::string command_line, version;           ///< of run.db's header
  std::map<std::string, std::string> verdicts; ///< JSON of the kept candidates', by example id
};

/// \throws Error{usage} when there is neither, or when a file is wrong
[[nodiscard]] RunFolder read_run_folder(const std::filesystem::path& folder);
[[nodiscard]] Analysis analysis_of(const RunFolder& folder);

} // namespace quill::loop
