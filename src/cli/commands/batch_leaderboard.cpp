// quill batch leaderboard — what the queries of a suite came to.
#include <memory>

#include "cli/batch_text.hpp"
#include "quill/core/files.hpp"

namespace quill::cli {

namespace {

struct BatchLeaderboardConfig {
  std::filesystem::path suite = "duckdb_tpcds", html;
  std::optional<std::int64_t> state;

  void fields(FieldList& list) {
    list.add("suite", &suite, "folder of the suite");
    list.add("state", &state, "number of the state; default: the last one").at_least(0);
    list.add("html", &html, "file to write it to, as a page with plots");
  }
};

int state_of(const BatchLeaderboardConfig& config, const optimize::Suite& suite) {
  const int last = suite.state();
  if (config.state.value_or(last) > last)
    throw Error{Exit::usage,
                {.what = "there is no such state",
                 .where = "--state " + std::to_string(*config.state),
                 .fix = "the last one is " + std::to_string(last)}};
  return static_cast<int>(config.state.value_or(last));
}

/// With the state at hand as its last line.
std::vector<optimize::StateSummary> history_of(const optimize::Suite& suite,
                                               const optimize::Leaderboard& board) {
  auto states = read_history(suite);
  std::erase_if(states, [&](const auto& state) { return state.state >= board.state; });
  states.push_back(summary_of(board));
  return states;
}

Exit run_batch_leaderboard(Context& context, const BatchLeaderboardConfig& config) {
  const auto suite = optimize::Suite::open(config.suite);
  const auto board = read_leaderboard(suite, state_of(config, suite));
  const auto states = history_of(suite, board);
  if (board.state == suite.state())
    write_leaderboard(suite, board); // whole, also where shards ended at the same time
  if (!config.html.empty())
    real_disk().write_atomic(config.html, leaderboard_html(board, states));
  Json document = to_json(board);
  document["history"] = Json::array();
  for (const auto& state : states)
    document["history"].push_back(to_json(state));
  context.out.result(document, leaderboard_text(board, context.out.styled()) +
                                   history_text(states, context.out.styled()));
  return board.missing() > 0 ? Exit::negative : Exit::ok;
}

} // namespace

Command batch_leaderboard_command() {
  auto config = std::make_shared<BatchLeaderboardConfig>();
  return {
      .name = "batch leaderboard",
      .group = "whole benchmarks",
      .summary = "show what the queries of a suite came to",
      .details =
          "JSON: {\"suite\", \"engine\", \"state\", \"queries\": [{\"id\", \"status\", "
          "\"speedup\", \"rows\", \"verdict\", \"before_ms\", \"by\", \"rules\", \"validated\", "
          "\"run_status\"}], \"wins\", \"improved\", \"neutral\", \"regressions\", \"errors\", "
          "\"missing\", \"non_empty\", \"geomean\" (over all queries; 1 where a query stays as it "
          "is), \"history\"}. Exit code 1 when a query has no answer yet.",
      .examples = {"quill batch leaderboard --suite duckdb_tpcds --html leaderboard.html"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_batch_leaderboard(context, *config); },
  };
}

} // namespace quill::cli
