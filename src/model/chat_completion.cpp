#include "quill/model/chat_completion.hpp"

#include <algorithm>

namespace quill::model {

namespace {

Json token_json(const TokenLogprob& token, const Tokenizer& tokenizer) {
  const std::string text = tokenizer.bytes_of(token.id);
  Json bytes = Json::array();
  for (const char byte : text)
    bytes.push_back(static_cast<unsigned char>(byte));
  return {{"token", text}, {"logprob", token.logprob}, {"bytes", bytes}};
}

Json head_json(const CompletionHead& head, const char* object) {
  return {{"id", head.id}, {"object", object}, {"created", head.created}, {"model", head.model}};
}

/// The length of the longest end of `text` that begins `stop` without being all of it.
std::size_t open_stop(std::string_view text, std::string_view stop) {
  for (std::size_t size = std::min(stop.size() - 1, text.size()); size > 0; --size)
    if (text.ends_with(stop.substr(0, size)))
      return size;
  return 0;
}

/// Bytes at the end of `text` that are the beginning of a longer character.
std::size_t open_character(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t back = 1; back <= std::min(kLongest - 1, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xc0U) == 0x80U)
      continue; // inside a character: look at the one before
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

} // namespace

Json usage_json(std::size_t prompt_tokens, std::size_t completion_tokens) {
  return {{"prompt_tokens", prompt_tokens},
          {"completion_tokens", completion_tokens},
          {"total_tokens", prompt_tokens + completion_tokens}};
}

Json logprobs_json(const Answer& answer, const Tokenizer& tokenizer, std::size_t from) {
  if (answer.logprobs.empty())
    return nullptr;
  Json content = Json::array();
  for (std::size_t i = from; i < answer.ids.size(); ++i) {
    Json token = token_json({answer.ids[i], answer.logprobs[i]}, tokenizer);
    token["top_logprobs"] = Json::array();
    if (i < answer.top.size())
      for (const TokenLogprob& each : answer.top[i])
        token["top_logprobs"].push_back(token_json(each, tokenizer));
    content.push_back(std::move(token));
  }
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

Json chat_completion(const CompletionHead& head, std::size_t prompt_tokens,
                     const std::vector<Answer>& answers, const Tokenizer& tokenizer) {
  Json document = head_json(head, "chat.completion");
  document["choices"] = Json::array();
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    tokens += answer.ids.size();
    document["choices"].push_back(
        {{"index", i},
         {"message", {{"role", "assistant"}, {"content", answer.text}, {"refusal", nullptr}}},
         {"logprobs", logprobs_json(answer, tokenizer)},
         {"finish_reason", answer.finish_reason}});
  }
  document["usage"] = usage_json(prompt_tokens, tokens);
  return document;
}

Json chat_chunk(const CompletionHead& head, std::int64_t index, const Json& delta,
                std::string_view finish_reason, const Json& logprobs) {
  Json document = head_json(head, "chat.completion.chunk");
  Json choice{{"index", index}, {"delta", delta}, {"logprobs", logprobs}};
  choice["finish_reason"] = finish_reason.empty() ? Json(nullptr) : Json(finish_reason);
  document["choices"] = Json::array({std::move(choice)});
  return document;
}

std::size_t settled_bytes(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t open = open_character(text);
  for (const std::string& stop : stops)
    open = std::max(open, open_stop(text, stop));
  return text.size() - open;
}

} // namespace quill::model
