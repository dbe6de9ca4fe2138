#include "quill/optimize/optimizer.hpp"

namespace quill::optimize {

namespace {

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json cost_json(const std::optional<IndexCost>& cost) {
  if (!cost)
    return nullptr;
  return {{"build_ms", cost->build_ms}, {"bytes", cost->bytes}};
}

Json advice_json(const std::optional<IndexAdvice>& advice) {
  if (!advice)
    return nullptr;
  return {{"indexes", advice->supposed.indexes},
          {"cost_before", advice->supposed.cost_before},
          {"cost_after", advice->supposed.cost_after},
          {"explanation", advice->supposed.explanation},
          {"reason", advice->reason}};
}

Json plan_json(const std::vector<PlanNode>& nodes) {
  Json out = Json::array();
  for (const PlanNode& node : nodes)
    out.push_back(to_json(node));
  return out;
}

} // namespace

Json to_json(const Answer& answer) {
  Json candidates = Json::array();
  for (const Step& step : answer.steps)
    if (step.ask.role != Role::analyst)
      candidates.push_back(to_json(step));
  return {{"format_version", kFormatVersion},
          {"name", answer.name},
          {"engine", answer.engine},
          {"status", to_string(answer.status)},
          {"before", answer.before},
          {"after", answer.after},
          {"indexes", answer.indexes},
          {"speedup", number(answer.speedup)},
          {"speedup_with_indexes", number(answer.speedup_with_indexes)},
          {"before_ms", number(answer.before_ms)},
          {"after_ms", number(answer.after_ms)},
          {"rows", answer.rows ? Json(*answer.rows) : Json(nullptr)},
          {"verdict", answer.verdict},
          {"rules", answer.rules},
          {"understanding", to_json(answer.understanding)},
          {"explanation", answer.explanation},
          {"changes", answer.changes},
          {"after_plan", plan_json(answer.after_plan)},
          {"shrank", answer.shrank.empty() ? Json(nullptr) : Json(answer.shrank)},
          {"artifacts", answer.folder.empty() ? Json(nullptr) : Json(answer.folder.string())},
          {"reason", answer.reason},
          {"index_cost", cost_json(answer.index_cost)},
          {"index_advice", advice_json(answer.index_advice)},
          {"judged", answer.judged ? to_json(*answer.judged) : Json(nullptr)},
          {"candidates", std::move(candidates)}};
}

} // namespace quill::optimize
