#include "engine/worker_session.hpp"

#include <fmt/core.h>

namespace quill::engine {

void WorkerSession::ready(const Limits& limits) {
  if (!talk_.usable() || outgrown(limits))
    open();
  limit(limits);
}

Execution WorkerSession::run(std::string_view sql, const Limits& limits, Side,
                             const std::function<bool(Row&&)>& sink) {
  Execution execution;
  if (is_too_long(sql, execution))
    return execution;
  ready(limits);
  return talk_.run({std::string(sql), limits, Side::base, 0}, sink);
}

Sample WorkerSession::sample(std::string_view sql, const Limits& limits, Side,
                             double sample_ms_min) {
  Sample sample;
  if (is_too_long(sql, sample))
    return sample;
  ready(limits);
  return talk_.sample({std::string(sql), limits, Side::base, sample_ms_min});
}

IndexBuild WorkerSession::build_indexes(const std::vector<std::string>& create_index,
                                        const Limits&) {
  IndexBuild build;
  build.ok = create_index.empty();
  if (!build.ok)
    build.message = no_index();
  return build;
}

Plan WorkerSession::plan_by(Ask ask, std::string_view sql, const Limits& limits) {
  Plan plan;
  plan.message = too_long(sql);
  if (!plan.message.empty())
    return plan;
  ready(limits);
  return talk_.plan(ask, {std::string(sql), limits, Side::base, 0});
}

Plan WorkerSession::plan(std::string_view sql, Side) {
  return plan_by(Ask::plan, sql, {});
}

Plan WorkerSession::analyze(std::string_view sql, const Limits& limits, Side) {
  return plan_by(Ask::analyze, sql, limits);
}

const sql::Schema& WorkerSession::schema() {
  if (schema_)
    return *schema_;
  ready({});
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
    ready({});
    auto answer = talk_.text(Ask::grammar, text);
    if (!answer.ok)
      return Failure{std::move(answer.text)};
    return std::move(answer.text);
  };
}

} // namespace quill::engine
