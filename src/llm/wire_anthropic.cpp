// Anthropic's Messages API (https://docs.anthropic.com/en/api/messages, version 2023-06-01).
#include <algorithm>

#include "llm/reply_fields.hpp"
#include "llm/sse.hpp"
#include "llm/wire.hpp"

namespace quill::llm {

namespace {

constexpr const char* kVersion = "2023-06-01";

/// In OpenAI's words, which the rest of Quill knows.
std::string finish_reason_of(const std::string& stop_reason) {
  if (stop_reason == "end_turn" || stop_reason == "stop_sequence")
    return "stop";
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded")
    return "length";
  return stop_reason == "refusal" ? "content_filter" : stop_reason;
}

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a ? std::optional(*a + b.value_or(0)) : std::nullopt;
}

/// input_tokens leaves out what was read from or written to the cache. Later fields win: a stream
/// counts the answer as it grows.
void take_usage(const Json* usage, Usage& into) {
  if (usage == nullptr || !usage->is_object())
    return;
  if (const auto input = tokens_member(*usage, "input_tokens")) {
    const auto cached = tokens_member(*usage, "cache_read_input_tokens");
    into.prompt_tokens =
        sum(sum(input, cached), tokens_member(*usage, "cache_creation_input_tokens"));
    into.cached_tokens = cached;
  }
  if (const auto output = tokens_member(*usage, "output_tokens"))
    into.completion_tokens = output;
}

/// \throws Error whose what says which field is wrong
Reply read_message(const Json& json) {
  const JsonObject message(json, "reply");
  const Json& content = message.at("content");
  if (!content.is_array())
    no_answer("\"content\" is not a list", message.where());
  Reply reply;
  bool wrote = false;
  for (const Json& block : content)
    if (const JsonObject part(block, "reply.content"); part.text("type") == "text") {
      reply.text += part.text("text");
      wrote = true;
    }
  reply.finish_reason = finish_reason_of(message.text_or("stop_reason", ""));
  if (!wrote)
    no_answer(reply.finish_reason == "content_filter" ? "the model refused"
                                                      : "the model wrote no text",
              message.where());
  take_usage(member(json, "usage"), reply.usage);
  return reply;
}

/// What the events of a stream add up to.
struct Stream {
  Reply reply;
  bool wrote = false, ended = false;

  void take(const Json& json, const std::string& where) {
    const JsonObject event(json, where);
    const std::string type = event.text("type");
    if (type == "message_start")
      take_usage(member(event.at("message"), "usage"), reply.usage);
    else if (type == "content_block_delta")
      take_delta(JsonObject(event.at("delta"), where + ".delta"));
    else if (type == "message_delta")
      take_end(json, JsonObject(event.at("delta"), where + ".delta"));
    else if (type == "message_stop")
      ended = true;
  }

  void take_delta(const JsonObject& delta) {
    if (delta.text("type") != "text_delta")
      return; // thinking, signatures, tool input
    reply.text += delta.text("text");
    wrote = true;
  }

  void take_end(const Json& event, const JsonObject& delta) {
    reply.finish_reason = finish_reason_of(delta.text_or("stop_reason", ""));
    take_usage(member(event, "usage"), reply.usage);
  }
};

bool is_error(const Json& json) {
  return text_member(json, "type") == "error" || member(json, "error") != nullptr;
}

Result<Reply, LlmFailure> read_stream(const std::string& body) {
  Stream stream;
  std::size_t number = 0;
  for (const std::string& data : sse_data(body)) {
    const std::string where = "event " + std::to_string(++number);
    const Json json = parse_json(data, where);
    if (is_error(json))
      return failure_in_reply(json, body);
    stream.take(json, where);
  }
  if (!stream.ended)
    no_answer("the stream ends before the answer does", "event " + std::to_string(number));
  if (!stream.wrote)
    no_answer("the model wrote no text", "stream");
  return std::move(stream.reply);
}

Result<Reply, LlmFailure> read_body(const std::string& body) {
  if (looks_like_sse(body))
    return read_stream(body);
  const Json json = parse_json(body, "reply");
  if (is_error(json))
    return failure_in_reply(json, body);
  return read_message(json);
}

/// System messages are a field of their own here.
std::string system_text(const Request& request) {
  std::string text;
  for (const Message& message : request.messages)
    if (message.role == "system")
      text += (text.empty() ? "" : "\n\n") + message.content;
  return text;
}

} // namespace

WireRequest anthropic_request(const Endpoint& endpoint, const Request& request) {
  constexpr double kTemperatureMax = 1; // more is refused
  Json messages = Json::array();
  for (const Message& message : request.messages)
    if (message.role != "system")
      messages.push_back({{"role", message.role}, {"content", message.content}});
  WireRequest wire{"/messages",
                   {{"anthropic-version", kVersion}},
                   {{"model", request.model},
                    {"max_tokens", request.tokens_max},
                    {"temperature", std::min(request.temperature, kTemperatureMax)}}};
  if (const std::string system = system_text(request); !system.empty())
    wire.body["system"] = system;
  wire.body["messages"] = std::move(messages);
  if (!endpoint.api_key.empty())
    wire.headers.emplace_back("x-api-key", endpoint.api_key);
  if (!request.schema.is_null() && endpoint.json == JsonAnswers::schema)
    wire.body["output_config"] = {
        {"format", {{"type", "json_schema"}, {"schema", request.schema}}}};
  if (endpoint.stream)
    wire.body["stream"] = true;
  return wire;
}

Result<Reply, LlmFailure> read_anthropic(long status, const std::string& body) {
  return read_reply(status, body, "message", read_body);
}

} // namespace quill::llm
