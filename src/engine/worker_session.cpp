#include "engine/worker_session.hpp"

#include <fmt/core.h>

namespace quill::engine {

std::string WorkerSession::ready(const Limits& limits) {
  if (!talk_.usable() || outgrown(limits)) {
    open();
    rows_.lost();
  }
  limits_ = limits;
  limit(limits);
  run_under(limits);
  return rows_.restore(talk_);
}

void WorkerSession::wake() {
  if (!talk_.usable()) {
    open();
    rows_.lost();
  }
  limit(last_limits());
}

void WorkerSession::end_if_gone(const std::string& message) {
  if (message.starts_with(kEngineGone))
    talk_.end();
}

Execution WorkerSession::run(std::string_view sql, const Limits& limits, Side side,
                             const std::function<bool(Row&&)>& sink) {
  Execution execution;
  if (is_too_long(sql, execution))
    return execution;
  execution.message = ready(limits);
  if (!execution.message.empty())
    return execution;
  execution = talk_.run({std::string(sql), limits, side, 0}, sink);
  end_if_gone(execution.message);
  return execution;
}

Sample WorkerSession::sample(std::string_view sql, const Limits& limits, Side side,
                             double sample_ms_min) {
  Sample sample;
  if (is_too_long(sql, sample))
    return sample;
  sample.message = ready(limits);
  if (!sample.message.empty())
    return sample;
  sample = talk_.sample({std::string(sql), limits, side, sample_ms_min});
  end_if_gone(sample.message);
  return sample;
}

IndexBuild WorkerSession::build_indexes(const std::vector<std::string>& create_index,
                                        const Limits&) {
  IndexBuild build;
  build.ok = create_index.empty();
  if (!build.ok)
    build.message = no_index();
  return build;
}

Loaded WorkerSession::load(const std::vector<TableRows>& tables) {
  if (auto wrong = rows_.take(tables); !wrong.empty())
    return {.ok = false, .message = std::move(wrong), .kept = {}};
  if (!talk_.usable())
    open();
  if (limits_) // others would cost a new worker at the next statement
    limit(*limits_);
  return rows_.load(talk_);
}

std::vector<Sample> WorkerSession::hashes(const std::vector<Asked>& statements,
                                          const Limits& limits) {
  Sample failed;
  failed.message = ready(limits);
  return hashes_of(statements, [&](const std::vector<Asked>& asked) {
    auto samples = failed.message.empty() ? talk_.hashes(asked, limits)
                                          : std::vector<Sample>(asked.size(), failed);
    if (!samples.empty())
      end_if_gone(samples.back().message);
    return samples;
  });
}

Plan WorkerSession::plan_by(Ask ask, std::string_view sql, const Limits& limits) {
  Plan plan;
  plan.message = too_long(sql);
  if (!plan.message.empty())
    return plan;
  plan.message = ready(limits);
  if (!plan.message.empty())
    return plan;
  plan = talk_.plan(ask, {std::string(sql), limits, Side::base, 0});
  end_if_gone(plan.message);
  return plan;
}

Plan WorkerSession::plan(std::string_view sql, Side) {
  return plan_by(Ask::plan, sql, last_limits());
}

Plan WorkerSession::analyze(std::string_view sql, const Limits& limits, Side) {
  return plan_by(Ask::analyze, sql, limits);
}

Plan WorkerSession::suppose(std::string_view sql, const std::vector<std::string>& create_index) {
  Plan plan;
  plan.message = too_long(sql);
  if (plan.message.empty())
    plan.message = ready(last_limits());
  if (!plan.message.empty())
    return plan;
  plan = talk_.suppose({{std::string(sql), last_limits(), Side::base, 0}, create_index});
  end_if_gone(plan.message);
  return plan;
}

const sql::Schema& WorkerSession::schema() {
  if (schema_)
    return *schema_;
  wake();
  auto answer = talk_.schema();
  if (!answer.ok)
    throw Error{Exit::usage,
                {fmt::format("cannot read the schema: {}", answer.message), place(),
                 "see whether the engine's own shell can read it"}};
  return schema_.emplace(std::move(answer.schema));
}

sql::Grammar WorkerSession::grammar() {
  return [this](std::string_view text) -> Result<std::string> {
    if (text.size() > kFrameMax / 2)
      return Failure{fmt::format("text too long: {} bytes", text.size())};
    wake();
    auto answer = talk_.text(Ask::grammar, text);
    if (!answer.ok)
      return Failure{std::move(answer.text)};
    return std::move(answer.text);
  };
}

} // namespace quill::engine
