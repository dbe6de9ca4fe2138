// What goes to a language model and what comes back: one door, many providers, wrappers around it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill {
class Cancel;
class Clock;
class HttpClient;
} // namespace quill

namespace quill::llm {

struct Message {
  std::string role; ///< system | user | assistant
  std::string content;
};
struct Request {
  std::string model;
  std::vector<Message> messages;
  double temperature = 0.7;
  std::int64_t tokens_max = 2048;
  std::int64_t sample_index = 0; ///< which of several equal requests: part of every key
  Json schema = nullptr; ///< JSON Schema of the answer, sent where the provider takes one; or null
  [[nodiscard]] Json json() const;
  /// What json() gave. \throws Error{usage}
  [[nodiscard]] static Request from_json(const Json& value, const std::string& where);
  /// sha256 of json(): equal requests have equal keys.
  [[nodiscard]] std::string key() const;
};
struct Usage {
  /// `prompt_tokens` counts the cached ones too.
  std::optional<std::int64_t> prompt_tokens, completion_tokens, cached_tokens;
};
struct Reply {
  std::string text;
  /// "stop", "length", "content_filter" in OpenAI's words whoever sent it; other words as they
  /// came;
  /// "" when none came. Never guessed.
  std::string finish_reason;
  Usage usage;
  std::string raw; ///< body as received, keys redacted
};
struct LlmFailure {
  enum class Kind {
    refused,      ///< for good: key, model or request are wrong
    rate_limited, ///< slower, please
    quota,        ///< the account has no money left
    unavailable,  ///< down, overloaded, cut off
    bad_reply,    ///< it answered, but not with an answer: stored, not asked again
    cancelled,
    budget,       ///< the user's own limit: nothing was sent
    not_recorded, ///< a tape has no answer, and nobody else is asked
  };
  Kind kind;
  std::string what;
  std::optional<double> retry_after_ms;
  std::string raw; ///< what came of a body, keys redacted
};
[[nodiscard]] std::string_view to_string(LlmFailure::Kind kind);

/// One that answers, or a wrapper around one (retry, throttle, budget, tape). Thread-safe: as many
/// requests are under way as callers wait.
class Client {
 public:
  virtual ~Client() = default;
  virtual Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) = 0;
};

/// The shape of HTTP a provider speaks.
enum class Api {
  openai,    ///< POST /chat/completions (OpenAI, DeepSeek, OpenRouter, vLLM, llama-server)
  anthropic, ///< POST /messages
  ollama,    ///< POST /api/chat: only there the context size can be set
};
/// \throws Error{usage} naming the known ones
[[nodiscard]] Api api_named(std::string_view name, std::string_view where);
[[nodiscard]] std::string_view to_string(Api api);

/// How a provider can be told that the answer must be JSON.
enum class JsonAnswers {
  none,
  object, ///< "some JSON object"
  schema, ///< as Request::schema says
};
/// none | object | schema \throws Error{usage}
[[nodiscard]] JsonAnswers json_answers_named(std::string_view name, std::string_view where);
[[nodiscard]] std::string_view to_string(JsonAnswers answers);

struct Endpoint {
  Api api = Api::openai;
  std::string base_url = "https://api.openai.com/v1";
  std::string api_key = {}; ///< "" allowed for loopback servers
  double timeout_ms = 120'000;
  bool stream = false;                ///< the answer word by word: a dead connection is seen sooner
  std::int64_t context_tokens = 8192; ///< Ollama's num_ctx; the other servers have their own
  JsonAnswers json = JsonAnswers::none;
  Json extra = Json::object(); ///< members that this provider wants in every request body
  double finish_ms = 15'000;   ///< how long a request under way may go on once a stop is asked
};
/// Raw body → reply, checked in every field, streamed or not as the body itself shows; a stream
/// that ends before its end is no reply. `raw` is the body. Pure (also the fuzzer's target).
[[nodiscard]] Result<Reply, LlmFailure> parse_reply(Api api, long status, const std::string& body);
/// `http` must outlive the client.
[[nodiscard]] std::unique_ptr<Client> make_client(Endpoint endpoint, HttpClient& http);
} // namespace quill::llm
