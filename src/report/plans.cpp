#include <fmt/format.h>

#include "quill/engine/session.hpp"
#include "quill/report/run_page.hpp"

namespace quill::report {

namespace {

constexpr engine::Limits kLimits{.timeout_ms = 10'000};

std::vector<std::string> plan_of(engine::Session& session, const std::string& sql,
                                 engine::Side side, std::string& note) {
  const engine::Plan plan = session.plan(sql, side);
  if (!plan.ok)
    note = plan.message;
  return plan.lines;
}

} // namespace

void add_plan(ShownPair& pair, engine::Session& session) {
  pair.before_plan = plan_of(session, pair.before, engine::Side::base, pair.plan_note);
  if (!pair.plan_note.empty())
    return;
  const engine::IndexBuild built = session.build_indexes(pair.indexes, kLimits);
  if (!built.ok) {
    pair.plan_note = fmt::format("the indexes cannot be built here: {}", built.message);
    return;
  }
  pair.after_plan = plan_of(session, pair.after, engine::Side::indexed, pair.plan_note);
}

} // namespace quill::report
