#include <array>

#include "quill/core/files.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

Json Request::json() const {
  Json list = Json::array();
  for (const auto& message : messages)
    list.push_back({{"role", message.role}, {"content", message.content}});
  Json value{{"model", model},
             {"messages", std::move(list)},
             {"temperature", temperature},
             {"tokens_max", tokens_max},
             {"sample_index", sample_index}};
  if (!schema.is_null())
    value["schema"] = schema;
  return value;
}

Request Request::from_json(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Request request{.model = object.text("model"),
                  .messages = {},
                  .temperature = object.number("temperature"),
                  .tokens_max = object.integer("tokens_max"),
                  .sample_index = object.integer("sample_index"),
                  .schema = object.has("schema") ? object.at("schema") : Json(nullptr)};
  for (const Json& one : object.at("messages")) {
    const JsonObject message(one, where + ": messages");
    request.messages.push_back({message.text("role"), message.text("content")});
  }
  return request;
}

std::string_view to_string(LlmFailure::Kind kind) {
  constexpr std::array<std::string_view, 8> kNames{"refused",     "rate_limited", "quota",
                                                   "unavailable", "bad_reply",    "cancelled",
                                                   "budget",      "not_recorded"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string Request::key() const {
  return sha256_hex(dump_json(json()));
}

} // namespace quill::llm
