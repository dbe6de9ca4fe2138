#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "quill/loop/metrics.hpp"

namespace quill::loop {

Json counts_json(const Counts& counts) {
  Json value = Json::object();
  for (const auto& [name, count] : counts)
    value[name] = count;
  return value;
}

Counts counts_from_json(const Json& value, const std::string& where) {
  Counts counts;
  const JsonObject object(value, where);
  for (const auto& [name, unused] : value.items())
    counts.emplace_back(name, object.integer(name));
  return counts;
}

Json to_json(const IterationMetrics& m) {
  return Json{{"iteration", m.iteration},
              {"problem", m.problem},
              {"asked", m.asked},
              {"offered", m.offered},
              {"kept", m.kept},
              {"added", m.added},
              {"duplicates", m.duplicates},
              {"unparsable", m.unparsable},
              {"blocked", m.blocked},
              {"timed_out", m.timed_out},
              {"wrong", m.wrong},
              {"slow", m.slow},
              {"failed", m.failed},
              {"dropped", m.dropped},
              {"success_rate", m.success_rate},
              {"reward_mean", number_or_null(m.reward_mean)},
              {"reward_kept_mean", number_or_null(m.reward_kept_mean)},
              {"by_type", counts_json(m.by_type)},
              {"by_band", counts_json(m.by_band)},
              {"examples", m.examples},
              {"before_diversity", number_or_null(m.before_diversity)},
              {"after_diversity", number_or_null(m.after_diversity)},
              {"prompt_tokens", integer_or_null(m.prompt_tokens)},
              {"completion_tokens", integer_or_null(m.completion_tokens)},
              {"cost_usd", number_or_null(m.cost_usd)},
              {"elapsed_ms", number_or_null(m.elapsed_ms)},
              {"judged_by_model", m.judged_by_model},
              {"judges_agreed", m.judges_agreed}};
}

IterationMetrics iteration_from_json(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  IterationMetrics m;
  m.iteration = object.integer("iteration");
  m.problem = object.text("problem");
  m.asked = object.integer("asked");
  m.offered = object.integer("offered");
  m.kept = object.integer("kept");
  m.added = object.integer("added");
  m.duplicates = object.integer("duplicates");
  m.unparsable = object.integer("unparsable");
  m.blocked = object.integer("blocked");
  m.timed_out = object.integer("timed_out");
  m.wrong = object.integer("wrong");
  m.slow = object.integer("slow");
  m.failed = object.integer("failed");
  m.dropped = object.integer("dropped");
  m.success_rate = object.number("success_rate");
  m.reward_mean = optional_number(object, "reward_mean");
  m.reward_kept_mean = optional_number(object, "reward_kept_mean");
  m.by_type = counts_from_json(object.at("by_type"), where + ": by_type");
  m.by_band = counts_from_json(object.at("by_band"), where + ": by_band");
  m.examples = object.integer("examples");
  m.before_diversity = optional_number(object, "before_diversity");
  m.after_diversity = optional_number(object, "after_diversity");
  m.prompt_tokens = optional_integer(object, "prompt_tokens");
  m.completion_tokens = optional_integer(object, "completion_tokens");
  m.cost_usd = optional_number(object, "cost_usd");
  m.elapsed_ms = optional_number(object, "elapsed_ms");
  m.judged_by_model = object.integer_or("judged_by_model", 0); // absent in older runs
  m.judges_agreed = object.integer_or("judges_agreed", 0);
  return m;
}

Json to_json(const Totals& t) {
  return Json{{"iterations", t.iterations},
              {"asked", t.asked},
              {"offered", t.offered},
              {"kept", t.kept},
              {"distinct", t.distinct},
              {"duplicates", t.duplicates},
              {"dropped", t.dropped},
              {"seeds", t.seeds},
              {"examples", t.examples},
              {"success_rate", number_or_null(t.success_rate)},
              {"success_rate_first_ten", number_or_null(t.success_rate_first_ten)},
              {"success_rate_last_ten", number_or_null(t.success_rate_last_ten)},
              {"reward_mean", number_or_null(t.reward_mean)},
              {"reward_min", number_or_null(t.reward_min)},
              {"reward_max", number_or_null(t.reward_max)},
              {"before_diversity", number_or_null(t.before_diversity)},
              {"after_diversity", number_or_null(t.after_diversity)},
              {"by_type", counts_json(t.by_type)},
              {"by_band", counts_json(t.by_band)},
              {"by_rule", counts_json(t.by_rule)},
              {"prompt_tokens", integer_or_null(t.prompt_tokens)},
              {"completion_tokens", integer_or_null(t.completion_tokens)},
              {"cost_usd", number_or_null(t.cost_usd)},
              {"elapsed_ms", number_or_null(t.elapsed_ms)},
              {"judged_by_model", t.judged_by_model},
              {"judge_agreement", number_or_null(t.judge_agreement())}};
}

} // namespace quill::loop
