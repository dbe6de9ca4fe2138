#include "rewrite/planner.hpp"

#include <string_view>

namespace quill::rewrite {

namespace {

constexpr engine::Limits kLimits{.rows = 1, .timeout_ms = 10'000};

/// Whoever has run ANALYZE has this table; it may be read or not, but it is known.
bool has_statistics(engine::Session& session) {
  const auto found = session.run("SELECT 1 FROM sqlite_stat1 LIMIT 1", kLimits);
  return found.cause != engine::Cause::unknown_name;
}

bool has(std::string_view line, std::string_view word) {
  return line.find(word) != std::string_view::npos;
}

double effort_of(std::string_view line) {
  if (has(line, "USE TEMP B-TREE"))
    return 3;
  if (has(line, "AUTOMATIC"))
    return 8;
  if (has(line, "SCAN"))
    return has(line, "COVERING INDEX") ? 7 : 12;
  if (has(line, "SEARCH"))
    return has(line, "COVERING INDEX") ? 1 : 2;
  return 0;
}

/// What stands below a correlated sub-query runs once a row.
double effort(const std::vector<std::string>& lines) {
  constexpr double kRepeated = 8;
  double sum = 0;
  std::size_t correlated_indent = std::string::npos;
  for (const auto& line : lines) {
    const auto indent = line.find_first_not_of(" |`-");
    if (correlated_indent != std::string::npos && indent <= correlated_indent)
      correlated_indent = std::string::npos;
    if (correlated_indent == std::string::npos && has(line, "CORRELATED"))
      correlated_indent = indent;
    sum += effort_of(line) * (correlated_indent != std::string::npos ? kRepeated : 1);
  }
  return sum;
}

Choice choice_of(engine::Session& session, const std::string& statement,
                 const std::vector<std::string>& create_index) {
  if (!session.build_indexes(create_index, kLimits).ok)
    return {};
  const auto plan = session.plan(statement, engine::Side::indexed);
  return {plan.ok, plan.indexes_used, effort(plan.lines)};
}

} // namespace

Planner::Planner(engine::Session& session) : session_(session) {
  if (session.engine() == engine::Engine::sqlite && !has_statistics(session))
    empty_ = engine::open_sqlite_script(session.schema().ddl());
}

std::string Planner::why_blind(const std::string& statement) {
  if (session_.engine() == engine::Engine::sqlite)
    return "";
  const auto plan = session_.suppose(statement, {});
  return plan.ok ? "" : plan.message;
}

Choice Planner::choose(const std::string& statement, const std::vector<std::string>& create_index) {
  if (session_.engine() == engine::Engine::postgres && !create_index.empty()) {
    auto plan = session_.suppose(statement, create_index);
    return {plan.ok, std::move(plan.indexes_used), plan.cost};
  }
  // Else only whether it prepares: their costs say nothing of their times.
  if (session_.engine() != engine::Engine::sqlite)
    return {create_index.empty() && session_.plan(statement).ok, {}, 1};
  if (empty_)
    if (auto choice = choice_of(*empty_, statement, create_index); choice.ok)
      return choice;
  return choice_of(session_, statement, create_index); // a view is in the database only
}

} // namespace quill::rewrite
