// The ways of writing a conversation down that known chat templates have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/llm/client.hpp"

namespace quill::model {

using Messages = std::vector<llm::Message>;

/// "<|im_start|>ROLE\n…<|im_end|>\n"; `default_system` begins what has no system message.
[[nodiscard]] std::string write_chatml(const Messages& messages, std::string_view default_system,
                                       bool open_answer);
/// "<|start_header_id|>ROLE<|end_header_id|>\n\n…<|eot_id|>" behind <|begin_of_text|>, texts
/// without the white space around them.
[[nodiscard]] std::string write_llama3(const Messages& messages, bool open_answer);
/// "<s>[INST] … [/INST] … </s>", the system message inside the first question.
/// \throws Error{usage} where questions and answers do not alternate
[[nodiscard]] std::string write_llama2(const Messages& messages);
/// "<s>[INST] … [/INST]…</s>", and `between` behind each answer. No system message.
/// \throws Error{usage}
[[nodiscard]] std::string write_mistral(const Messages& messages, std::string_view between);

/// What Python's str.strip() leaves.
[[nodiscard]] std::string_view stripped(std::string_view text);

} // namespace quill::model
