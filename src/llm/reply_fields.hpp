// What every provider's body has in some spelling: errors, counts of tokens, text. A body is a
// stranger's text: every field is looked at before it is used.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "quill/llm/client.hpp"

namespace quill::llm {

/// `value[key]`; nullptr when `value` is no object or has none.
[[nodiscard]] const Json* member(const Json& value, const char* key);
/// "" when absent or no text.
[[nodiscard]] std::string text_member(const Json& value, const char* key);
/// A count of tokens, or unknown: an answer that is paid for is not lost over a bad usage field.
[[nodiscard]] std::optional<std::int64_t> tokens_member(const Json& value, const char* key);

/// \throws Error{outside} that says why a 200 is no answer
[[noreturn]] void no_answer(const std::string& what, const std::string& where);

/// The failure that a status from 300 on is, in the server's own words.
[[nodiscard]] LlmFailure failure_of_status(long status, const std::string& body);
/// A 200 whose document holds an error: to be asked again when its code says so, never a reply.
[[nodiscard]] LlmFailure failure_in_reply(const Json& document, const std::string& body);

/// `read` on a body of status 200 to 299; a status beyond, and what `read` throws, as a failure.
/// `kind` names the document expected ("chat completion").
[[nodiscard]] Result<Reply, LlmFailure>
read_reply(long status, const std::string& body, const char* kind,
           const std::function<Result<Reply, LlmFailure>(const std::string&)>& read);

} // namespace quill::llm
