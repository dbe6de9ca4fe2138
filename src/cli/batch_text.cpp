#include "cli/batch_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"
#include "quill/report/leaderboard_page.hpp"

namespace quill::cli {

namespace {

using optimize::Status;

std::string times(const std::optional<double>& speedup) {
  return speedup ? fmt::format("{:.2f}x", *speedup) : "";
}

std::string status_text(const optimize::LeaderboardRow& row) {
  return row.status ? std::string(to_string(*row.status)) : "";
}

std::string counts_text(const optimize::Leaderboard& board) {
  return fmt::format("{} WIN, {} IMPROVED, {} NEUTRAL, {} REGRESSION, {} ERROR of {} queries, {} "
                     "not run; {} have rows; geometric mean over all {:.3f}x",
                     board.count(Status::win), board.count(Status::improved),
                     board.count(Status::neutral), board.count(Status::regression),
                     board.count(Status::error), board.queries.size(), board.missing(),
                     board.non_empty(), board.geomean());
}

report::StatePoint point_of(const optimize::StateSummary& state) {
  return {.state = state.state,
          .wins = state.wins,
          .improved = state.improved,
          .regressions = state.regressions,
          .errors = state.errors,
          .promoted = static_cast<std::int64_t>(state.promoted.size()),
          .geomean = state.geomean};
}

} // namespace

optimize::BatchPlace place_of(const optimize::Suite& suite, const Context& context) {
  return {.suite = suite,
          .open_session =
              [&] {
                return engine::open_session(suite.header().engine, suite.database(),
                                            &context.cancel);
              },
          .cancel = context.cancel,
          .clock = system_clock()};
}

BatchTable::BatchTable(ProgressStyle style, std::string_view what, std::size_t total)
    : progress_(style, what, static_cast<std::int64_t>(total)) {}

void BatchTable::add(const optimize::BatchEvent& event) {
  wins_ += event.status == Status::win ? 1 : 0;
  improved_ += event.status == Status::improved ? 1 : 0;
  errors_ += event.status == Status::error ? 1 : 0;
  log_info(fmt::format("{:<20} {:<10} {:>8}  {}", event.id, to_string(event.status),
                       times(event.speedup), event.by.empty() ? event.reason : event.by));
  progress_.advance(static_cast<std::int64_t>(event.done),
                    fmt::format("WIN {}, IMPROVED {}, ERROR {}", wins_, improved_, errors_));
}

std::string leaderboard_text(const optimize::Leaderboard& board, bool styled) {
  Table table{.columns = {{"query"},
                          {"status"},
                          {"speedup", true},
                          {"before ms", true},
                          {"rows", true},
                          {"verdict"},
                          {"timing"},
                          {"by"},
                          {"rules"}},
              .rows = {}};
  for (const auto& row : board.queries)
    table.rows.push_back({row.id, status_text(row), times(row.speedup),
                          row.before_ms ? fmt::format("{:.2f}", *row.before_ms) : "",
                          row.rows ? std::to_string(*row.rows) : "", row.verdict,
                          row.validated ? "validated" : "", row.by,
                          fmt::format("{}", fmt::join(row.rules, ", "))});
  return format_table(table, styled) + counts_text(board) + "\n";
}

std::string history_text(const std::vector<optimize::StateSummary>& states, bool styled) {
  if (states.size() < 2)
    return "";
  Table table{.columns = {{"state", true},
                          {"WIN", true},
                          {"IMPROVED", true},
                          {"NEUTRAL", true},
                          {"REGRESSION", true},
                          {"ERROR", true},
                          {"geomean", true},
                          {"promoted", true}},
              .rows = {}};
  for (const auto& state : states)
    table.rows.push_back({std::to_string(state.state), std::to_string(state.wins),
                          std::to_string(state.improved), std::to_string(state.neutral),
                          std::to_string(state.regressions), std::to_string(state.errors),
                          fmt::format("{:.3f}x", state.geomean),
                          std::to_string(state.promoted.size())});
  return "\n" + format_table(table, styled);
}

std::string leaderboard_html(const optimize::Leaderboard& board,
                             const std::vector<optimize::StateSummary>& states) {
  report::LeaderboardPage page{
      .title = fmt::format("{} on {}, state {}", board.suite, board.engine, board.state),
      .subtitle = counts_text(board),
      .queries = {},
      .states = {}};
  for (const auto& row : board.queries)
    page.queries.push_back({.id = row.id,
                            .status = status_text(row),
                            .by = row.by,
                            .rules = fmt::format("{}", fmt::join(row.rules, ", ")),
                            .speedup = row.speedup,
                            .before_ms = row.before_ms,
                            .rows = row.rows,
                            .validated = row.validated});
  for (const auto& state : states)
    page.states.push_back(point_of(state));
  return report::html(page, report::find_plot_library());
}

} // namespace quill::cli
