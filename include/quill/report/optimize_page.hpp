// The answer to one slow query as one HTML file that needs nothing beside it and loads nothing.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace quill::report {

/// A candidate, as a line of the table.
struct ShownCandidate {
  std::string worker, status, what, reason;
};

struct OptimizePage {
  std::string title, subtitle;
  std::vector<std::pair<std::string, std::string>> facts; ///< name, value
  std::string before, after;                              ///< statements
  std::vector<std::string> indexes;                       ///< CREATE INDEX statements
  std::vector<std::string> before_plan, after_plan;       ///< lines, indented
  std::string explanation, proof, shrank;                 ///< sentences; "" when there is none
  std::vector<std::string> changes;                       ///< clause by clause
  std::vector<ShownCandidate> candidates;
};

/// The file's bytes. \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string html(const OptimizePage& page);

} // namespace quill::report
