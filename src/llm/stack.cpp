#include "quill/llm/wrappers.hpp"

namespace quill::llm {

namespace {

constexpr int kAttemptsMax = 6; // with_retry's backoff: about a minute in all

class WitnessedClient final : public Client {
 public:
  WitnessedClient(Client& inner, Witness witness) : inner_(inner), witness_(std::move(witness)) {}

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    auto result = inner_.complete(request, cancel);
    if (!result && witness_)
      witness_(request, result.failure());
    return result;
  }

 private:
  Client& inner_;
  Witness witness_;
};

/// Owns its layers, the innermost first.
class Stack final : public Client {
 public:
  Stack(const StackSetup& setup, HttpClient& http, Clock& clock)
      : wire_(setup.wire != nullptr ? nullptr : make_client(setup.endpoint, http)),
        witness_(with_witness(setup.wire != nullptr ? *setup.wire : *wire_, setup.witness)),
        budget_(with_budget(*witness_, setup.budget, setup.spent, setup.cost)),
        throttle_(with_throttle(*budget_, clock, setup.pace)),
        retry_(with_retry(*throttle_, clock, kAttemptsMax, setup.jitter_seed)) {}

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    return retry_->complete(request, cancel);
  }

 private:
  std::unique_ptr<Client> wire_, witness_, budget_, throttle_, retry_;
};

} // namespace

std::unique_ptr<Client> with_witness(Client& inner, Witness witness) {
  return std::make_unique<WitnessedClient>(inner, std::move(witness));
}

std::unique_ptr<Client> make_stack(const StackSetup& setup, HttpClient& http, Clock& clock) {
  return std::make_unique<Stack>(setup, http, clock);
}

} // namespace quill::llm
