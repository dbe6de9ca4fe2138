#include "rewrite/planner.hpp"

#include <string_view>

namespace quill::rewrite {

namespace {

constexpr engine::Limits kLimits{.rows = 1, .timeout_ms = 10'000};

bool has_statistics_or_views(engine::Session& session) {
  const auto found = session.run("SELECT 1 FROM sqlite_master WHERE type = 'view' OR name LIKE "
                                 "'sqlite_stat%' LIMIT 1",
                                 kLimits);
  return found.status != engine::Status::ok || found.row_count > 0;
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

} // namespace

Planner::Planner(engine::Session& session) : session_(session) {
  if (!has_statistics_or_views(session))
    empty_ = engine::open_sqlite_script(session.schema().ddl());
}

Choice Planner::choose(const std::string& statement, const std::vector<std::string>& create_index) {
  auto& asked = empty_ ? *empty_ : session_;
  if (!asked.build_indexes(create_index, kLimits).ok)
    return {};
  const auto plan = asked.plan(statement, engine::Side::indexed);
  return {plan.ok, plan.indexes_used, effort(plan.lines)};
}

} // namespace quill::rewrite
