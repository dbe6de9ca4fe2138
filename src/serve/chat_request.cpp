#include "serve/chat_request.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::serve {

namespace {

constexpr std::int64_t kSamplesMax = 128, kTopLogprobsMax = 20;
constexpr std::size_t kStopsMax = 16, kStopBytesMax = 256, kMessagesMax = 4096;

[[noreturn]] void refuse(const std::string& param, const std::string& what) {
  throw Error{Exit::usage, {.what = what, .where = param, .fix = "correct the request"}};
}

/// nullptr when absent or null.
const Json* given(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found == body.end() || found->is_null() ? nullptr : &*found;
}

double number_in(const Json& body, const char* key, double preset, double least, double most) {
  const Json* value = given(body, key);
  if (value == nullptr)
    return preset;
  if (!value->is_number() || value->get<double>() < least || value->get<double>() > most)
    refuse(key, fmt::format("{} is {}; allowed: a number from {} to {}", key, value->dump(), least,
                            most));
  return value->get<double>();
}

std::int64_t integer_in(const Json& body, const char* key, std::int64_t preset, std::int64_t least,
                        std::int64_t most) {
  const Json* value = given(body, key);
  if (value == nullptr)
    return preset;
  const bool fits = value->is_number_integer() &&
                    !(value->is_number_unsigned() &&
                      value->get<std::uint64_t>() > static_cast<std::uint64_t>(most)) &&
                    value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
  if (!fits)
    refuse(key, fmt::format("{} is {}; allowed: a whole number from {} to {}", key,
                            value->dump().substr(0, 40), least, most));
  return value->get<std::int64_t>();
}

bool flag(const Json& body, const char* key) {
  const Json* value = given(body, key);
  if (value != nullptr && !value->is_boolean())
    refuse(key, fmt::format("{} is neither true nor false", key));
  return value != nullptr && value->get<bool>();
}

/// Parts of type text one after the other; other parts have no place in these models.
std::string joined_parts(const Json& parts, const std::string& where) {
  std::string text;
  for (const Json& part : parts) {
    const Json* content = part.is_object() ? given(part, "text") : nullptr;
    if (content == nullptr || !content->is_string() || part.value("type", Json()) != "text")
      refuse(where, where + " holds a part that is no text");
    text += content->get<std::string>();
  }
  return text;
}

llm::Message message_of(const Json& message, std::size_t number) {
  const std::string where = fmt::format("messages[{}]", number);
  const Json* role = message.is_object() ? given(message, "role") : nullptr;
  if (role == nullptr || !role->is_string())
    refuse(where, where + " has no role");
  const std::string name = *role == "developer" ? "system" : role->get<std::string>();
  if (name != "system" && name != "user" && name != "assistant")
    refuse(where, fmt::format("{} has the role \"{}\"; allowed: system, user, assistant", where,
                              name.substr(0, 40)));
  const Json* content = given(message, "content");
  if (content != nullptr && content->is_string())
    return {name, content->get<std::string>()};
  if (content == nullptr || !content->is_array())
    refuse(where, where + " has no content");
  return {name, joined_parts(*content, where)};
}

std::vector<llm::Message> messages_of(const Json& body) {
  const Json* list = given(body, "messages");
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > kMessagesMax)
    refuse("messages", fmt::format("messages is no list of 1 to {} messages", kMessagesMax));
  std::vector<llm::Message> messages;
  for (const Json& each : *list)
    messages.push_back(message_of(each, messages.size()));
  return messages;
}

std::vector<std::string> stops_of(const Json& body) {
  const Json* stop = given(body, "stop");
  if (stop == nullptr)
    return {};
  std::vector<std::string> stops;
  for (const Json& each : stop->is_array() ? *stop : Json::array({*stop})) {
    if (!each.is_string() || each.get<std::string>().empty() ||
        each.get<std::string>().size() > kStopBytesMax || stops.size() == kStopsMax)
      refuse("stop", fmt::format("stop is no text and no list of at most {} texts of 1 to {} bytes",
                                 kStopsMax, kStopBytesMax));
    stops.push_back(each.get<std::string>());
  }
  return stops;
}

constexpr std::array kKnown{"model",
                            "messages",
                            "max_tokens",
                            "max_completion_tokens",
                            "temperature",
                            "top_p",
                            "top_k",
                            "min_p",
                            "n",
                            "stop",
                            "stream",
                            "stream_options",
                            "seed",
                            "logprobs",
                            "top_logprobs",
                            "user",
                            "metadata",
                            "store",
                            "presence_penalty",
                            "frequency_penalty",
                            "logit_bias",
                            "response_format",
                            "tools",
                            "tool_choice",
                            "parallel_tool_calls"};

void refuse_unknown(const Json& body) {
  for (const auto& [key, value] : body.items())
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      refuse(key, fmt::format("unknown parameter \"{}\"", key.substr(0, 80)));
}

/// Known, and fine as long as they ask for nothing.
void refuse_unsupported(const Json& body) {
  for (const char* key : {"presence_penalty", "frequency_penalty"})
    if (number_in(body, key, 0, -2, 2) != 0)
      refuse(key, fmt::format("{} is not supported; allowed: 0", key));
  for (const char* key : {"tools", "logit_bias"})
    if (const Json* value = given(body, key); value != nullptr && !value->empty())
      refuse(key, fmt::format("{} is not supported", key));
  const Json* format = given(body, "response_format");
  if (format != nullptr && *format != Json{{"type", "text"}})
    refuse("response_format", "response_format is not supported; allowed: {\"type\": \"text\"}");
}

model::Generation wanted_of(const Json& body, std::int64_t tokens_max) {
  constexpr std::int64_t kTokensMax = 1 << 20;
  model::Generation wanted;
  wanted.tokens_max =
      integer_in(body, "max_completion_tokens",
                 integer_in(body, "max_tokens", tokens_max, 1, kTokensMax), 1, kTokensMax);
  wanted.samples = integer_in(body, "n", 1, 1, kSamplesMax);
  wanted.sampling.temperature = number_in(body, "temperature", 1, 0, 2);
  wanted.sampling.top_p = number_in(body, "top_p", 1, 1e-6, 1);
  wanted.sampling.top_k = integer_in(body, "top_k", 0, 0, 1 << 20);
  wanted.sampling.min_p = number_in(body, "min_p", 0, 0, 1);
  wanted.sampling.seed = static_cast<std::uint64_t>(
      integer_in(body, "seed", 0, std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max()));
  wanted.stops = stops_of(body);
  wanted.logprobs = flag(body, "logprobs");
  wanted.top_logprobs = integer_in(body, "top_logprobs", 0, 0, kTopLogprobsMax);
  if (wanted.top_logprobs > 0 && !wanted.logprobs)
    refuse("top_logprobs", "top_logprobs without logprobs");
  return wanted;
}

} // namespace

ChatRequest parse_chat_request(const Json& body, std::int64_t tokens_max) {
  if (!body.is_object())
    refuse("body", "the body is no JSON object");
  refuse_unknown(body);
  refuse_unsupported(body);
  const Json* model = given(body, "model");
  if (model == nullptr || !model->is_string())
    refuse("model", "model is missing");
  ChatRequest request{.model = model->get<std::string>(),
                      .messages = messages_of(body),
                      .wanted = wanted_of(body, tokens_max),
                      .seeded = given(body, "seed") != nullptr,
                      .stream = flag(body, "stream")};
  const Json* options = given(body, "stream_options");
  if (options != nullptr && (!options->is_object() || !request.stream))
    refuse("stream_options", "stream_options goes with stream: true");
  request.stream_usage = options != nullptr && flag(*options, "include_usage");
  return request;
}

Json error_json(const std::string& message, const std::string& type, const std::string& param,
                const std::string& code) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return {
      {"error",
       {{"message", message}, {"type", type}, {"param", or_null(param)}, {"code", or_null(code)}}}};
}

} // namespace quill::serve
