// A model API that will not answer ends the run; everything it answered is on disk.
#pragma once

#include <string>

#include "quill/core/cancel.hpp"
#include "quill/llm/client.hpp"

namespace quill::loop {

/// \throws Error{outside} with advice, Error{budget}, or the exit of `cancel` when that was the
/// reason
[[noreturn]] void give_up(const llm::LlmFailure& failure, const std::string& provider,
                          const Cancel& cancel);

/// Was the answer cut off before its end? Then nothing in it counts. "" when it was not.
[[nodiscard]] std::string why_cut_off(const llm::Reply& reply);

} // namespace quill::loop
