#include "optimize/asking.hpp"

#include <algorithm>

#include "quill/core/thread_pool.hpp"

namespace quill::optimize {

namespace {

using llm::LlmFailure;
using Outcome = Result<llm::Reply, LlmFailure>;

/// A rewrite of a long query is long.
constexpr std::int64_t kTokensMax = 8'192;

} // namespace

llm::Request request_of(const Ask& ask, const ModelAccess& model, double temperature) {
  llm::Request request{.model = model.model,
                       .messages = ask.messages,
                       .temperature = temperature,
                       .tokens_max = kTokensMax,
                       .sample_index = ask.sample_index};
  if (model.json != llm::JsonAnswers::none && ask.role != Role::analyst)
    request.schema = task::candidate_schema();
  return request;
}

namespace {

Step read(const Ask& ask, const llm::Reply& reply) {
  Step step;
  step.ask = ask;
  step.answer = reply.text;
  step.usage = reply.usage;
  if (ask.role == Role::analyst)
    return step;
  auto candidate = task::candidate_of(reply);
  if (candidate)
    step.candidate = std::move(candidate).value();
  else
    step.failure = candidate.failure().what;
  return step;
}

Exit exit_of(const LlmFailure& failure, const Cancel& cancel) {
  switch (failure.kind) {
  case LlmFailure::Kind::bad_reply:
    return Exit::ok; // an answer, though not a usable one
  case LlmFailure::Kind::budget:
    return Exit::budget;
  case LlmFailure::Kind::cancelled:
    return cancel.exit();
  default:
    return Exit::outside;
  }
}

void take(Answered& out, const Ask& ask, const Outcome& outcome, const Cancel& cancel) {
  if (outcome) {
    out.steps.push_back(read(ask, outcome.value()));
    return;
  }
  const auto exit = exit_of(outcome.failure(), cancel);
  if (exit == Exit::ok) {
    Step step;
    step.ask = ask;
    step.answer = outcome.failure().raw;
    step.failure = outcome.failure().what;
    out.steps.push_back(std::move(step));
  } else if (out.exit == Exit::ok) {
    out.exit = exit;
    out.why = outcome.failure().what;
  }
}

} // namespace

std::vector<Ask> asks_of_model(const std::vector<Ask>& asks) {
  std::vector<Ask> out;
  std::copy_if(asks.begin(), asks.end(), std::back_inserter(out),
               [](const Ask& ask) { return ask.role != Role::rules; });
  return out;
}

Answered ask_all(const std::vector<Ask>& asks, const ModelAccess& model, double temperature,
                 const Cancel& cancel) {
  Answered out;
  if (asks.empty())
    return out;
  ThreadPool pool(static_cast<std::size_t>(
      std::clamp<std::int64_t>(model.concurrency, 1, static_cast<std::int64_t>(asks.size()))));
  std::vector<std::future<Outcome>> answers;
  for (const Ask& ask : asks)
    answers.push_back(pool.submit([&, request = request_of(ask, model, temperature)] {
      return model.client->complete(request, cancel);
    }));
  for (std::size_t i = 0; i < asks.size(); ++i)
    take(out, asks[i], answers[i].get(), cancel);
  return out;
}

} // namespace quill::optimize
