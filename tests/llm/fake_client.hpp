// A client that answers from a script, for wrappers around it.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm::test {

class FakeClient final : public Client {
 public:
  using Answer = std::function<Result<Reply, LlmFailure>(const Request&)>;
  explicit FakeClient(Answer answer) : answer_(std::move(answer)) {}

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel&) override {
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request);
    }
    return answer_(request);
  }
  [[nodiscard]] std::vector<Request> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<Request> asked_;
};

inline Reply reply_of(std::int64_t prompt_tokens, std::int64_t completion_tokens) {
  Reply reply;
  reply.text = "SELECT 1";
  reply.finish_reason = "stop";
  reply.usage = {prompt_tokens, completion_tokens, std::nullopt};
  return reply;
}

inline LlmFailure failure_of(LlmFailure::Kind kind, std::optional<double> retry_after_ms = {}) {
  return {kind, "why", retry_after_ms, ""};
}

/// 30 bytes: 10 tokens by three bytes each, and 8 for the message.
inline Request request_of(std::int64_t tokens_max, std::int64_t sample_index = 0) {
  Request request;
  request.model = "m";
  request.messages = {{"user", std::string(30, 'x')}};
  request.tokens_max = tokens_max;
  request.sample_index = sample_index;
  return request;
}

} // namespace quill::llm::test
