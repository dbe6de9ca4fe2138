#include <fmt/format.h>

#include "optimize/batch_prep.hpp"
#include "quill/core/files.hpp"
#include "quill/optimize/leaderboard.hpp"
#include "quill/sql/text.hpp"

namespace quill::optimize {

namespace {

constexpr std::uint64_t kAnswerBytesMax = 256U << 20U;

/// A query and what the run made of it.
struct Winner {
  sql::Pair pair;
  Status run_status = Status::error;
};

bool is_win(Status status) {
  return status == Status::win || status == Status::improved;
}

Winner winner_from(const Suite& suite, int state, const LeaderboardRow& row) {
  const auto file = answer_file(suite, state, row.id);
  const Json document = parse_json(read_file(file, kAnswerBytesMax), file.string());
  const JsonObject answer(document, file.string());
  return {.pair = {.id = row.id,
                   .before = suite.baseline(state, row.id).text,
                   .after = answer.text("after"),
                   .indexes = answer.texts_or_empty("indexes"),
                   .needs = {}},
          .run_status = *row.status};
}

Json validation_json(const judge::Verdict& verdict, Status status) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  return {{"format_version", kFormatVersion},
          {"status", to_string(status)},
          {"verdict", verdict.verdict},
          {"reason", verdict.reason},
          {"speedup", number(verdict.speedup)},
          {"before_ms", number(verdict.before_ms)},
          {"after_ms", number(verdict.after_ms)},
          {"noise", number(verdict.noise)},
          {"significant", verdict.significant},
          {"timing", verdict.timing},
          {"rows", verdict.rows}};
}

class Validation {
 public:
  Validation(const BatchPlace& at, const judge::JudgeConfig& config,
             const std::function<void(const BatchEvent&)>& on_query)
      : at_(at), on_query_(on_query), state_(at.suite.state()), session_(at.open_session()),
        judge_(*session_, config, &at.cancel) {}

  ValidateReport run() {
    const auto board = read_leaderboard(at_.suite, state_);
    for (const LeaderboardRow& row : board.queries) {
      const auto status = row.validated ? row.run_status : row.status;
      if (!status || !is_win(*status))
        continue;
      ++report_.winners;
      const bool known = row.validated;
      const Status now = known ? *row.status : validate(row);
      if (at_.cancel.requested())
        break;
      if (is_win(now))
        ++report_.hold;
      else
        report_.lost.push_back(row.id);
    }
    return std::move(report_);
  }

 private:
  Status validate(const LeaderboardRow& row) {
    const auto winner = winner_from(at_.suite, state_, row);
    const auto verdict = judge_.evaluate(winner.pair);
    const auto status = status_of(verdict);
    if (at_.cancel.requested())
      return status;
    real_disk().write_atomic(validation_file(at_.suite, state_, row.id),
                             dump_json(validation_json(verdict, status), 2));
    if (on_query_)
      on_query_({.id = row.id,
                 .status = status,
                 .speedup = verdict.speedup,
                 .by = row.by,
                 .reason = verdict.reason,
                 .done = report_.winners,
                 .of = 0});
    return status;
  }

  const BatchPlace& at_;
  const std::function<void(const BatchEvent&)>& on_query_;
  int state_;
  std::unique_ptr<engine::Session> session_;
  judge::Judge judge_;
  ValidateReport report_;
};

/// The winner's statement, when it pays by itself.
std::optional<std::string> promotable(const Suite& suite, const LeaderboardRow& row, int state,
                                      double min_speedup) {
  const bool holds = row.validated && row.status && is_win(*row.status) && row.verdict == "same" &&
                     row.speedup.value_or(0) >= min_speedup;
  if (!holds)
    return std::nullopt;
  const auto winner = winner_from(suite, state, row);
  const bool statement =
      sql::fingerprint(winner.pair.before) != sql::fingerprint(winner.pair.after);
  return statement && winner.pair.indexes.empty() ? std::optional(winner.pair.after) : std::nullopt;
}

void keep_as_gold(const Suite& suite, const LeaderboardRow& row, int state,
                  const std::string& after) {
  const auto folder = suite.folder() / "gold";
  make_folder(folder);
  real_disk().write_atomic(folder / (row.id + ".json"),
                           dump_json({{"format_version", kFormatVersion},
                                      {"id", row.id},
                                      {"state", state},
                                      {"before", suite.baseline(state, row.id).text},
                                      {"original", suite.baseline(0, row.id).text},
                                      {"after", after},
                                      {"speedup", *row.speedup},
                                      {"rules", row.rules}},
                                     2));
}

} // namespace

ValidateReport validate_batch(const BatchPlace& at, const judge::JudgeConfig& config,
                              const std::function<void(const BatchEvent&)>& on_query) {
  return Validation(at, config, on_query).run();
}

Promotion promote_batch(const Suite& suite, double min_speedup, std::string at) {
  const int state = suite.state();
  const auto board = read_leaderboard(suite, state);
  std::map<std::string, std::string> baselines;
  Promotion out{.state = state + 1, .promoted = {}};
  for (const LeaderboardRow& row : board.queries)
    if (auto after = promotable(suite, row, state, min_speedup)) {
      keep_as_gold(suite, row, state, *after);
      out.promoted.push_back(row.id);
      baselines.emplace(row.id, *std::move(after));
    }
  if (baselines.empty())
    throw Error{
        Exit::usage,
        {.what = "no winner was validated that can be promoted",
         .where = suite.state_folder(state).string(),
         .fix = "run quill batch run, then quill batch validate; indexes are not promoted"}};
  auto summary = summary_of(board);
  summary.at = std::move(at);
  summary.promoted = out.promoted;
  add_to_history(suite, summary);
  suite.begin_state(out.state, baselines);
  return out;
}

} // namespace quill::optimize
