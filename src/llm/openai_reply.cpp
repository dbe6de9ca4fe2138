// A body from a model server is a stranger's text: every field is looked at before it is used, and
// what does not fit is a failure with a reason.
#include <fmt/format.h>

#include "quill/core/log.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

constexpr std::size_t kMessageBytesMax = 300;

/// Cut between characters of UTF-8.
std::string clipped(const std::string& text) {
  if (text.size() <= kMessageBytesMax)
    return text;
  std::size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;
  return text.substr(0, end) + "…";
}

/// The server's own words from {"error": {"message", "code", "type"}}, {"error": "…"},
/// {"message": "…"} or {"detail": "…"}; the body's beginning when it is none of them.
struct ServerError {
  std::string message;
  std::string code; ///< code and type, as words to look for
  long status = 0;  ///< a number given as code (OpenRouter inside a 200), else 0
};

const Json* member(const Json& value, const char* key) {
  if (!value.is_object())
    return nullptr;
  const auto found = value.find(key);
  return found == value.end() ? nullptr : &*found;
}

std::string text_member(const Json& value, const char* key) {
  const Json* found = member(value, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

long status_member(const Json& error) {
  const Json* code = member(error, "code");
  if (code == nullptr || !code->is_number_integer())
    return 0;
  const auto number = code->get<std::int64_t>();
  return number >= 400 && number <= 599 ? static_cast<long>(number) : 0;
}

ServerError read_error(const Json& body) {
  const Json* error = member(body, "error");
  if (error != nullptr && error->is_string())
    return {error->get<std::string>(), "", 0};
  const Json& source = error == nullptr ? body : *error;
  std::string message = text_member(source, "message");
  if (message.empty())
    message = text_member(source, "detail");
  return {message, text_member(source, "code") + " " + text_member(source, "type"),
          status_member(source)};
}

ServerError read_error_body(const std::string& body) {
  try {
    ServerError error = read_error(parse_json(body, "error body"));
    return error.message.empty() ? ServerError{body, error.code, error.status} : error;
  } catch (const Error&) {
    return {body, "", 0}; // HTML from a proxy, or nothing: shown as it is
  }
}

bool says(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) != std::string::npos)
      return true;
  return false;
}

/// 429 is both "slower, please" and "your money is gone"; only the words tell.
bool is_quota(const ServerError& error) {
  return says(error.code, {"insufficient_quota", "credit_balance", "billing", "spend_limit"}) ||
         says(error.message, {"exceeded your current quota", "nsufficient balance",
                              "nsufficient credits", "spend limit"});
}

/// Refusals that concern this one prompt: the next one may well be answered.
bool is_about_prompt(const ServerError& error) {
  return says(error.code, {"context_length_exceeded", "content_filter", "content_policy"}) ||
         says(error.message, {"context length", "context size", "context limit", "context window",
                              "content management policy", "too long"});
}

Kind kind_of_status(long status, const ServerError& error) {
  if (status == 402)
    return Kind::quota;
  if (status == 429)
    return is_quota(error) ? Kind::quota : Kind::rate_limited;
  if (status == 408 || status == 409 || status >= 500)
    return Kind::unavailable;
  if (status == 400 || status == 413 || status == 422)
    return is_about_prompt(error) ? Kind::bad_reply : Kind::refused;
  if (status >= 300)
    return Kind::refused;
  return Kind::bad_reply;
}

LlmFailure failure(Kind kind, const std::string& what, const std::string& body) {
  return {kind, clipped(redacted(what)), std::nullopt, redacted(body)};
}

LlmFailure failure_of_status(long status, const std::string& body) {
  const ServerError error = read_error_body(body);
  return failure(
      kind_of_status(status, error),
      fmt::format("HTTP {}: {}", status, error.message.empty() ? "no reason" : error.message),
      body);
}

/// A 200 that holds an error: retryable when its code says so, never a reply.
LlmFailure failure_in_reply(const Json& reply, const std::string& body) {
  const ServerError error = read_error(reply);
  const Kind kind = error.status == 0 ? Kind::bad_reply : kind_of_status(error.status, error);
  const bool again = kind == Kind::rate_limited || kind == Kind::unavailable || kind == Kind::quota;
  return failure(again ? kind : Kind::bad_reply,
                 fmt::format("the reply holds an error: {}", error.message), body);
}

/// A count of tokens, or unknown: an answer that is paid for is not lost over a bad usage field.
std::optional<std::int64_t> tokens(const Json* value) {
  constexpr std::int64_t kTokensMax = 1'000'000'000;
  if (value == nullptr || !value->is_number_integer())
    return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > kTokensMax)
    return std::nullopt;
  const auto count = value->get<std::int64_t>();
  return count < 0 ? std::nullopt : std::optional(count);
}

Usage read_usage(const Json& reply) {
  const Json* usage = member(reply, "usage");
  if (usage == nullptr)
    return {};
  const Json* details = member(*usage, "prompt_tokens_details");
  auto cached = details == nullptr ? std::nullopt : tokens(member(*details, "cached_tokens"));
  if (!cached) // as DeepSeek spells it
    cached = tokens(member(*usage, "prompt_cache_hit_tokens"));
  return {tokens(member(*usage, "prompt_tokens")), tokens(member(*usage, "completion_tokens")),
          cached};
}

const Json& first_choice(const JsonObject& reply) {
  const Json& choices = reply.at("choices");
  if (!choices.is_array() || choices.empty())
    throw Error{Exit::outside, {"\"choices\" is not a list with an entry", reply.where(), ""}};
  return choices.front();
}

std::string read_content(const JsonObject& message) {
  const Json& content = message.at("content");
  if (content.is_null()) {
    const std::string refusal = message.text_or("refusal", "");
    throw Error{Exit::outside,
                {refusal.empty() ? "\"content\" is null: the model wrote no text"
                                 : "the model refused: " + refusal,
                 message.where(), ""}};
  }
  return message.text("content");
}

/// \throws Error whose what says which field is wrong
Reply read_reply(const Json& json) {
  const JsonObject reply(json, "reply");
  const JsonObject choice(first_choice(reply), "reply.choices[0]");
  const JsonObject message(choice.at("message"), "reply.choices[0].message");
  Reply answer;
  answer.text = read_content(message);
  answer.finish_reason = choice.text_or("finish_reason", "");
  if (answer.finish_reason == "error")
    throw Error{Exit::outside, {"the model stopped with an error", choice.where(), ""}};
  answer.usage = read_usage(json);
  return answer;
}

} // namespace

Result<Reply, LlmFailure> parse_openai_reply(long status, const std::string& body) {
  if (status < 200 || status > 299)
    return failure_of_status(status, body);
  try {
    const Json json = parse_json(body, "reply");
    const Json* error = member(json, "error");
    if (error != nullptr && !error->is_null())
      return failure_in_reply(json, body);
    Reply reply = read_reply(json);
    reply.raw = redacted(body);
    return reply;
  } catch (const Error& error) {
    return failure(Kind::bad_reply,
                   fmt::format("the reply is no chat completion: {} ({})", error.text().what,
                               error.text().where),
                   body);
  }
}

} // namespace quill::llm
