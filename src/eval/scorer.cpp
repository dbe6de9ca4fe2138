#include "eval/scorer.hpp"

#include <algorithm>

#include "eval/bird_rows.hpp"
#include "eval/python_value.hpp"
#include "eval/spider_match.hpp"
#include "eval/spider_rows.hpp"
#include "eval/spider_text.hpp"
#include "eval/words.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"

namespace quill::eval {

namespace {

/// With its texts as Spider's scorer reads them: bytes that are not UTF-8 are left out.
std::vector<engine::Row> decoded_rows(const std::vector<engine::Row>& rows) {
  std::vector<engine::Row> out = rows;
  for (engine::Row& row : out)
    for (engine::Value& value : row)
      if (auto* text = std::get_if<std::string>(&value))
        *text = decoded(*text);
  return out;
}

bool spider_agrees(const Answer& gold, const Answer& predicted, bool order) {
  if (!gold.ok() || !predicted.ok())
    return false;
  if (all_utf8(gold.rows) && all_utf8(predicted.rows))
    return spider_same_rows(gold.rows, predicted.rows, order);
  return spider_same_rows(decoded_rows(gold.rows), decoded_rows(predicted.rows), order);
}

/// BIRD's scripts read text strictly: a byte that is not UTF-8 is an error.
bool bird_can_read(const Answer& answer) {
  return answer.ok() && all_utf8(answer.rows);
}

/// Equal for equal bags of rows; "" for a query that did not run.
std::string key_of(const Answer& answer) {
  if (!answer.ok())
    return "";
  std::vector<std::string> rows;
  for (const engine::Row& row : answer.rows) {
    Json values = Json::array();
    for (const engine::Value& value : row)
      values.push_back(engine::to_json(value));
    rows.push_back(dump_json(values));
  }
  std::sort(rows.begin(), rows.end());
  std::string text;
  for (const std::string& row : rows)
    text += row + "\n";
  return sha256_hex(text);
}

} // namespace

Scorer::Scorer(Suite& suite, ColumnSets sets, bool keys)
    : suite_(suite), schema_(suite.session(0).schema()), sets_(std::move(sets)), keys_(keys) {}

SqlScore Scorer::score(const Question& question, const std::string* predicted) {
  SqlScore score;
  score.id = question.id;
  score.db_id = question.db_id;
  score.difficulty = question.difficulty;
  score.predicted = predicted != nullptr;
  score.message = predicted ? "" : "there is no prediction";
  score_exact(score, question, predicted ? *predicted : "");
  if (predicted)
    for (const std::string& gold : question.gold)
      score_execution(score, gold, *predicted);
  if (predicted && keys_)
    score.rows_key = key_of(suite_.run(*predicted, 0));
  suite_.forget();
  return score;
}

void Scorer::score_execution(SqlScore& score, const std::string& gold,
                             const std::string& predicted) {
  const Answer& gold_answer = suite_.run(gold, 0);
  const Answer& answer = suite_.run(predicted, 0);
  if (score.gold_status != "ok")
    score.gold_status = to_string(gold_answer.status);
  score.predicted_status = to_string(answer.status);
  score.message = answer.message;
  score.forbidden = answer.cause == engine::Cause::forbidden;
  if (bird_can_read(gold_answer) && bird_can_read(answer)) {
    score.bird_ex = score.bird_ex || bird_same_rows(gold_answer.rows, answer.rows);
    score.soft_f1 = std::max(score.soft_f1, bird_soft_f1(gold_answer.rows, answer.rows));
  }
  const std::string gold_text = as_executed(gold);
  const std::string text = as_executed(with_placeholders_filled(predicted));
  score.spider_exec_keep_distinct =
      score.spider_exec_keep_distinct || spider_execution(gold_text, text);
  // The official script stops at a prediction that is blank; here it answers nothing.
  score.spider_exec =
      score.spider_exec ||
      (!is_blank(text) && spider_execution(without_distinct(gold_text), without_distinct(text)));
}

bool Scorer::spider_execution(const std::string& gold, const std::string& predicted) {
  const bool order = order_matters(gold);
  for (std::size_t i = 0; i < suite_.size(); ++i)
    if (!spider_agrees(suite_.run(gold, i), suite_.run(predicted, i), order))
      return false;
  return true;
}

void Scorer::score_exact(SqlScore& score, const Question& question, const std::string& predicted) {
  const auto parsed = parse_spider(with_placeholders_filled(predicted), schema_);
  score.parsed = parsed.ok();
  const SpiderQuery tree = comparable(parsed ? parsed.value() : SpiderQuery{}, schema_, sets_);
  for (const std::string& text : question.gold) {
    const bool first = &text == &question.gold.front();
    const auto gold = parse_spider(text, schema_);
    if (first)
      score.hardness = gold ? spider_hardness(gold.value()) : "";
    auto differences = gold ? spider_differences(tree, comparable(gold.value(), schema_, sets_))
                            : std::vector<std::string>{"gold cannot be parsed"};
    score.spider_exact = score.spider_exact || (parsed && differences.empty());
    if (first)
      score.exact_difference = std::move(differences);
  }
}

} // namespace quill::eval
