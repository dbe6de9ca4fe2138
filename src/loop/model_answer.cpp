#include "loop/model_answer.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill::loop {

namespace {

using llm::LlmFailure;

std::string advice(LlmFailure::Kind kind) {
  switch (kind) {
  case LlmFailure::Kind::refused:
    return "check key, model name and base URL";
  case LlmFailure::Kind::quota:
    return "the account has no credit left: fill it up";
  case LlmFailure::Kind::rate_limited:
    return "wait a while";
  case LlmFailure::Kind::not_recorded:
    return "replay with the settings the tape was recorded with, or ask a provider";
  default:
    return "check that the server is up";
  }
}

[[noreturn]] void give_up(const LlmFailure& failure, const std::string& provider,
                          const Cancel& cancel) {
  if (failure.kind == LlmFailure::Kind::budget)
    throw Error{Exit::budget,
                {.what = failure.what,
                 .where = fmt::format("provider {}", provider),
                 .fix = "raise the budget and run the same command with --resume; all answers so "
                        "far are safe in run.db"}};
  if (failure.kind == LlmFailure::Kind::cancelled)
    throw Error{cancel.exit(),
                {.what = "interrupted while waiting for an answer", .where = {}, .fix = {}}};
  throw Error{Exit::outside,
              {.what = fmt::format("the model API did not answer: {}", failure.what),
               .where = fmt::format("provider {}", provider),
               .fix = fmt::format("{}, then run the same command with --resume; all answers so far "
                                  "are safe in run.db",
                                  advice(failure.kind))}};
}

} // namespace

store::Response model_answer(const Question& question, llm::Client& client,
                             const std::string& provider, const Cancel& cancel) {
  const auto request =
      llm::Request::from_json(parse_json(question.request, "question"), "question");
  const auto reply = client.complete(request, cancel);
  if (reply)
    return {.body = reply.value().raw};
  if (reply.failure().kind == LlmFailure::Kind::bad_reply)
    return {.body = reply.failure().raw, .usable = false};
  give_up(reply.failure(), provider, cancel);
}

} // namespace quill::loop
