// quill evaluate — are the rows the same, and how much faster is it?
#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/local_model.hpp"
#include "cli/model_judge.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/sql/pair.hpp"

namespace quill::cli {

namespace {

struct EvaluateConfig {
  std::filesystem::path db, before, after, pairs;
  std::vector<std::string> needed_columns;
  std::optional<std::int64_t> needed_top;
  std::string require = "correct";
  judge::JudgeConfig judge;
  llm::ModelConfig llm; ///< who judges readability with --judge llm

  void fields(FieldList& list) {
    list.add("db", &db, "database file; a pair's own `db` goes before it");
    list.add("before", &before, "file or pipe with the slow query");
    list.add("after", &after, "file with the fast query and its CREATE INDEX statements");
    list.add("pairs", &pairs, "file of pairs: JSONL, or an array as Quill writes it");
    list.add("need_column", &needed_columns, "with --before: a column its user needs, all if none");
    list.add("need_top", &needed_top, "with --before: its user needs the first N rows").at_least(1);
    list.add("require", &require, "what a pair must be, else exit 1").one_of({"correct", "kept"});
    judge.fields(list);
    llm.fields(list);
  }
};

/// A judge for each database; its worker and image are kept between pairs.
class Judges {
 public:
  Judges(const EvaluateConfig& config, const Context& context)
      : config_(config.judge), cancel_(context.cancel) {
    if (config_.readability == "llm")
      model_ = std::make_unique<ModelJudge>(config.llm, context);
  }

  judge::Judge& at(const std::filesystem::path& db) {
    if (const auto found = open_.find(db); found != open_.end())
      return found->second->judge;
    if (open_.size() >= kOpenMax) // each holds a worker with its database in memory
      open_.clear();
    return open_.emplace(db, std::make_unique<Opened>(db, config_, cancel_, opinion()))
        .first->second->judge;
  }

 private:
  static constexpr std::size_t kOpenMax = 8;
  struct Opened {
    Opened(const std::filesystem::path& db, const judge::JudgeConfig& config, const Cancel& cancel,
           judge::OpinionFunction opinion)
        : session(engine::open_sqlite(db, &cancel)),
          judge(*session, config, &cancel, std::move(opinion)) {}
    std::unique_ptr<engine::Session> session;
    judge::Judge judge;
  };
  [[nodiscard]] judge::OpinionFunction opinion() const {
    if (!model_)
      return {};
    return [this](std::string_view before, std::string_view after) {
      return model_->opinion(before, after);
    };
  }

  judge::JudgeConfig config_;
  const Cancel& cancel_;
  std::unique_ptr<ModelJudge> model_;
  std::map<std::filesystem::path, std::unique_ptr<Opened>> open_;
};

[[noreturn]] void refuse(std::string what, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = "command line", .fix = std::move(fix)}};
}

std::vector<judge::PairLine> one_pair(const EvaluateConfig& config) {
  judge::PairLine line;
  line.pair.id = config.before.string();
  line.pair.before = read_input(config.before);
  line.pair.needs = {.columns = config.needed_columns, .top = config.needed_top};
  judge::take_after(line.pair, read_input(config.after));
  return {line};
}

std::vector<judge::PairLine> pairs_of(const EvaluateConfig& config) {
  const bool single = !config.before.empty() || !config.after.empty();
  if (single && !config.pairs.empty())
    refuse("--pairs and --before/--after were both given", "give one of them");
  if (!single && config.pairs.empty())
    refuse("no pair: neither --pairs nor --before and --after were given",
           "for example --before slow.sql --after fast.sql");
  if (single && (config.before.empty() || config.after.empty()))
    refuse("a pair needs both --before and --after", "give the other file too");
  return single ? one_pair(config) : judge::read_pairs(config.pairs);
}

const std::filesystem::path& database_of(const judge::PairLine& line,
                                         const EvaluateConfig& config) {
  if (line.db)
    return *line.db;
  if (config.db.empty())
    refuse(fmt::format("no database for pair \"{}\"", line.pair.id),
           "give --db DB, or a \"db\" in the pair");
  return config.db;
}

bool meets(const judge::Verdict& verdict, const std::string& require) {
  return require == "kept" ? verdict.kept : verdict.correct.value_or(false);
}

std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "";
}

constexpr const char* kFastNote =
    "trust fast: compared on this database alone, not proved on others";

/// What the verdict stands on.
std::string ground_text(const judge::Verdict& verdict) {
  std::string text;
  if (verdict.trust == "fast")
    text += fmt::format("  {}\n", kFastNote);
  if (verdict.proof && verdict.proof->databases_tried > 0)
    text += fmt::format("  proof: {} on {} small databases, {} of {} mutants told apart\n",
                        verdict.proof->verdict, verdict.proof->databases_tried,
                        verdict.proof->mutants_killed, verdict.proof->mutants);
  if (verdict.scaled_down)
    text += fmt::format("  before did not end: compared on {} rows, where it gives {}; the speedup "
                        "is at least what is said, its reward that of {}x at most\n",
                        verdict.scaled_down->rows, verdict.scaled_down->answer_rows,
                        judge::kTimedOutSpeedupMax);
  if (verdict.proof && verdict.proof->counterexample)
    text += fmt::format("  they differ on this database:\n{}\n",
                        verdict.proof->counterexample->database);
  return text;
}

std::string single_text(const judge::Verdict& verdict) {
  std::string text = fmt::format("{}, {}{}\n", verdict.verdict, to_string(verdict.status),
                                 verdict.reason.empty() ? "" : ": " + verdict.reason);
  text += ground_text(verdict);
  if (verdict.speedup)
    text += fmt::format("  speedup {:.2f}x{}, noise {:.1f} %\n", *verdict.speedup,
                        verdict.significant ? "" : " (not significant)",
                        100 * verdict.noise.value_or(0));
  if (verdict.before_ms && verdict.after_ms)
    text += fmt::format("  before {:.3f} ms, after {:.3f} ms ({} clock, {} block{} of runs)\n",
                        *verdict.before_ms, *verdict.after_ms, verdict.clock, verdict.blocks,
                        verdict.blocks == 1 ? "" : "s");
  if (!verdict.indexes.empty())
    text += fmt::format("  {} index{} built in {:.1f} ms\n", verdict.indexes.size(),
                        verdict.indexes.size() == 1 ? "" : "es", verdict.index_build_ms);
  if (verdict.reward)
    text += fmt::format(
        "  reward {:.3f}{}, type {}: {}\n", *verdict.reward,
        verdict.readability ? fmt::format(", readability {:+.3f}", *verdict.readability) : "",
        verdict.type, verdict.kept ? "kept" : "not kept");
  return text;
}

/// What the judging cost beside the runs it needs.
struct Cost {
  double wall_ms = 0, engine_ms = 0, copy_ms = 0, index_build_ms = 0;
};

/// Without a cost its times are null: where steps are counted, two runs print the same bytes.
Json summary_json(const std::vector<judge::Verdict>& verdicts, const std::optional<Cost>& cost,
                  const std::string& trust) {
  const auto ms = [&](double Cost::* part) { return cost ? Json((*cost).*part) : Json(); };
  const auto count = [&](auto predicate) {
    return std::count_if(verdicts.begin(), verdicts.end(), predicate);
  };
  return {{"pairs", verdicts.size()},
          {"correct", count([](const auto& v) { return v.correct.value_or(false); })},
          {"different", count([](const auto& v) { return v.verdict == "different"; })},
          {"unknown", count([](const auto& v) { return v.verdict == "unknown"; })},
          {"kept", count([](const auto& v) { return v.kept; })},
          {"trust", trust},
          {"wall_ms", ms(&Cost::wall_ms)},
          {"engine_ms", ms(&Cost::engine_ms)},
          {"copy_ms", ms(&Cost::copy_ms)},
          {"index_build_ms", ms(&Cost::index_build_ms)}};
}

std::string pairs_text(const std::vector<judge::Verdict>& verdicts, const Json& summary,
                       bool styled) {
  Table table{.columns = {{"id"},
                          {"verdict"},
                          {"status"},
                          {"speedup", true},
                          {"reward", true},
                          {"type"},
                          {"kept"},
                          {"reason"}},
              .rows = {}};
  for (const judge::Verdict& verdict : verdicts)
    table.rows.push_back({verdict.id, verdict.verdict, std::string(to_string(verdict.status)),
                          number(verdict.speedup, 2), number(verdict.reward, 3), verdict.type,
                          verdict.kept ? "yes" : "no", verdict.reason});
  std::string text = format_table(table, styled);
  text += fmt::format("{} pairs: {} correct, {} different, {} unknown, {} kept\n",
                      summary["pairs"].get<int>(), summary["correct"].get<int>(),
                      summary["different"].get<int>(), summary["unknown"].get<int>(),
                      summary["kept"].get<int>());
  if (summary["trust"] == "fast")
    text += fmt::format("{}\n", kFastNote);
  if (!summary["wall_ms"].is_null())
    text += fmt::format("judged in {:.0f} ms; SQLite ran for {:.0f} ms of them, copies {:.0f} ms, "
                        "index builds {:.0f} ms\n",
                        summary["wall_ms"].get<double>(), summary["engine_ms"].get<double>(),
                        summary["copy_ms"].get<double>(), summary["index_build_ms"].get<double>());
  return text;
}

void print_pairs(Context& context, const std::vector<judge::Verdict>& verdicts,
                 const std::optional<Cost>& cost, const std::string& trust) {
  Json pairs = Json::array();
  for (const judge::Verdict& verdict : verdicts)
    pairs.push_back(to_json(verdict));
  const Json summary = summary_json(verdicts, cost, trust);
  if (context.out.format() == OutputFormat::jsonl)
    context.out.result(pairs, "");
  else
    context.out.result({{"pairs", std::move(pairs)}, {"summary", summary}},
                       pairs_text(verdicts, summary, context.out.styled()));
}

Exit evaluate(Context& context, const EvaluateConfig& config) {
  config.judge.check();
  const std::vector<judge::PairLine> lines = pairs_of(config);
  for (const judge::PairLine& line : lines)
    (void)database_of(line, config); // all have one, before the first is judged
  Judges judges(config, context);
  Progress progress(context.progress, "pairs", static_cast<std::int64_t>(lines.size()));
  std::vector<judge::Verdict> verdicts;
  Cost cost;
  const double start_ms = system_clock().now_ms();
  for (const judge::PairLine& line : lines) {
    if (context.cancel.requested())
      break;
    verdicts.push_back(judges.at(database_of(line, config)).evaluate(line.pair, line.type));
    cost.engine_ms += verdicts.back().engine_ms;
    cost.copy_ms += verdicts.back().copy_ms;
    cost.index_build_ms += verdicts.back().index_build_ms;
    progress.advance(static_cast<std::int64_t>(verdicts.size()));
  }
  cost.wall_ms = system_clock().now_ms() - start_ms;
  if (context.cancel.requested() && !verdicts.empty())
    verdicts.pop_back(); // it was cut short: what it says is not known
  if (config.pairs.empty() && !verdicts.empty())
    context.out.result(to_json(verdicts.front()), single_text(verdicts.front()));
  else if (!config.pairs.empty())
    print_pairs(context, verdicts,
                config.judge.measure == "steps" ? std::nullopt : std::optional(cost),
                config.judge.trust);
  if (context.cancel.requested())
    return context.cancel.exit();
  const bool all = std::all_of(verdicts.begin(), verdicts.end(),
                               [&](const auto& verdict) { return meets(verdict, config.require); });
  return all ? Exit::ok : Exit::negative;
}

} // namespace

Command evaluate_command() {
  auto config = std::make_shared<EvaluateConfig>();
  return {
      .name = "evaluate",
      .group = "judging and looking",
      .summary = "judge pairs of queries: the same rows? how much faster? what is it worth?",
      .details =
          "JSON of one pair: {\"correct\", \"verdict\": \"same|different|unknown\", \"speedup\", "
          "\"before_ms\", \"after_ms\", \"noise\", \"significant\", \"kept\", \"reward\", "
          "\"readability\", \"type\", \"status\": "
          "\"ok|before_failed|after_failed|timeout|blocked\", \"trust\", \"proof\": what "
          "`quill equivalence` says, or null, \"scaled_down\": {\"rows\", \"answer_rows\", "
          "\"of_share\"} when before did not end, or null, ...}. With --pairs: {\"pairs\": [...], "
          "\"summary\"}; with --format jsonl one line a pair.\nExit code 0 when every pair is "
          "correct (--require kept: when every pair is kept), else 1. With --trust full, the "
          "default, a pair that is not proved is not correct, but unknown.",
      .examples = {"quill evaluate --db data/test.db --before slow.sql --after fast.sql",
                   "quill evaluate --db data/test.db --pairs data/stage1/training_data.json"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return evaluate(context, *config); },
      .needs_model =
          [config] { return config->judge.readability == "llm" && needs_network(config->llm); },
  };
}

} // namespace quill::cli
