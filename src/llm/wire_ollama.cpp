// Ollama's own chat (https://github.com/ollama/ollama/blob/main/docs/api.md): its OpenAI-shaped
// door cannot set num_ctx and cuts longer prompts without a word (ollama#2722).
#include <sstream>

#include "llm/reply_fields.hpp"
#include "llm/wire.hpp"

namespace quill::llm {

namespace {

/// One line of a stream, or the whole answer. `done` says that it was the last.
void take_part(const Json& json, const std::string& where, Reply& reply, bool& done) {
  const JsonObject part(json, where);
  if (part.has("message"))
    reply.text += JsonObject(part.at("message"), where + ".message").text_or("content", "");
  done = part.boolean_or("done", false);
  if (!done)
    return;
  reply.finish_reason = part.text_or("done_reason", "");
  reply.usage.prompt_tokens = tokens_member(json, "prompt_eval_count");
  reply.usage.completion_tokens = tokens_member(json, "eval_count");
}

/// One document a line, streamed or not.
Result<Reply, LlmFailure> read_body(const std::string& body) {
  Reply reply;
  bool done = false;
  std::size_t number = 0;
  std::istringstream lines(body);
  for (std::string line; !done && std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    const std::string where = "line " + std::to_string(++number);
    const Json json = parse_json(line, where);
    if (member(json, "error") != nullptr)
      return failure_in_reply(json, body);
    take_part(json, where, reply, done);
  }
  if (!done)
    no_answer("it ends before the answer does", "line " + std::to_string(number));
  if (reply.text.empty())
    no_answer("the model wrote no text", "line " + std::to_string(number));
  return reply;
}

} // namespace

WireRequest ollama_request(const Endpoint& endpoint, const Request& request) {
  const Json json = request.json();
  WireRequest wire{"/api/chat",
                   {},
                   {{"model", json["model"]},
                    {"messages", json["messages"]},
                    {"stream", endpoint.stream},
                    {"options",
                     {{"temperature", json["temperature"]},
                      {"num_predict", json["tokens_max"]},
                      {"num_ctx", endpoint.context_tokens}}}}};
  if (!request.schema.is_null() && endpoint.json == JsonAnswers::schema)
    wire.body["format"] = request.schema;
  return wire;
}

Result<Reply, LlmFailure> read_ollama(long status, const std::string& body) {
  return read_reply(status, body, "chat answer", read_body);
}

} // namespace quill::llm
