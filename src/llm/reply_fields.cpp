#include "llm/reply_fields.hpp"

#include <fmt/format.h>

#include "quill/core/log.hpp"

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
  std::string code = text_member(source, "code") + " " + text_member(source, "type");
  if (const Json* details = member(source, "details")) // Anthropic: {"error_code": …}
    code += " " + text_member(*details, "error_code");
  return {message, code, status_member(source)};
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

/// The status that an error inside a stream would have had; 200 when its code tells none.
long status_of_code(const ServerError& error) {
  if (says(error.code, {"rate_limit"}))
    return 429;
  return says(error.code, {"overloaded", "api_error", "server_error", "timeout"}) ? 503 : 200;
}

LlmFailure failure(Kind kind, const std::string& what, const std::string& body) {
  return {kind, clipped(redacted(what)), std::nullopt, redacted(body)};
}

} // namespace

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

std::optional<std::int64_t> tokens_member(const Json& value, const char* key) {
  constexpr std::int64_t kTokensMax = 1'000'000'000;
  const Json* found = member(value, key);
  if (found == nullptr || !found->is_number_integer())
    return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > kTokensMax)
    return std::nullopt;
  const auto count = found->get<std::int64_t>();
  return count < 0 ? std::nullopt : std::optional(count);
}

void no_answer(const std::string& what, const std::string& where) {
  throw Error{Exit::outside, {what, where, ""}};
}

LlmFailure failure_of_status(long status, const std::string& body) {
  const ServerError error = read_error_body(body);
  return failure(
      kind_of_status(status, error),
      fmt::format("HTTP {}: {}", status, error.message.empty() ? "no reason" : error.message),
      body);
}

LlmFailure failure_in_reply(const Json& document, const std::string& body) {
  const ServerError error = read_error(document);
  const Kind kind = kind_of_status(error.status == 0 ? status_of_code(error) : error.status, error);
  const bool again = kind == Kind::rate_limited || kind == Kind::unavailable || kind == Kind::quota;
  return failure(again ? kind : Kind::bad_reply,
                 fmt::format("the reply holds an error: {}", error.message), body);
}

Result<Reply, LlmFailure>
read_reply(long status, const std::string& body, const char* kind,
           const std::function<Result<Reply, LlmFailure>(const std::string&)>& read) {
  if (status < 200 || status > 299)
    return failure_of_status(status, body);
  try {
    auto result = read(body);
    if (!result)
      return result;
    Reply reply = std::move(result).value();
    reply.raw = redacted(body);
    return reply;
  } catch (const Error& error) {
    return failure(
        Kind::bad_reply,
        fmt::format("the reply is no {}: {} ({})", kind, error.text().what, error.text().where),
        body);
  }
}

} // namespace quill::llm
