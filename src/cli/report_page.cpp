#include "cli/report_page.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "cli/run_text.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"

namespace quill::cli {

namespace {

constexpr std::size_t kShownPairs = 5;
constexpr const char* kNoDatabase =
    "the run's database is not at hand; `quill runs report RUN --db FILE` names it";

report::IterationPoint point_of(const loop::IterationMetrics& one) {
  report::IterationPoint point{.iteration = one.iteration,
                               .success_rate = one.success_rate,
                               .reward_mean = one.reward_mean,
                               .reward_kept_mean = one.reward_kept_mean,
                               .before_diversity = one.before_diversity,
                               .after_diversity = one.after_diversity,
                               .examples = one.examples,
                               .cost_usd = one.cost_usd,
                               .tokens = std::nullopt};
  if (one.prompt_tokens || one.completion_tokens)
    point.tokens = one.prompt_tokens.value_or(0) + one.completion_tokens.value_or(0);
  return point;
}

report::ShownPair pair_of(const loop::Example& example, const loop::ExampleTimes& times) {
  return {.id = example.id,
          .type = example.type,
          .rule = example.rule,
          .explanation = example.explanation,
          .before = example.before,
          .schema = example.schema,
          .after = example.after,
          .indexes = example.indexes,
          .speedup = example.speedup,
          .reward = example.reward,
          .before_ms = times.before_ms,
          .after_ms = times.after_ms,
          .before_plan = {},
          .after_plan = {},
          .plan_note = ""};
}

using Measure = std::function<std::optional<double>(const report::ShownPair&)>;

/// The pairs with the greatest measure, those without one left out; equal ones in their order.
std::vector<report::ShownPair> greatest(const std::vector<report::ShownPair>& pairs,
                                        const Measure& measure) {
  std::vector<report::ShownPair> known;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(known),
               [&](const auto& pair) { return measure(pair).has_value(); });
  std::stable_sort(known.begin(), known.end(),
                   [&](const auto& a, const auto& b) { return measure(a) > measure(b); });
  known.resize(std::min(known.size(), kShownPairs));
  return known;
}

std::vector<report::ShownPair> found_pairs(const loop::RecordedRun& run) {
  std::vector<report::ShownPair> pairs;
  for (const loop::Example& example : run.examples) {
    if (example.seed())
      continue;
    const auto times = run.times.find(example.id);
    pairs.push_back(
        pair_of(example, times == run.times.end() ? loop::ExampleTimes{} : times->second));
  }
  return pairs;
}

using Sessions = std::vector<std::unique_ptr<engine::Session>>;

/// The database that has the pair's schema; with one alone that one. Null when there is none.
engine::Session* session_of(const report::ShownPair& pair, const Sessions& sessions) {
  if (sessions.size() == 1)
    return sessions.front().get();
  for (const auto& session : sessions)
    if (session->schema().ddl() == pair.schema)
      return session.get();
  return nullptr;
}

void explain(report::RunPage& page, const std::vector<std::filesystem::path>& databases,
             const Cancel& cancel) {
  Sessions sessions;
  for (const auto& path : databases)
    sessions.push_back(engine::open_sqlite(path, &cancel));
  for (auto* pairs : {&page.best, &page.slowest})
    for (report::ShownPair& pair : *pairs)
      if (engine::Session* session = session_of(pair, sessions))
        report::add_plan(pair, *session);
      else
        pair.plan_note = "no database of the run that is at hand has its schema";
}

void say_why_no_plan(report::RunPage& page) {
  for (auto* pairs : {&page.best, &page.slowest})
    for (report::ShownPair& pair : *pairs)
      pair.plan_note = kNoDatabase;
}

} // namespace

report::RunPage run_page(const loop::RecordedRun& run) {
  const loop::Totals& totals = run.analysis.totals;
  report::RunPage page;
  page.title = "Quill run " + run.analysis.source.parent_path().string();
  page.subtitle = run.command_line.empty() ? run.analysis.source.string() : run.command_line;
  page.facts = totals_facts(totals);
  if (!run.analysis.finished)
    page.facts.insert(page.facts.begin(), {"state", "not finished"});
  for (const auto& iteration : run.analysis.iterations)
    page.iterations.push_back(point_of(iteration));
  for (const loop::Example& example : run.examples)
    if (example.speedup && !example.seed())
      page.speedups.push_back({example.iteration, *example.speedup});
  page.by_type = totals.by_type;
  page.by_band = totals.by_band;
  page.by_rule = single_rules(totals.by_rule);
  const auto pairs = found_pairs(run);
  page.best = greatest(pairs, [](const auto& pair) { return pair.speedup; });
  page.slowest = greatest(pairs, [](const auto& pair) { return pair.before_ms; });
  return page;
}

void write_run_page(const loop::RecordedRun& run, const std::filesystem::path& folder,
                    const std::filesystem::path& database, const std::filesystem::path& file,
                    const Cancel& cancel) {
  report::RunPage page = run_page(run);
  const auto databases = database.empty() ? loop::find_run_databases(run, folder)
                                          : std::vector<std::filesystem::path>{database};
  if (databases.empty())
    say_why_no_plan(page);
  else
    explain(page, databases, cancel);
  real_disk().write_atomic(file, report::html(page, report::find_plot_library()));
}

} // namespace quill::cli
