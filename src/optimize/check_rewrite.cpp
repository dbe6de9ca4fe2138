#include "quill/optimize/check_rewrite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/engine/dialect.hpp"

namespace quill::optimize {

namespace {

constexpr engine::Limits kLimits{
    .rows = 0, .timeout_ms = 20'000, .memory_mb = 1024, .result_mb = 0};

/// Does the outermost query give its rows an order?
bool is_ordered(const KnownRewrite& rewrite) {
  const auto tree =
      sql::parse(engine::dialect_of(rewrite.engine), rewrite.before, sql::local_grammar());
  return tree.ok() && !tree.value()->order_by.empty();
}

std::string problem_of(std::string_view side, const engine::Sample& sample) {
  return sample.status == engine::Status::ok
             ? ""
             : fmt::format("{}: {} {}", side, engine::to_string(sample.status), sample.message);
}

bool same_rows(const engine::Sample& before, const engine::Sample& after, bool ordered) {
  const auto& a = before.digest;
  const auto& b = after.digest;
  return before.row_count == after.row_count && std::ranges::equal(a.bag, b.bag) &&
         (!ordered || std::ranges::equal(a.list, b.list));
}

} // namespace

Checked check_rewrite(const KnownRewrite& rewrite, engine::Session& session, int runs) {
  Checked checked;
  const bool ordered = is_ordered(rewrite);
  for (int run = 0; run <= runs; ++run) {
    const auto before = session.sample(rewrite.before, kLimits);
    const auto after = session.sample(rewrite.after, kLimits);
    checked.problem = problem_of("before", before) + problem_of("after", after);
    checked.same = same_rows(before, after, ordered);
    checked.rows = before.row_count;
    if (!checked.problem.empty() || !checked.same)
      return checked;
    const bool first = run <= 1; // the warm-up's times are overwritten
    checked.before_ms = first ? before.elapsed_ms : std::min(checked.before_ms, before.elapsed_ms);
    checked.after_ms = first ? after.elapsed_ms : std::min(checked.after_ms, after.elapsed_ms);
  }
  return checked;
}

std::unique_ptr<engine::Session> open_schema_of(const KnownRewrite& rewrite,
                                                const std::filesystem::path& folder,
                                                std::string_view server, const Cancel* cancel) {
  const auto script = schema_script(folder, rewrite);
  switch (rewrite.engine) {
  case engine::Engine::duckdb:
    return engine::open_duckdb_script(script, cancel);
  case engine::Engine::postgres:
    return engine::open_postgres_script(server, script, cancel);
  case engine::Engine::sqlite:
    break;
  }
  return engine::open_sqlite_script(script, cancel);
}

} // namespace quill::optimize
