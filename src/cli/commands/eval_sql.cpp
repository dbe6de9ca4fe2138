// quill eval sql — predictions against questions, scored as Spider and BIRD score them.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/eval/sql_scores.hpp"

namespace quill::cli {

namespace {

std::string percent_cell(double value) {
  return fmt::format("{:.2f}", value);
}
std::string percent_cell(const std::optional<double>& value) {
  return value ? percent_cell(*value) : "";
}

void add_row(Table& table, const std::string& name, const eval::SqlTotals& totals) {
  table.rows.push_back({name, fmt::format("{}", totals.questions), percent_cell(totals.spider_exec),
                        percent_cell(totals.spider_exec_keep_distinct),
                        percent_cell(totals.spider_exact), percent_cell(totals.bird_ex),
                        percent_cell(totals.soft_f1), percent_cell(totals.ves),
                        percent_cell(totals.r_ves)});
}

std::string notes(const eval::SqlEvaluation& evaluation) {
  std::string text;
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0)
      text += fmt::format("{} {}\n", count, what);
  };
  add(evaluation.missing, "without a prediction: scored 0");
  add(evaluation.failed, "whose prediction did not run");
  add(evaluation.unparsed, "whose prediction Spider's parser cannot read: no exact match");
  add(evaluation.gold_failed, "of which no gold query ran: scored 0");
  if (evaluation.sampled) {
    text += fmt::format("{} answers to each question, scored: those that the most agree with;",
                        evaluation.sampled->samples);
    for (const auto& [k, percent] : evaluation.sampled->pass)
      text += fmt::format(" pass@{} {:.2f}", k, percent);
    text += "\n";
  }
  if (evaluation.safety < 100)
    text += fmt::format("{:.2f} % of the predictions tried nothing forbidden\n", evaluation.safety);
  return text + fmt::format("{}, {:.1f} s\n", evaluation.engine, evaluation.elapsed_ms / 1000);
}

std::string to_text(const eval::SqlEvaluation& evaluation, bool styled) {
  Table table{.columns = {{"percent"},
                          {"questions", true},
                          {"Spider EX", true},
                          {"keep distinct", true},
                          {"exact match", true},
                          {"BIRD EX", true},
                          {"soft F1", true},
                          {"VES", true},
                          {"R-VES", true}},
              .rows = {}};
  for (const auto& [name, totals] : evaluation.by_hardness)
    add_row(table, name, totals);
  for (const auto& [name, totals] : evaluation.by_difficulty)
    add_row(table, name, totals);
  add_row(table, "all", evaluation.totals);
  return format_table(table, styled) + notes(evaluation);
}

/// Every answer before the first is scored: model and workers do not share the cores.
std::vector<eval::SqlAnswer> answers_of(Context& context, const eval::SqlEvalConfig& config) {
  const eval::AnsweringConfig& how = config.answering;
  const auto format = model::ChatFormat::read(how.model);
  const auto decoder = context.torch->open_decoder(how.model, how.adapter, how.arithmetic);
  Progress progress(context.progress, "answers",
                    eval::count_questions(config.questions) * how.samples);
  std::int64_t done = 0;
  return eval::answer_questions(how, config.questions, config.databases, format, *decoder,
                                context.cancel, [&] { progress.advance(++done); });
}

Exit eval_sql(Context& context, const eval::SqlEvalConfig& config) {
  config.check();
  const bool asks = !config.answering.model.empty();
  std::vector<eval::SqlAnswer> answers;
  if (asks)
    answers = answers_of(context, config);
  Progress progress(context.progress, "questions",
                    eval::count_questions(config.questions) * config.answering.samples);
  const eval::SqlEvaluation evaluation =
      asks && config.answering.samples > 1
          ? eval::evaluate_samples(config, context.cancel, &progress, answers)
          : eval::evaluate_sql(config, context.cancel, &progress, asks ? &answers : nullptr);
  context.out.result(to_json(evaluation), to_text(evaluation, context.out.styled()));
  const std::int64_t partial = evaluation.gold_failed + (asks ? 0 : evaluation.missing);
  return partial == 0 ? Exit::ok : Exit::negative;
}

} // namespace

Command eval_sql_command() {
  auto config = std::make_shared<eval::SqlEvalConfig>();
  return {
      .name = "eval sql",
      .group = "evaluating",
      .summary = "score predicted SQL as Spider and BIRD do",
      .details =
          "Questions: JSONL with id, db_id, question, gold (a query or a list of accepted ones). "
          "Predictions: JSONL with id, sql; with --model a local model answers instead, and an "
          "answer "
          "that holds no query scores 0.\nScores, in percent: Spider's execution accuracy "
          "without DISTINCT (as published) and with it, Spider's exact-set match by hardness, "
          "BIRD's EX and soft F1; with --timing VES and R-VES. --samples N asks N times: pass@k, "
          "and the "
          "scores of the answers that the most agree with.\nJSON: {\"questions\", \"missing\", "
          "\"unparsed\", \"failed\", \"gold_failed\", \"safety\" (percent of predictions that "
          "tried nothing forbidden), "
          "\"sampled\": null or {\"samples\", \"pass\": {k: percent}}, \"totals\": "
          "{\"spider_exec\", "
          "\"spider_exec_keep_distinct\", \"spider_exact\", \"bird_ex\", \"soft_f1\", \"ves\", "
          "\"r_ves\"}, \"by_hardness\", \"by_difficulty\", \"engine\", \"elapsed_ms\"}.\nExit code "
          "1 when the file lacks a prediction or a gold query does not run.",
      .examples = {"quill eval sql --questions dev.jsonl --predictions predictions.jsonl "
                   "--databases databases --details scores.jsonl",
                   "quill eval sql --questions dev.jsonl --model DIR --adapter ADAPTER "
                   "--databases databases"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return eval_sql(context, *config); },
      .needs_model = [config] { return !config->answering.model.empty(); },
  };
}

} // namespace quill::cli
