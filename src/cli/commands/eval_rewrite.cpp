// quill eval rewrite — faster queries, by a model or a file, against slow ones; the rules beside.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/eval/rewrites.hpp"

namespace quill::cli {

namespace {

std::string to_text(const std::vector<eval::RewriteTotals>& systems, bool styled) {
  Table table{.columns = {{"system"},
                          {"queries", true},
                          {"answered %", true},
                          {"correct %", true},
                          {"improved %", true},
                          {"slower %", true},
                          {"geomean", true},
                          {"capped mean", true},
                          {"median", true},
                          {"diversity %", true},
                          {"practical %", true}},
              .rows = {}};
  const auto cell = [](double value) { return fmt::format("{:.2f}", value); };
  for (const eval::RewriteTotals& each : systems)
    table.rows.push_back({each.name, fmt::format("{}", each.queries), cell(each.answered),
                          cell(each.correct), cell(each.improved), cell(each.regressions),
                          cell(each.geomean), cell(each.capped_mean), cell(each.median),
                          cell(each.diversity), cell(each.practical)});
  return format_table(table, styled);
}

class Evaluating {
 public:
  Evaluating(Context& context, const eval::RewriteEvalConfig& config)
      : context_(context), config_(config), queries_(eval::read_slow_queries(config)) {}

  void run() {
    if (!config_.answering.model.empty())
      add("model", scored(model_answers()));
    if (!config_.predictions.empty())
      add("predictions", scored(eval::read_rewrites(config_.predictions, queries_)));
    if (config_.proposals > 0) {
      Progress progress = bar("rules");
      std::int64_t done = 0;
      add("rules",
          eval::score_rules(config_, queries_, context_.cancel, [&] { progress.advance(++done); }));
    }
  }

  void print() const {
    Json all = Json::array();
    for (const eval::RewriteTotals& each : totals_)
      all.push_back(eval::to_json(each));
    const Json document = {{"format_version", kFormatVersion},
                           {"queries", queries_.size()},
                           {"measure", config_.judge.measure},
                           {"systems", std::move(all)}};
    context_.out.result(document, to_text(totals_, context_.out.styled()));
    if (!config_.details.empty())
      eval::write_rewrite_details(config_.details, systems_);
  }

 private:
  [[nodiscard]] Progress bar(const char* what) const {
    return {context_.progress, what, static_cast<std::int64_t>(queries_.size())};
  }

  eval::Answers model_answers() {
    const eval::AnsweringConfig& how = config_.answering;
    const auto format = model::ChatFormat::read(how.model);
    const auto decoder = context_.torch->open_decoder(how.model, how.adapter, how.arithmetic);
    Progress progress = bar("answers");
    std::int64_t done = 0;
    return eval::model_rewrites(config_, queries_, format, *decoder, context_.cancel,
                                [&] { progress.advance(++done); });
  }

  std::vector<eval::RewriteScore> scored(const eval::Answers& answers) {
    Progress progress = bar("queries");
    std::int64_t done = 0;
    return eval::score_rewrites(config_, queries_, answers, context_.cancel,
                                [&] { progress.advance(++done); });
  }

  void add(const std::string& name, std::vector<eval::RewriteScore> scores) {
    totals_.push_back(eval::totals_of(name, config_, scores));
    systems_.emplace_back(name, std::move(scores));
  }

  Context& context_;
  const eval::RewriteEvalConfig& config_;
  std::vector<eval::SlowQuery> queries_;
  std::vector<std::pair<std::string, std::vector<eval::RewriteScore>>> systems_;
  std::vector<eval::RewriteTotals> totals_;
};

} // namespace

Command eval_rewrite_command() {
  auto config = std::make_shared<eval::RewriteEvalConfig>();
  return {
      .name = "eval rewrite",
      .group = "evaluating",
      .summary = "score faster queries: right, how much faster, how different, how practical",
      .details =
          "Each slow query is answered by --model, by --predictions, and by the built-in rules, "
          "and "
          "each answer is judged as evaluate does. A query without a right answer counts as 1x. "
          "Improved: right and by more than the noise at least --improved times as fast; "
          "practical: "
          "also no harder to read, and its indexes built within --index-cost-ms.\nJSON: "
          "{\"queries\", \"measure\", \"systems\": [{\"name\", \"queries\", \"answered\", "
          "\"correct\", \"improved\", \"regressions\", \"geomean\", \"capped_mean\", \"median\", "
          "\"diversity\", \"practical\"}]}, shares in percent.",
      .examples = {"quill eval rewrite --queries finetuning_datasets/grpo_format.jsonl --databases "
                   "data/test.db --model DIR --adapter ADAPTER"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            config->judge.check();
            Evaluating evaluating(context, *config);
            evaluating.run();
            evaluating.print();
            return Exit::ok;
          },
      .needs_model = [config] { return !config->answering.model.empty(); },
  };
}

} // namespace quill::cli
