// Examples: the kept candidates of a run, and the pool the loop shows and learns from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/random.hpp"
#include "quill/sql/pair.hpp"
#include "quill/task/candidate.hpp"

namespace quill::loop {

/// A kept candidate, or a seed example.
struct Example {
  std::string id;       ///< "seed-3", "12-4" (iteration-position)
  std::string database; ///< its name, where a run has several; "" else
  std::string schema;
  std::string before;
  std::string after;                ///< one statement
  std::vector<std::string> indexes; ///< its CREATE INDEX statements
  sql::Needs needs;
  std::string type, rule, explanation;
  std::optional<double> speedup, reward, readability;
  std::string provider, model;  ///< "rules" and ""; "seed" for seed examples
  std::int64_t iteration = 0;   ///< 0: a seed example
  std::string measure = "time"; ///< time | steps: how the speedup was measured
  std::string engine;           ///< "sqlite 3.40.1"
  std::string prompt_sha256;    ///< "" when no prompt was used
  std::string fingerprint;      ///< sql::pair_fingerprint
  std::string renamed_from;     ///< id of the example this is, under other names; "" else

  [[nodiscard]] bool seed() const noexcept { return iteration == 0; }
  /// The CREATE INDEX statements and `after` as one script, as training data shows it.
  [[nodiscard]] std::string script() const;
};
/// As cli.md fixes it; `after` is the whole script.
[[nodiscard]] Json to_json(const Example& example);
/// \throws Error{usage} naming the place and the key
[[nodiscard]] Example example_from_json(const Json& value, const std::string& where);

/// A line of `data/seed_data.json` or of a user's --examples file: an array (or an object with an
/// "examples" array) of {"before", "after", optional "id", "needs", "type", "rule",
/// "explanation"}; the seeds' keys slow_query and fast_query are read too.
/// \throws Error{usage} naming file, element and key; also when there is none
[[nodiscard]] std::vector<Example> read_seed_examples(const std::filesystem::path& file);

/// What may be shown to a proposer. Each fingerprint once.
class Pool {
 public:
  /// False when an equal one is there already.
  bool add(Example example);
  [[nodiscard]] bool contains(std::string_view fingerprint) const;
  [[nodiscard]] const std::vector<Example>& examples() const noexcept { return examples_; }
  /// Up to `count` shots, at most one of each `before`, none of `problem` itself.
  [[nodiscard]] std::vector<task::Shot> shots(const task::Problem& problem, std::size_t count,
                                              Rng rng) const;

 private:
  std::vector<Example> examples_;
  std::set<std::string, std::less<>> fingerprints_;
};

} // namespace quill::loop
