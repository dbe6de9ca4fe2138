#include "quill/optimize/step.hpp"

#include <algorithm>

namespace quill::optimize {

namespace {

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json proof_json(const judge::Verdict& verdict) {
  return verdict.proof ? to_json(*verdict.proof) : Json(nullptr);
}

} // namespace

std::string_view to_string(Status status) {
  switch (status) {
  case Status::win:
    return "WIN";
  case Status::improved:
    return "IMPROVED";
  case Status::neutral:
    return "NEUTRAL";
  case Status::regression:
    return "REGRESSION";
  case Status::error:
    break;
  }
  return "ERROR";
}

std::string_view to_string(Role role) {
  switch (role) {
  case Role::rules:
    return "rules";
  case Role::worker:
    return "worker";
  case Role::analyst:
    return "analyst";
  case Role::sniper:
    break;
  }
  return "sniper";
}

Status status_of(double speedup, bool significant) {
  if (!significant)
    return Status::neutral;
  if (speedup >= 1.10)
    return Status::win;
  if (speedup >= 1.05)
    return Status::improved;
  return speedup >= 0.95 ? Status::neutral : Status::regression;
}

Status status_of(const judge::Verdict& verdict) {
  const bool stopped = verdict.status == judge::PairStatus::timeout && !verdict.correct &&
                       verdict.reason.starts_with("after");
  if (stopped)
    return Status::regression;
  if (!verdict.correct.value_or(false) || !verdict.speedup)
    return Status::error;
  return status_of(*verdict.speedup, verdict.significant);
}

std::optional<double> Judged::speedup() const {
  if (bare)
    return bare->speedup;
  return verdict.indexes.empty() ? verdict.speedup : std::optional(1.0);
}

std::optional<double> Judged::speedup_with_indexes() const {
  return verdict.indexes.empty() ? std::nullopt : verdict.speedup;
}

double Judged::best() const {
  return proven() ? std::max(speedup().value_or(0), speedup_with_indexes().value_or(0)) : 0;
}

Json to_json(const Step& step) {
  Json out{{"worker", step.ask.name},
           {"role", to_string(step.ask.role)},
           {"iteration", step.ask.iteration},
           {"strategy", step.ask.strategy.empty() ? Json(nullptr) : Json(step.ask.strategy)},
           {"status", to_string(step.judged ? step.judged->status : Status::error)}};
  if (!step.failure.empty())
    out["failure"] = step.failure;
  if (step.candidate) {
    out["after"] = step.candidate->after;
    out["indexes"] = step.candidate->indexes;
    out["rule"] = step.candidate->rule;
    out["type"] = step.candidate->type;
    out["explanation"] = step.candidate->explanation;
  }
  if (step.judged) {
    const judge::Verdict& verdict = step.judged->verdict;
    out["verdict"] = verdict.verdict;
    out["reason"] = verdict.reason;
    out["speedup"] = number(step.judged->speedup());
    out["speedup_with_indexes"] = number(step.judged->speedup_with_indexes());
    out["before_ms"] = number(verdict.before_ms);
    out["after_ms"] = number(verdict.after_ms);
    out["significant"] = verdict.significant;
    out["noise"] = number(verdict.noise);
    out["proof"] = proof_json(verdict);
  }
  return out;
}

const Step* best_of(const std::vector<Step>& steps) {
  const Step* best = nullptr;
  for (const Step& step : steps) {
    if (!step.judged ||
        (step.judged->status != Status::win && step.judged->status != Status::improved))
      continue;
    if (best == nullptr || step.judged->best() > best->judged->best())
      best = &step;
  }
  return best;
}

} // namespace quill::optimize
