#include "quill/judge/evaluate.hpp"

namespace quill::judge {

namespace {

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json integer(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json scaled_json(const std::optional<ScaledDown>& scaled) {
  if (!scaled)
    return nullptr;
  return {{"rows", scaled->rows},
          {"answer_rows", scaled->answer_rows},
          {"of_share", number(scaled->of_share)}};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

} // namespace

std::string_view to_string(PairStatus status) {
  switch (status) {
  case PairStatus::ok:
    return "ok";
  case PairStatus::before_failed:
    return "before_failed";
  case PairStatus::after_failed:
    return "after_failed";
  case PairStatus::timeout:
    return "timeout";
  case PairStatus::blocked:
    return "blocked";
  }
  return "";
}

Json to_json(const Verdict& v) {
  const bool timed = v.measure == "time";
  const auto ms = [&](double value) { return timed ? Json(value) : Json(nullptr); };
  Json out;
  out["format_version"] = kFormatVersion;
  out["id"] = v.id;
  out["correct"] = v.correct ? Json(*v.correct) : Json(nullptr);
  out["verdict"] = v.verdict;
  out["speedup"] = number(v.speedup);
  out["before_ms"] = number(v.before_ms);
  out["after_ms"] = number(v.after_ms);
  out["before_steps"] = number(v.before_steps);
  out["after_steps"] = number(v.after_steps);
  out["noise"] = number(v.noise);
  out["significant"] = v.significant;
  out["kept"] = v.kept;
  out["reward"] = number(v.reward);
  out["readability"] = number(v.readability);
  out["readability_by"] = text_or_null(v.readability_by);
  out["readability_offline"] = number(v.readability_offline);
  out["judge_prompt_tokens"] = integer(v.judge_usage.prompt_tokens);
  out["judge_completion_tokens"] = integer(v.judge_usage.completion_tokens);
  out["type"] = v.type;
  out["status"] = to_string(v.status);
  out["reason"] = v.reason;
  out["indexes"] = v.indexes;
  out["index_build_ms"] = ms(v.index_build_ms); // what depends on the clock is unknown under steps
  out["copy_ms"] = ms(v.copy_ms);
  out["engine_ms"] = ms(v.engine_ms);
  out["rows"] = v.rows;
  out["engine"] = v.engine;
  out["measure"] = v.measure;
  out["timing"] = text_or_null(v.timing);
  out["clock"] = text_or_null(v.clock);
  out["blocks"] = v.blocks;
  out["before_reads"] = v.before_reads;
  out["after_reads"] = v.after_reads;
  out["trust"] = v.trust;
  out["proof"] = v.proof ? to_json(*v.proof) : Json(nullptr);
  out["scaled_down"] = scaled_json(v.scaled_down);
  return out;
}

} // namespace quill::judge
