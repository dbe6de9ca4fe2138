#include "optimize/step_record.hpp"

#include <fmt/format.h>

#include "optimize/known_json.hpp"
#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

constexpr std::uint64_t kStepsBytesMax = 256U << 20U;

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// ---- the verdict ----

Json record_of(const judge::Proof& proof) {
  Json out = to_json(proof);
  out["does_not_run"] = proof.does_not_run;
  return out;
}

Json record_of(const judge::Verdict& verdict) {
  return {{"status", judge::to_string(verdict.status)},
          {"correct", verdict.correct ? Json(*verdict.correct) : Json(nullptr)},
          {"verdict", verdict.verdict},
          {"reason", verdict.reason},
          {"speedup", number(verdict.speedup)},
          {"before_ms", number(verdict.before_ms)},
          {"after_ms", number(verdict.after_ms)},
          {"before_steps", number(verdict.before_steps)},
          {"after_steps", number(verdict.after_steps)},
          {"noise", number(verdict.noise)},
          {"significant", verdict.significant},
          {"type", verdict.type},
          {"indexes", verdict.indexes},
          {"index_build_ms", verdict.index_build_ms},
          {"rows", verdict.rows},
          {"engine", verdict.engine},
          {"measure", verdict.measure},
          {"timing", verdict.timing},
          {"proof", verdict.proof ? record_of(*verdict.proof) : Json(nullptr)}};
}

engine::Value cell_from(const Json& cell) {
  if (cell.is_number_integer())
    return cell.get<std::int64_t>();
  if (cell.is_number())
    return cell.get<double>();
  if (cell.is_string())
    return cell.get<std::string>();
  if (cell.is_object() && cell.contains("blob"))
    return engine::Blob{bytes_of_hex(cell["blob"].get<std::string>())};
  return std::monostate{};
}

std::vector<engine::Row> rows_from(const Json& rows) {
  std::vector<engine::Row> out;
  for (const Json& row : rows) {
    engine::Row cells;
    for (const Json& cell : row)
      cells.push_back(cell_from(cell));
    out.push_back(std::move(cells));
  }
  return out;
}

std::optional<judge::Proof> proof_from(const Json& record, const std::string& where) {
  if (record.is_null())
    return std::nullopt;
  const JsonObject object(record, where);
  judge::Proof proof{.verdict = object.text("verdict"),
                     .databases_tried = object.integer("databases_tried"),
                     .mutants_killed = object.integer("mutants_killed"),
                     .mutants = object.integer("mutants"),
                     .counterexample = {},
                     .reason = object.text("reason"),
                     .does_not_run = object.text("does_not_run")};
  if (const Json& shown = object.at("counterexample"); !shown.is_null()) {
    const JsonObject inner(shown, where + ": counterexample");
    proof.counterexample = {.database = inner.text("database"),
                            .before_rows = rows_from(inner.at("before_rows")),
                            .after_rows = rows_from(inner.at("after_rows"))};
  }
  return proof;
}

judge::PairStatus pair_status_named(std::string_view name) {
  using judge::PairStatus;
  for (const auto status : {PairStatus::ok, PairStatus::before_failed, PairStatus::after_failed,
                            PairStatus::timeout, PairStatus::blocked})
    if (judge::to_string(status) == name)
      return status;
  return PairStatus::blocked;
}

judge::Verdict verdict_from(const Json& record, const std::string& where) {
  const JsonObject object(record, where);
  judge::Verdict out;
  out.status = pair_status_named(object.text("status"));
  if (!object.at("correct").is_null())
    out.correct = object.boolean_or("correct", false);
  out.verdict = object.text("verdict");
  out.reason = object.text("reason");
  out.speedup = number_or_null(record, "speedup");
  out.before_ms = number_or_null(record, "before_ms");
  out.after_ms = number_or_null(record, "after_ms");
  out.before_steps = number_or_null(record, "before_steps");
  out.after_steps = number_or_null(record, "after_steps");
  out.noise = number_or_null(record, "noise");
  out.significant = object.boolean_or("significant", false);
  out.type = object.text("type");
  out.indexes = object.texts_or_empty("indexes");
  out.index_build_ms = object.number("index_build_ms");
  out.rows = object.integer("rows");
  out.engine = object.text("engine");
  out.measure = object.text("measure");
  out.timing = object.text("timing");
  out.proof = proof_from(object.at("proof"), where + ": proof");
  return out;
}

// ---- what was judged ----

Json record_of(const Judged& judged) {
  Json plan = Json::array();
  for (const PlanNode& node : judged.plan)
    plan.push_back(to_json(node));
  return {{"status", to_string(judged.status)},
          {"verdict", record_of(judged.verdict)},
          {"bare", judged.bare ? record_of(*judged.bare) : Json(nullptr)},
          {"plan", std::move(plan)}};
}

Judged judged_from(const Json& record, const std::string& where) {
  const JsonObject object(record, where);
  Judged out;
  out.status = status_named(object.text("status"));
  out.verdict = verdict_from(object.at("verdict"), where + ": verdict");
  if (!object.at("bare").is_null())
    out.bare = verdict_from(object.at("bare"), where + ": bare");
  out.plan = plan_from(object.at("plan"), where + ": plan");
  return out;
}

Json record_of(const task::Candidate& candidate) {
  return {{"after", candidate.after},
          {"indexes", candidate.indexes},
          {"type", candidate.type},
          {"rule", candidate.rule},
          {"explanation", candidate.explanation}};
}

task::Candidate candidate_from(const Json& record, const std::string& where) {
  const JsonObject object(record, where);
  return {.after = object.text("after"),
          .indexes = object.texts_or_empty("indexes"),
          .type = object.text("type"),
          .rule = object.text("rule"),
          .explanation = object.text("explanation")};
}

} // namespace

Json record_of(const Step& step) {
  return {{"worker", step.ask.name},
          {"role", to_string(step.ask.role)},
          {"iteration", step.ask.iteration},
          {"strategy", step.ask.strategy},
          {"answer", step.answer},
          {"failure", step.failure},
          {"candidate", step.candidate ? record_of(*step.candidate) : Json(nullptr)},
          {"judged", step.judged ? record_of(*step.judged) : Json(nullptr)}};
}

Step step_from(const Json& record, const std::string& where) {
  const JsonObject object(record, where);
  Step step;
  step.ask.name = object.text("worker");
  step.ask.role = role_named(object.text("role"));
  step.ask.iteration = static_cast<int>(object.integer("iteration"));
  step.ask.strategy = object.text("strategy");
  step.answer = object.text("answer");
  step.failure = object.text("failure");
  if (!object.at("candidate").is_null())
    step.candidate = candidate_from(object.at("candidate"), where + ": candidate");
  if (!object.at("judged").is_null())
    step.judged = judged_from(object.at("judged"), where + ": judged");
  return step;
}

std::vector<Step> read_steps(const std::filesystem::path& file) {
  std::vector<Step> out;
  if (!std::filesystem::exists(file))
    return out;
  const Json document = parse_json(read_file(file, kStepsBytesMax), file.string());
  const Json& steps = JsonObject(document, file.string()).at("steps");
  for (std::size_t i = 0; i < steps.size(); ++i)
    out.push_back(step_from(steps[i], fmt::format("{}: step {}", file.string(), i)));
  return out;
}

void write_steps(const std::filesystem::path& file, const std::vector<Step>& steps) {
  Json list = Json::array();
  for (const Step& step : steps)
    list.push_back(record_of(step));
  real_disk().write_atomic(
      file, dump_json({{"format_version", kFormatVersion}, {"steps", std::move(list)}}));
}

} // namespace quill::optimize
