// Candidates as they lie in run.db, and what a row means. Pure.
#pragma once

#include <optional>
#include <string>

#include "loop/tally.hpp"
#include "quill/core/json.hpp"
#include "quill/loop/pool.hpp"
#include "quill/store/run.hpp"
#include "quill/task/candidate.hpp"

namespace quill::loop {

[[nodiscard]] std::string candidate_text(const task::Candidate& candidate);
/// For what was not parsable: why.
[[nodiscard]] std::string unparsable_text(const std::string& why);
/// nullopt when the row was not parsable.
[[nodiscard]] std::optional<task::Candidate> candidate_of(const store::CandidateRow& row);

/// What became of it; `added` is not told by the row.
[[nodiscard]] Outcome outcome_of(const store::CandidateRow& row);

/// What all examples of a run have in common.
struct ExampleOrigin {
  std::string engine, measure, provider, model, prompt_sha256;
};
/// The example a kept row makes.
[[nodiscard]] Example make_example(const store::CandidateRow& row, const task::Problem& problem,
                                   const ExampleOrigin& origin);

/// "12-4": iteration and position.
[[nodiscard]] std::string example_id(std::int64_t iteration, std::int64_t position);

} // namespace quill::loop
