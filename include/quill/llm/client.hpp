// What goes to a language model and what comes back: one door, many providers, wrappers around it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
  [[nodiscard]] Json json() const;
  /// sha256 of json(): equal requests have equal keys.
  [[nodiscard]] std::string key() const;
};
struct Usage {
  std::optional<std::int64_t> prompt_tokens, completion_tokens, cached_tokens;
};
struct Reply {
  std::string text;
  std::string finish_reason; ///< "stop", "length", …; never guessed
  Usage usage;
  std::string raw; ///< body as received, keys redacted
};
struct LlmFailure {
  enum class Kind { refused, rate_limited, quota, unavailable, bad_reply, cancelled };
  Kind kind;
  std::string what;
  std::optional<double> retry_after_ms;
  std::string raw;
};

class Client {
 public:
  virtual ~Client() = default;
  virtual Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) = 0;
};

/// Chat completions as OpenAI shaped them.
struct OpenAiConfig {
  std::string base_url = "https://api.openai.com/v1";
  std::string api_key; ///< "" allowed for loopback servers
  double timeout_ms = 120'000;
};
/// Raw body → reply, checked in every field; pure (also the fuzzer's target).
[[nodiscard]] Result<Reply, LlmFailure> parse_openai_reply(long status, const std::string& body);
/// `http` must outlive the client.
[[nodiscard]] std::unique_ptr<Client> make_openai_client(OpenAiConfig config, HttpClient& http);
/// Retries 408, 409, 429 (not quota), 5xx, resets; obeys retry-after up to two minutes; exponential
/// with jitter. `inner` and `clock` must outlive it.
[[nodiscard]] std::unique_ptr<Client> with_retry(Client& inner, Clock& clock, int attempts_max,
                                                 std::uint64_t jitter_seed);

} // namespace quill::llm
