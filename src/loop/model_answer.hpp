// What a model answers to a question. One that will not answer ends the run; everything it answered
// is on disk.
#pragma once

#include <string>

#include "loop/proposer.hpp"
#include "quill/core/cancel.hpp"
#include "quill/llm/client.hpp"

namespace quill::loop {

/// The raw answer; one that is no chat completion is not usable.
/// \throws Error{outside} with advice, Error{budget}, or the exit of `cancel` when that was the
/// reason
[[nodiscard]] store::Response model_answer(const Question& question, llm::Client& client,
                                           const std::string& provider, const Cancel& cancel);

} // namespace quill::loop
