// Chat completions as OpenAI shaped them, and as DeepSeek, OpenRouter, vLLM and llama-server copied
// them (https://platform.openai.com/docs/api-reference/chat).
#include "llm/reply_fields.hpp"
#include "llm/sse.hpp"
#include "llm/wire.hpp"

namespace quill::llm {

namespace {

/// OpenAI calls the limit max_completion_tokens and its newer models refuse the old name, which the
/// servers that copied the API know only.
const char* limit_name(const std::string& base_url) {
  return base_url.starts_with("https://api.openai.com/") ? "max_completion_tokens" : "max_tokens";
}

Usage read_usage(const Json& reply) {
  const Json* usage = member(reply, "usage");
  if (usage == nullptr)
    return {};
  const Json* details = member(*usage, "prompt_tokens_details");
  auto cached = details == nullptr ? std::nullopt : tokens_member(*details, "cached_tokens");
  if (!cached) // as DeepSeek spells it
    cached = tokens_member(*usage, "prompt_cache_hit_tokens");
  return {tokens_member(*usage, "prompt_tokens"), tokens_member(*usage, "completion_tokens"),
          cached};
}

const Json& first_choice(const JsonObject& reply) {
  const Json& choices = reply.at("choices");
  if (!choices.is_array() || choices.empty())
    no_answer("\"choices\" is not a list with an entry", reply.where());
  return choices.front();
}

[[noreturn]] void no_content(const std::string& refusal, const std::string& where) {
  no_answer(refusal.empty() ? "\"content\" is null: the model wrote no text"
                            : "the model refused: " + refusal,
            where);
}

void refuse_error_finish(const std::string& finish_reason, const std::string& where) {
  if (finish_reason == "error")
    no_answer("the model stopped with an error", where);
}

/// \throws Error whose what says which field is wrong
Reply read_completion(const Json& json) {
  const JsonObject reply(json, "reply");
  const JsonObject choice(first_choice(reply), "reply.choices[0]");
  const JsonObject message(choice.at("message"), "reply.choices[0].message");
  if (message.at("content").is_null())
    no_content(message.text_or("refusal", ""), message.where());
  Reply answer;
  answer.text = message.text("content");
  answer.finish_reason = choice.text_or("finish_reason", "");
  refuse_error_finish(answer.finish_reason, choice.where());
  answer.usage = read_usage(json);
  return answer;
}

bool holds_error(const Json& json) {
  const Json* error = member(json, "error");
  return error != nullptr && !error->is_null();
}

/// What the chunks of a stream add up to.
struct Stream {
  Reply reply;
  std::string refusal;
  bool wrote = false;

  void take(const Json& json, const std::string& where) {
    if (const Json* usage = member(json, "usage"); usage != nullptr && usage->is_object())
      reply.usage = read_usage(json);
    const JsonObject chunk(json, where);
    const Json& choices = chunk.at("choices");
    if (!choices.is_array())
      no_answer("\"choices\" is not a list", where);
    for (const Json& choice : choices)
      take_choice(JsonObject(choice, where + ".choices"));
  }

  void take_choice(const JsonObject& choice) {
    if (choice.integer_or("index", 0) != 0)
      return;
    if (choice.has("delta") && !choice.at("delta").is_null()) {
      const JsonObject delta(choice.at("delta"), choice.where() + ".delta");
      wrote = wrote || (delta.has("content") && !delta.at("content").is_null());
      reply.text += delta.text_or("content", "");
      refusal += delta.text_or("refusal", "");
    }
    const std::string reason = choice.text_or("finish_reason", "");
    refuse_error_finish(reason, choice.where());
    if (!reason.empty())
      reply.finish_reason = reason;
  }
};

/// A stream is whole when it said why it ended; [DONE] is only the end of the line.
Result<Reply, LlmFailure> read_stream(const std::string& body) {
  Stream stream;
  std::size_t number = 0;
  for (const std::string& data : sse_data(body)) {
    if (data == "[DONE]")
      break;
    const std::string where = "event " + std::to_string(++number);
    const Json json = parse_json(data, where);
    if (holds_error(json))
      return failure_in_reply(json, body);
    stream.take(json, where);
  }
  if (stream.reply.finish_reason.empty())
    no_answer("the stream ends before the answer does", "event " + std::to_string(number));
  if (!stream.wrote || (stream.reply.text.empty() && !stream.refusal.empty()))
    no_content(stream.refusal, "stream");
  return std::move(stream.reply);
}

Result<Reply, LlmFailure> read_body(const std::string& body) {
  if (looks_like_sse(body))
    return read_stream(body);
  const Json json = parse_json(body, "reply");
  if (holds_error(json))
    return failure_in_reply(json, body);
  return read_completion(json);
}

/// https://platform.openai.com/docs/guides/structured-outputs
Json response_format(JsonAnswers answers, const Json& schema) {
  if (answers == JsonAnswers::object)
    return {{"type", "json_object"}};
  return {{"type", "json_schema"},
          {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
}

} // namespace

WireRequest openai_request(const Endpoint& endpoint, const Request& request) {
  const Json json = request.json();
  WireRequest wire{"/chat/completions",
                   {},
                   {{"model", json["model"]},
                    {"messages", json["messages"]},
                    {"temperature", json["temperature"]},
                    {limit_name(endpoint.base_url), json["tokens_max"]}}};
  if (!endpoint.api_key.empty())
    wire.headers.emplace_back("Authorization", "Bearer " + endpoint.api_key);
  if (!request.schema.is_null() && endpoint.json != JsonAnswers::none)
    wire.body["response_format"] = response_format(endpoint.json, request.schema);
  if (endpoint.stream) {
    wire.body["stream"] = true;
    wire.body["stream_options"] = {{"include_usage", true}};
  }
  return wire;
}

Result<Reply, LlmFailure> read_openai(long status, const std::string& body) {
  return read_reply(status, body, "chat completion", read_body);
}

} // namespace quill::llm
