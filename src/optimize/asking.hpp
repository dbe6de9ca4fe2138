// Questions to a model, many at a time, and candidates out of its answers.
#pragma once

#include <vector>

#include "quill/optimize/optimizer.hpp"

namespace quill::optimize {

/// What came of one round.
struct Answered {
  std::vector<Step> steps; ///< in the order of the questions; none for what was not asked any more
  /// ok, or why it cannot go on: budget, outside (the first failure of that kind), or the exit of
  /// the cancel.
  Exit exit = Exit::ok;
  std::string why; ///< of that exit, in words
};

/// What is sent for a question.
[[nodiscard]] llm::Request request_of(const Ask& ask, const ModelAccess& model, double temperature);

/// Those that are not the rules'.
[[nodiscard]] std::vector<Ask> asks_of_model(const std::vector<Ask>& asks);

/// Asks all at once, as many in flight as the access allows. A request that fails ends no other
/// one: what was answered is there.
[[nodiscard]] Answered ask_all(const std::vector<Ask>& asks, const ModelAccess& model,
                               double temperature, const Cancel& cancel);

} // namespace quill::optimize
