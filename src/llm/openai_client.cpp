#include <fmt/format.h>

#include "llm/retry_after.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/http.hpp"
#include "quill/core/log.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

std::string without_trailing_slash(std::string url) {
  while (!url.empty() && url.back() == '/')
    url.pop_back();
  return url;
}

/// OpenAI calls the limit max_completion_tokens and its newer models refuse the old name, which the
/// servers that copied the API know only.
const char* limit_name(const std::string& base_url) {
  return base_url.starts_with("https://api.openai.com/") ? "max_completion_tokens" : "max_tokens";
}

std::string wire_body(const Request& request, const std::string& base_url) {
  const Json json = request.json();
  return dump_json({{"model", json["model"]},
                    {"messages", json["messages"]},
                    {"temperature", json["temperature"]},
                    {limit_name(base_url), json["tokens_max"]}});
}

Kind kind_of(HttpFailure::Kind kind) {
  switch (kind) {
  case HttpFailure::Kind::connect:
  case HttpFailure::Kind::timeout:
  case HttpFailure::Kind::reset:
    return Kind::unavailable;
  case HttpFailure::Kind::too_large:
    return Kind::bad_reply;
  case HttpFailure::Kind::cancelled:
    return Kind::cancelled;
  case HttpFailure::Kind::tls:
  case HttpFailure::Kind::refused_url:
    break;
  }
  return Kind::refused;
}

class OpenAiClient final : public Client {
 public:
  OpenAiClient(OpenAiConfig config, HttpClient& http) : config_(std::move(config)), http_(http) {
    config_.base_url = without_trailing_slash(config_.base_url);
    redact_in_logs(config_.api_key);
  }

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    const auto exchanged = http_.send(http_request(request), cancel);
    if (!exchanged) {
      const HttpFailure& failure = exchanged.failure();
      return LlmFailure{kind_of(failure.kind), redacted(failure.what), std::nullopt, ""};
    }
    const HttpReply& reply = exchanged.value();
    auto result = parse_openai_reply(reply.status, reply.body);
    if (result)
      return result;
    LlmFailure failure = result.failure();
    failure.retry_after_ms = retry_after_ms(reply);
    return failure;
  }

 private:
  [[nodiscard]] HttpRequest http_request(const Request& request) const {
    HttpRequest http;
    http.url = config_.base_url + "/chat/completions";
    http.headers = {{"Content-Type", "application/json"},
                    {"Accept", "application/json"},
                    {"User-Agent", "quill/" QUILL_VERSION}};
    if (!config_.api_key.empty())
      http.headers.emplace_back("Authorization", "Bearer " + config_.api_key);
    http.body = wire_body(request, config_.base_url);
    http.timeout_ms = config_.timeout_ms;
    return http;
  }

  OpenAiConfig config_;
  HttpClient& http_;
};

} // namespace

std::unique_ptr<Client> make_openai_client(OpenAiConfig config, HttpClient& http) {
  return std::make_unique<OpenAiClient>(std::move(config), http);
}

} // namespace quill::llm
