#include "quill/model/local_client.hpp"

#include <charconv>
#include <future>

#include "quill/core/cancel.hpp"
#include "quill/model/chat_completion.hpp"
#include "quill/model/generator.hpp"

namespace quill::model {

namespace {

using llm::LlmFailure;

/// The first 64 bits of a request's key.
std::uint64_t seed_of(const llm::Request& request) {
  constexpr std::size_t kDigits = 16;
  constexpr int kHex = 16;
  const std::string key = request.key();
  std::uint64_t seed = 0;
  std::from_chars(key.data(), key.data() + std::min(kDigits, key.size()), seed, kHex);
  return seed;
}

LlmFailure failure(LlmFailure::Kind kind, const std::string& what) {
  const Json body{{"error", {{"message", what}, {"type", "invalid_request_error"}}}};
  return {kind, what, std::nullopt, dump_json(body)};
}

class LocalClient final : public llm::Client {
 public:
  LocalClient(ChatFormat format, std::unique_ptr<Decoder> decoder, std::int64_t slots_max)
      : format_(std::move(format)), generator_(std::move(decoder), format_.tokenizer, slots_max) {}

  Result<llm::Reply, LlmFailure> complete(const llm::Request& request,
                                          const Cancel& cancel) override {
    try {
      Generation generation = wanted(request);
      const std::size_t prompt_tokens = generation.prompt.size();
      const Answer answer = answer_to(std::move(generation), cancel);
      if (answer.finish_reason == "cancelled")
        return cancel.requested()
                   ? failure(LlmFailure::Kind::cancelled, "interrupted")
                   : failure(LlmFailure::Kind::unavailable, "the model stopped while it wrote");
      const Json body = chat_completion({.id = "local", .model = request.model}, prompt_tokens,
                                        {answer}, format_.tokenizer);
      return llm::parse_reply(llm::Api::openai, kOk, dump_json(body));
    } catch (const Error& error) {
      return failure(LlmFailure::Kind::bad_reply, error.text().what);
    }
  }

 private:
  static constexpr long kOk = 200;

  [[nodiscard]] Generation wanted(const llm::Request& request) const {
    Generation like;
    like.tokens_max = request.tokens_max;
    like.sampling.temperature = request.temperature;
    like.sampling.seed = seed_of(request);
    return format_.generation(request.messages, like);
  }

  Answer answer_to(Generation generation, const Cancel& cancel) {
    std::promise<Answer> written;
    auto answer = written.get_future();
    generator_.submit(std::move(generation), [&](std::int64_t, const Answer& so_far) {
      if (so_far.finish_reason.empty())
        return !cancel.requested();
      written.set_value(so_far);
      return true;
    });
    return answer.get();
  }

  ChatFormat format_;
  Generator generator_;
};

} // namespace

std::unique_ptr<llm::Client> make_local_client(ChatFormat format, std::unique_ptr<Decoder> decoder,
                                               std::int64_t slots_max) {
  return std::make_unique<LocalClient>(std::move(format), std::move(decoder), slots_max);
}

} // namespace quill::model
