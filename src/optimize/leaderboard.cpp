#include "quill/optimize/leaderboard.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "optimize/batch_prep.hpp"
#include "optimize/known_json.hpp"
#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

constexpr std::uint64_t kFileBytesMax = 256U << 20U;

/// The larger of a speedup without indexes and one with them.
std::optional<double> best_speedup(const Json& answer) {
  const auto bare = number_or_null(answer, "speedup");
  const auto with = number_or_null(answer, "speedup_with_indexes");
  return bare && with ? std::max(bare, with) : bare ? bare : with;
}

/// The worker whose candidate became the answer.
std::string winner_of(const Json& answer) {
  const auto candidates = answer.find("candidates");
  if (candidates == answer.end() || best_speedup(answer) == 1.0)
    return "";
  for (const Json& one : *candidates)
    if (one.contains("after") && one.contains("verdict") &&
        best_speedup(one) == best_speedup(answer) &&
        one.value("status", "") == answer.value("status", ""))
      return one.value("worker", "");
  return "";
}

LeaderboardRow row_from(const std::string& id, const Json& answer, const std::string& where) {
  const JsonObject object(answer, where);
  LeaderboardRow row{.id = id, .status = {}, .speedup = {}, .rows = {}, .verdict = {}};
  row.status = status_named(object.text("status"));
  row.speedup = row.status == Status::error ? std::nullopt : best_speedup(answer);
  if (object.at("rows").is_number())
    row.rows = object.integer("rows");
  row.verdict = object.text("verdict");
  row.before_ms = number_or_null(answer, "before_ms");
  row.by = winner_of(answer);
  row.rules = object.texts_or_empty("rules");
  row.reason = object.text("reason");
  return row;
}

void add_validation(LeaderboardRow& row, const Json& document, const std::string& where) {
  const JsonObject object(document, where);
  row.validated = true;
  row.run_status = row.status;
  row.status = status_named(object.text("status"));
  row.verdict = object.text("verdict");
  row.speedup = number_or_null(document, "speedup");
  row.before_ms = number_or_null(document, "before_ms");
  if (*row.status == Status::error)
    row.reason = object.text("reason");
}

Json read_document(const std::filesystem::path& file) {
  return parse_json(read_file(file, kFileBytesMax), file.string());
}

LeaderboardRow row_of(const Suite& suite, int state, const std::string& id) {
  const auto answer = answer_file(suite, state, id);
  if (!std::filesystem::exists(answer))
    return {.id = id, .status = {}, .speedup = {}, .rows = {}, .verdict = {}};
  auto row = row_from(id, read_document(answer), answer.string());
  const auto validation = validation_file(suite, state, id);
  if (std::filesystem::exists(validation))
    add_validation(row, read_document(validation), validation.string());
  return row;
}

Json status_json(const std::optional<Status>& status) {
  return status ? Json(to_string(*status)) : Json(nullptr);
}

Json to_json(const LeaderboardRow& row) {
  return {{"id", row.id},
          {"status", status_json(row.status)},
          {"speedup", row.speedup ? Json(*row.speedup) : Json(nullptr)},
          {"rows", row.rows ? Json(*row.rows) : Json(nullptr)},
          {"verdict", row.verdict.empty() ? Json(nullptr) : Json(row.verdict)},
          {"before_ms", row.before_ms ? Json(*row.before_ms) : Json(nullptr)},
          {"by", row.by.empty() ? Json(nullptr) : Json(row.by)},
          {"rules", row.rules},
          {"validated", row.validated},
          {"run_status", status_json(row.run_status)}};
}

std::filesystem::path history_file(const Suite& suite) {
  return suite.folder() / "history.json";
}

StateSummary summary_from(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  return {.state = static_cast<int>(object.integer("state")),
          .at = object.text_or("at", ""),
          .wins = object.integer("wins"),
          .improved = object.integer("improved"),
          .neutral = object.integer("neutral"),
          .regressions = object.integer("regressions"),
          .errors = object.integer("errors"),
          .geomean = object.number("geomean"),
          .promoted = object.texts_or_empty("promoted")};
}

} // namespace

std::int64_t Leaderboard::count(Status status) const {
  return std::count_if(queries.begin(), queries.end(),
                       [&](const LeaderboardRow& row) { return row.status == status; });
}

std::int64_t Leaderboard::missing() const {
  return std::count_if(queries.begin(), queries.end(),
                       [](const LeaderboardRow& row) { return !row.status; });
}

std::int64_t Leaderboard::non_empty() const {
  return std::count_if(queries.begin(), queries.end(),
                       [](const LeaderboardRow& row) { return row.rows.value_or(0) > 0; });
}

double Leaderboard::geomean() const {
  double logs = 0;
  for (const LeaderboardRow& row : queries)
    if (row.speedup && *row.speedup > 0)
      logs += std::log(*row.speedup);
  return queries.empty() ? 1 : std::exp(logs / static_cast<double>(queries.size()));
}

Json to_json(const Leaderboard& board) {
  Json queries = Json::array();
  for (const LeaderboardRow& row : board.queries)
    queries.push_back(to_json(row));
  return {{"format_version", kFormatVersion},
          {"suite", board.suite},
          {"engine", board.engine},
          {"state", board.state},
          {"queries", std::move(queries)},
          {"wins", board.count(Status::win)},
          {"improved", board.count(Status::improved)},
          {"neutral", board.count(Status::neutral)},
          {"regressions", board.count(Status::regression)},
          {"errors", board.count(Status::error)},
          {"missing", board.missing()},
          {"non_empty", board.non_empty()},
          {"geomean", board.geomean()}};
}

Leaderboard read_leaderboard(const Suite& suite, int state) {
  Leaderboard board{.suite = suite.header().name,
                    .engine = std::string(engine::to_string(suite.header().engine)),
                    .state = state,
                    .queries = {}};
  for (const std::string& id : suite.ids())
    board.queries.push_back(row_of(suite, state, id));
  return board;
}

std::string markdown(const Leaderboard& board) {
  std::string text = fmt::format(
      "# {} on {}, state {}\n\n{} WIN, {} IMPROVED, {} NEUTRAL, {} REGRESSION, {} ERROR of {} "
      "queries ({} not run); {} have rows. Geometric mean over all: {:.3f}x.\n\n| query | status | "
      "speedup | before ms | rows | by | rules |\n|---|---|---|---|---|---|---|\n",
      board.suite, board.engine, board.state, board.count(Status::win),
      board.count(Status::improved), board.count(Status::neutral), board.count(Status::regression),
      board.count(Status::error), board.queries.size(), board.missing(), board.non_empty(),
      board.geomean());
  for (const LeaderboardRow& row : board.queries)
    text +=
        fmt::format("| {} | {}{} | {} | {} | {} | {} | {} |\n", row.id,
                    row.status ? to_string(*row.status) : "–", row.validated ? " (validated)" : "",
                    row.speedup ? fmt::format("{:.2f}x", *row.speedup) : "",
                    row.before_ms ? fmt::format("{:.2f}", *row.before_ms) : "",
                    row.rows ? std::to_string(*row.rows) : "", row.by, fmt::join(row.rules, ", "));
  return text;
}

void write_leaderboard(const Suite& suite, const Leaderboard& board) {
  const auto json = dump_json(to_json(board), 2);
  const auto text = markdown(board);
  for (const auto& folder : {suite.state_folder(board.state), suite.folder()}) {
    real_disk().write_atomic(folder / "leaderboard.json", json);
    real_disk().write_atomic(folder / "leaderboard.md", text);
  }
}

Json to_json(const StateSummary& state) {
  return {{"state", state.state},      {"at", state.at.empty() ? Json(nullptr) : Json(state.at)},
          {"wins", state.wins},        {"improved", state.improved},
          {"neutral", state.neutral},  {"regressions", state.regressions},
          {"errors", state.errors},    {"geomean", state.geomean},
          {"promoted", state.promoted}};
}

StateSummary summary_of(const Leaderboard& board) {
  return {.state = board.state,
          .at = {},
          .wins = board.count(Status::win),
          .improved = board.count(Status::improved),
          .neutral = board.count(Status::neutral),
          .regressions = board.count(Status::regression),
          .errors = board.count(Status::error),
          .geomean = board.geomean()};
}

std::vector<StateSummary> read_history(const Suite& suite) {
  std::vector<StateSummary> out;
  const auto file = history_file(suite);
  if (!std::filesystem::exists(file))
    return out;
  const Json document = read_document(file);
  for (const Json& state : JsonObject(document, file.string()).at("states"))
    out.push_back(summary_from(state, file.string()));
  return out;
}

void add_to_history(const Suite& suite, const StateSummary& state) {
  auto states = read_history(suite);
  std::erase_if(states, [&](const StateSummary& one) { return one.state == state.state; });
  states.push_back(state);
  Json list = Json::array();
  for (const StateSummary& one : states)
    list.push_back(to_json(one));
  real_disk().write_atomic(
      history_file(suite),
      dump_json({{"format_version", kFormatVersion}, {"states", std::move(list)}}, 2));
}

} // namespace quill::optimize
