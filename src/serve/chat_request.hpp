// The body of POST /v1/chat/completions, every field looked at before it is used
// (https://platform.openai.com/docs/api-reference/chat/create).
#pragma once

#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/llm/client.hpp"
#include "quill/model/generate.hpp"

namespace quill::serve {

struct ChatRequest {
  std::string model;
  std::vector<llm::Message> messages;
  model::Generation wanted; ///< without its prompt
  bool seeded = false;      ///< the request says which seed
  bool stream = false, stream_usage = false;
};

/// `tokens_max`: of an answer when the body does not say. What this cannot do (tools, penalties,
/// JSON modes) is refused, never ignored. \throws Error{usage} whose where is the parameter's name
[[nodiscard]] ChatRequest parse_chat_request(const Json& body, std::int64_t tokens_max);

/// The document of an error, as OpenAI's clients read it.
[[nodiscard]] Json error_json(const std::string& message, const std::string& type,
                              const std::string& param, const std::string& code);

} // namespace quill::serve
