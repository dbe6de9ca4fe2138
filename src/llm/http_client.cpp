#include <array>

#include <fmt/format.h>

#include "llm/retry_after.hpp"
#include "llm/wire.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/http.hpp"
#include "quill/core/log.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

/// A provider's shape: one row, one wire.
struct Wire {
  std::string_view name;
  WireRequest (*request)(const Endpoint&, const Request&);
  Result<Reply, LlmFailure> (*read)(long status, const std::string& body);
};

/// In the order of Api.
constexpr std::array<Wire, 3> kWires{{{"openai", openai_request, read_openai},
                                      {"anthropic", anthropic_request, read_anthropic},
                                      {"ollama", ollama_request, read_ollama}}};

/// In the order of JsonAnswers.
constexpr std::array<std::string_view, 3> kJsonAnswers{"none", "object", "schema"};

const Wire& wire_of(Api api) {
  return kWires.at(static_cast<std::size_t>(api));
}

/// Without slashes at its end; Ollama's without the /v1 of its OpenAI-shaped door.
std::string base_of(const Endpoint& endpoint) {
  std::string url = endpoint.base_url;
  while (!url.empty() && url.back() == '/')
    url.pop_back();
  if (endpoint.api == Api::ollama && url.ends_with("/v1"))
    url.resize(url.size() - 3);
  return url;
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

/// What the server itself says of asking again stands above what its status means; 402 with a time
/// to come back is OpenRouter's "too much in flight", not an empty account.
Kind kind_by_headers(const LlmFailure& failure, const HttpReply& reply) {
  const std::string again = reply.header("x-should-retry").value_or("");
  if (again == "true" && failure.kind == Kind::refused)
    return Kind::unavailable;
  if (again == "false" && (failure.kind == Kind::unavailable || failure.kind == Kind::rate_limited))
    return Kind::refused;
  if (reply.status == 402 && failure.retry_after_ms)
    return Kind::rate_limited;
  return failure.kind;
}

/// Asks over HTTP and reads what comes, in the endpoint's shape.
class WireClient final : public Client {
 public:
  WireClient(Endpoint endpoint, HttpClient& http)
      : endpoint_(std::move(endpoint)), wire_(wire_of(endpoint_.api)), http_(http) {
    endpoint_.base_url = base_of(endpoint_);
    redact_in_logs(endpoint_.api_key);
  }

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    const auto exchanged = http_.send(http_request(request), cancel);
    if (!exchanged) {
      const HttpFailure& failure = exchanged.failure();
      return LlmFailure{kind_of(failure.kind), redacted(failure.what), std::nullopt,
                        redacted(failure.body)};
    }
    const HttpReply& reply = exchanged.value();
    auto result = wire_.read(reply.status, redacted(reply.body)); // it may echo the key
    if (result)
      return result;
    LlmFailure failure = result.failure();
    failure.retry_after_ms = retry_after_ms(reply);
    failure.kind = kind_by_headers(failure, reply);
    return failure;
  }

 private:
  [[nodiscard]] HttpRequest http_request(const Request& request) const {
    WireRequest wire = wire_.request(endpoint_, request);
    HttpRequest http;
    http.url = endpoint_.base_url + wire.path;
    http.headers = {{"Content-Type", "application/json"},
                    {"Accept", endpoint_.stream ? "text/event-stream" : "application/json"},
                    {"User-Agent", "quill/" QUILL_VERSION}};
    http.headers.insert(http.headers.end(), wire.headers.begin(), wire.headers.end());
    wire.body.update(endpoint_.extra);
    http.body = dump_json(wire.body);
    http.timeout_ms = endpoint_.timeout_ms;
    http.cancel_grace_ms = endpoint_.finish_ms;
    return http;
  }

  Endpoint endpoint_;
  const Wire& wire_;
  HttpClient& http_;
};

} // namespace

Api api_named(std::string_view name, std::string_view where) {
  for (std::size_t i = 0; i < kWires.size(); ++i)
    if (kWires[i].name == name)
      return static_cast<Api>(i);
  throw Error{Exit::usage,
              {fmt::format("\"{}\" is no shape of HTTP that Quill speaks", name),
               std::string(where), "use openai, anthropic or ollama"}};
}

std::string_view to_string(Api api) {
  return wire_of(api).name;
}

JsonAnswers json_answers_named(std::string_view name, std::string_view where) {
  for (std::size_t i = 0; i < kJsonAnswers.size(); ++i)
    if (kJsonAnswers[i] == name)
      return static_cast<JsonAnswers>(i);
  throw Error{Exit::usage,
              {fmt::format("\"{}\" is no way to ask for JSON", name), std::string(where),
               "use none, object or schema"}};
}

std::string_view to_string(JsonAnswers answers) {
  return kJsonAnswers.at(static_cast<std::size_t>(answers));
}

Result<Reply, LlmFailure> parse_reply(Api api, long status, const std::string& body) {
  return wire_of(api).read(status, body);
}

std::unique_ptr<Client> make_client(Endpoint endpoint, HttpClient& http) {
  return std::make_unique<WireClient>(std::move(endpoint), http);
}

} // namespace quill::llm
