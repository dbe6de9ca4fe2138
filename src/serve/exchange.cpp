#include "serve/exchange.hpp"

namespace quill::serve {

std::vector<Json> fresh_chunks(Exchange& exchange, std::int64_t sample, const model::Answer& answer,
                               const model::Tokenizer& tokenizer) {
  std::vector<Json> chunks;
  auto& passed = exchange.passed[static_cast<std::size_t>(sample)];
  const auto add = [&](const Json& delta, std::string_view reason, const Json& logprobs) {
    chunks.push_back(model::chat_chunk(exchange.head, sample, delta, reason, logprobs));
  };
  if (!passed.role)
    add({{"role", "assistant"}, {"content", ""}}, "", nullptr);
  passed.role = true;
  const bool ended = !answer.finish_reason.empty();
  const std::size_t settled =
      ended ? answer.text.size() : model::settled_bytes(answer.text, exchange.asked.wanted.stops);
  if (settled > passed.bytes || (ended && answer.ids.size() > passed.tokens)) {
    const std::size_t from = std::min(passed.bytes, settled);
    add({{"content", answer.text.substr(from, settled - from)}}, "",
        model::logprobs_json(answer, tokenizer, passed.tokens));
    passed.bytes = settled;
    passed.tokens = answer.ids.size();
  }
  if (ended)
    add(Json::object(), answer.finish_reason, nullptr);
  return chunks;
}

} // namespace quill::serve
