// The settings of `quill optimize` that the room looks at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "quill/core/settings.hpp"
#include "quill/judge/evaluate.hpp"

namespace quill::optimize {

struct OptimizeConfig {
  OptimizeConfig();

  std::string mode = "standard";       // single | standard | expert | swarm
  std::optional<std::int64_t> workers; // default by mode
  std::int64_t max_iterations = 3;     // of expert; with 1 swarm leaves its snipe out
  double target_speedup = 2;           // expert stops there
  double temperature = 0.7;            // of a model's candidates
  std::int64_t seed = 42;
  std::filesystem::path out = "data/optimize"; // a folder a query, and the journal
  bool no_artifacts = false;
  judge::JudgeConfig judge;
  void fields(FieldList& list);
  /// \throws Error{usage} on combinations that cannot be.
  void check() const;
  /// `out`, or "" when nothing is to be left behind.
  [[nodiscard]] std::filesystem::path folder() const { return no_artifacts ? "" : out; }
  /// Candidates of the first round: 5 of single, 3 of standard, 1 of expert, 4 of swarm.
  [[nodiscard]] std::int64_t workers_in_force() const;
};

} // namespace quill::optimize
