// Answers in the shape of OpenAI's chat completions, whole and in chunks
// (https://platform.openai.com/docs/api-reference/chat/object).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/model/generate.hpp"

namespace quill::model {

/// What all documents of one request share.
struct CompletionHead {
  std::string id, model;
  std::int64_t created = 0; ///< seconds since 1970
};

/// {"prompt_tokens", "completion_tokens", "total_tokens"}
[[nodiscard]] Json usage_json(std::size_t prompt_tokens, std::size_t completion_tokens);

/// "content" of the log-probabilities of an answer's tokens from number `from` on; null when it has
/// none.
[[nodiscard]] Json logprobs_json(const Answer& answer, const Tokenizer& tokenizer,
                                 std::size_t from = 0);

/// A whole completion, one choice an answer.
[[nodiscard]] Json chat_completion(const CompletionHead& head, std::size_t prompt_tokens,
                                   const std::vector<Answer>& answers, const Tokenizer& tokenizer);

/// One chunk of a stream: what choice `index` says more ("role", "content", or nothing), and why
/// it ended, "" while it goes on.
[[nodiscard]] Json chat_chunk(const CompletionHead& head, std::int64_t index, const Json& delta,
                              std::string_view finish_reason, const Json& logprobs = nullptr);

/// Bytes of `text` that a stream can send while more may follow: no part of a character, and
/// nothing that may turn out to begin one of `stops`.
[[nodiscard]] std::size_t settled_bytes(std::string_view text,
                                        const std::vector<std::string>& stops);

} // namespace quill::model
