// What is known of a suite's query before anybody is asked: one run and its plan, kept on disk.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "quill/optimize/suite.hpp"
#include "quill/optimize/understanding.hpp"

namespace quill::optimize {

struct Explained {
  std::string sha256;               ///< of the statement
  std::string status;               ///< of its run: ok, timeout, …
  std::string message;              ///< why it does not run
  std::optional<double> ms;         ///< of that run; null when it did not end
  std::optional<std::int64_t> rows; ///< of its answer
  Understanding understanding;
};

/// Where the one of a query lies.
[[nodiscard]] std::filesystem::path explain_file(const std::filesystem::path& folder,
                                                 std::string_view id);
[[nodiscard]] Json to_json(const Explained& explained);
/// A file of ours, or the JSON of an EXPLAIN (ANALYZE, FORMAT JSON) as the engine prints it, of
/// which there is a plan alone. Null when there is no such file. \throws Error{usage}
[[nodiscard]] std::optional<Explained> read_explained(const std::filesystem::path& file,
                                                      engine::Engine engine);

/// Runs the statement once, then under EXPLAIN ANALYZE.
[[nodiscard]] Explained explain(const QueryText& query, engine::Session& session,
                                const engine::Limits& limits);

} // namespace quill::optimize
