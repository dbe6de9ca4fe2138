#include <chrono>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/llm/wrappers.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

Spent operator+(const Spent& a, const Spent& b) {
  return {a.usd + b.usd, a.tokens + b.tokens, a.calls + b.calls};
}
Spent operator-(const Spent& a, const Spent& b) {
  return {a.usd - b.usd, a.tokens - b.tokens, a.calls - b.calls};
}

bool fits(const Spent& spent, const Budget& budget) {
  constexpr double kRounding = 1e-12; // of sums of many small prices
  return (!budget.usd || spent.usd <= *budget.usd + kRounding) &&
         (!budget.tokens || spent.tokens <= *budget.tokens) &&
         (!budget.calls || spent.calls <= *budget.calls);
}

std::string reached(const Budget& budget, const Spent& spent, const Spent& next) {
  std::string limits;
  const auto add = [&](const std::string& limit) {
    limits += (limits.empty() ? "" : ", ") + limit;
  };
  if (budget.usd)
    add(fmt::format("{} USD", *budget.usd));
  if (budget.tokens)
    add(fmt::format("{} tokens", *budget.tokens));
  if (budget.calls)
    add(fmt::format("{} calls", *budget.calls));
  return fmt::format(
      "the budget of {} is reached: {:.6f} USD and {} tokens were spent in {} calls, "
      "and the next may take up to {:.6f} USD and {} tokens",
      limits, spent.usd, spent.tokens, spent.calls, next.usd, next.tokens);
}

class BudgetedClient final : public Client {
 public:
  BudgetedClient(Client& inner, const Budget& budget, const Spent& spent, CostFunction cost)
      : inner_(inner), budget_(budget), cost_(std::move(cost)), spent_(spent) {}

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    const Spent at_most = spent_by(usage_at_most(request));
    if (auto failure = put_aside(at_most, cancel))
      return *std::move(failure);
    auto result = inner_.complete(request, cancel);
    settle(at_most,
           result ? spent_by(result.value(), at_most) : spent_by(result.failure(), at_most));
    return result;
  }

 private:
  [[nodiscard]] Spent spent_by(const Usage& usage) const {
    return {.usd = cost_(usage).value_or(0),
            .tokens = usage.prompt_tokens.value_or(0) + usage.completion_tokens.value_or(0),
            .calls = 1};
  }
  [[nodiscard]] Spent spent_by(const Reply& reply, const Spent& at_most) const {
    const bool told = reply.usage.prompt_tokens && reply.usage.completion_tokens;
    return told ? spent_by(reply.usage) : at_most;
  }
  /// An answer that began is paid for, whatever came of it; a refusal is not.
  [[nodiscard]] static Spent spent_by(const LlmFailure& failure, const Spent& at_most) {
    const bool began = failure.kind == Kind::bad_reply ||
                       (failure.kind == Kind::unavailable && !failure.raw.empty()) ||
                       (failure.kind == Kind::cancelled && !failure.raw.empty());
    return began ? at_most : Spent{.usd = 0, .tokens = 0, .calls = 1};
  }

  /// What does not fit now may fit when those in flight took less than they might.
  std::optional<LlmFailure> put_aside(const Spent& at_most, const Cancel& cancel) {
    constexpr std::chrono::milliseconds kLook{50};
    std::unique_lock lock(mutex_);
    while (!fits(spent_ + aside_ + at_most, budget_)) {
      if (aside_.calls == 0)
        return LlmFailure{Kind::budget, reached(budget_, spent_, at_most), std::nullopt, ""};
      settled_.wait_for(lock, kLook);
      if (cancel.requested())
        return LlmFailure{Kind::cancelled, "cancelled", std::nullopt, ""};
    }
    aside_ = aside_ + at_most;
    return std::nullopt;
  }

  void settle(const Spent& at_most, const Spent& used) {
    {
      const std::lock_guard lock(mutex_);
      aside_ = aside_ - at_most;
      if (aside_.calls == 0)
        aside_ = {}; // and no rounding is left over
      spent_ = spent_ + used;
    }
    settled_.notify_all();
  }

  Client& inner_;
  Budget budget_;
  CostFunction cost_;
  std::mutex mutex_;
  std::condition_variable settled_;
  Spent spent_, aside_;
};

} // namespace

Usage usage_at_most(const Request& request) {
  constexpr std::int64_t kBytesPerToken = 3; // SQL and English have more
  constexpr std::int64_t kPerMessage = 8;    // role and separators
  std::int64_t tokens = 0;
  for (const Message& message : request.messages)
    tokens += static_cast<std::int64_t>(message.content.size()) / kBytesPerToken + kPerMessage;
  return {.prompt_tokens = tokens, .completion_tokens = request.tokens_max, .cached_tokens = {}};
}

std::unique_ptr<Client> with_budget(Client& inner, const Budget& budget, const Spent& spent,
                                    CostFunction cost) {
  return std::make_unique<BudgetedClient>(inner, budget, spent, std::move(cost));
}

} // namespace quill::llm
