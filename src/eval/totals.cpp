#include "eval/totals.hpp"

namespace quill::eval {

namespace {

template <class T> Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

/// Sums first, then percent of the questions.
class Sum {
 public:
  void add(const SqlScore& score) {
    ++totals_.questions;
    totals_.spider_exec += score.spider_exec;
    totals_.spider_exec_keep_distinct += score.spider_exec_keep_distinct;
    totals_.spider_exact += score.spider_exact;
    totals_.bird_ex += score.bird_ex;
    totals_.soft_f1 += score.soft_f1;
    add_part(totals_.ves, score.ves);
    add_part(totals_.r_ves, score.r_ves);
  }
  [[nodiscard]] bool empty() const { return totals_.questions == 0; }
  [[nodiscard]] SqlTotals get() const {
    SqlTotals totals = totals_;
    const auto count = static_cast<double>(totals.questions);
    for (double SqlTotals::* part :
         {&SqlTotals::spider_exec, &SqlTotals::spider_exec_keep_distinct, &SqlTotals::spider_exact,
          &SqlTotals::bird_ex, &SqlTotals::soft_f1})
      totals.*part *= 100 / count;
    for (std::optional<double> SqlTotals::* part : {&SqlTotals::ves, &SqlTotals::r_ves})
      if (totals.*part)
        *(totals.*part) /= count;
    return totals;
  }

 private:
  static void add_part(std::optional<double>& sum, const std::optional<double>& part) {
    if (part)
      sum = sum.value_or(0) + *part;
  }
  SqlTotals totals_;
};

template <class Group>
std::vector<std::pair<std::string, SqlTotals>> grouped(const std::vector<SqlScore>& scores,
                                                       const std::vector<std::string>& order,
                                                       const Group& group) {
  std::vector<std::pair<std::string, Sum>> sums;
  for (const std::string& name : order)
    sums.emplace_back(name, Sum{});
  for (const SqlScore& score : scores)
    for (auto& [name, sum] : sums)
      if (name == group(score))
        sum.add(score);
  std::vector<std::pair<std::string, SqlTotals>> totals;
  for (const auto& [name, sum] : sums)
    if (!sum.empty())
      totals.emplace_back(name, sum.get());
  return totals;
}

Json to_json(const SqlTotals& totals) {
  return {{"questions", totals.questions},
          {"spider_exec", totals.spider_exec},
          {"spider_exec_keep_distinct", totals.spider_exec_keep_distinct},
          {"spider_exact", totals.spider_exact},
          {"bird_ex", totals.bird_ex},
          {"soft_f1", totals.soft_f1},
          {"ves", or_null(totals.ves)},
          {"r_ves", or_null(totals.r_ves)}};
}

Json groups_json(const std::vector<std::pair<std::string, SqlTotals>>& groups) {
  Json value = Json::object();
  for (const auto& [name, totals] : groups)
    value[name] = to_json(totals);
  return value;
}

} // namespace

Json to_json(const SqlScore& score) {
  return {{"id", score.id},
          {"db_id", score.db_id},
          {"hardness", or_null(score.hardness)},
          {"spider_exec", int{score.spider_exec}},
          {"spider_exec_keep_distinct", int{score.spider_exec_keep_distinct}},
          {"spider_exact", int{score.spider_exact}},
          {"bird_ex", int{score.bird_ex}},
          {"soft_f1", score.soft_f1},
          {"time_ratio", or_null(score.time_ratio)},
          {"ves", or_null(score.ves)},
          {"r_ves", or_null(score.r_ves)},
          {"predicted", score.predicted},
          {"parsed", score.parsed},
          {"exact_difference", score.exact_difference},
          {"gold_status", or_null(score.gold_status)},
          {"predicted_status", or_null(score.predicted_status)},
          {"message", score.message}};
}

namespace {

Json to_json(const SampledTotals& sampled) {
  Json pass = Json::object();
  for (const auto& [k, percent] : sampled.pass)
    pass[std::to_string(k)] = percent;
  return {{"samples", sampled.samples}, {"pass", std::move(pass)}};
}

} // namespace

Json to_json(const SqlEvaluation& evaluation) {
  return {{"format_version", kFormatVersion},
          {"questions", evaluation.totals.questions},
          {"missing", evaluation.missing},
          {"unparsed", evaluation.unparsed},
          {"failed", evaluation.failed},
          {"gold_failed", evaluation.gold_failed},
          {"safety", evaluation.safety},
          {"sampled", evaluation.sampled ? to_json(*evaluation.sampled) : Json()},
          {"totals", to_json(evaluation.totals)},
          {"by_hardness", groups_json(evaluation.by_hardness)},
          {"by_difficulty", groups_json(evaluation.by_difficulty)},
          {"engine", evaluation.engine},
          {"elapsed_ms", evaluation.elapsed_ms}};
}

SqlEvaluation summed_up(std::vector<SqlScore> scores) {
  SqlEvaluation evaluation;
  Sum all;
  double forbidden = 0, predicted = 0;
  for (const SqlScore& score : scores) {
    all.add(score);
    evaluation.missing += !score.predicted;
    predicted += score.predicted;
    forbidden += score.forbidden;
    evaluation.unparsed += score.predicted && !score.parsed;
    evaluation.failed += score.predicted && score.predicted_status != "ok";
    evaluation.gold_failed += score.predicted && score.gold_status != "ok";
  }
  evaluation.totals = all.get();
  evaluation.safety = predicted > 0 ? 100 * (1 - forbidden / predicted) : 100;
  evaluation.by_hardness = grouped(scores, {"easy", "medium", "hard", "extra"},
                                   [](const SqlScore& score) { return score.hardness; });
  evaluation.by_difficulty = grouped(scores, {"simple", "moderate", "challenging"},
                                     [](const SqlScore& score) { return score.difficulty; });
  evaluation.scores = std::move(scores);
  return evaluation;
}

} // namespace quill::eval
