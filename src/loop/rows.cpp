#include "loop/rows.hpp"

#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "quill/judge/model_readability.hpp"

namespace quill::loop {

namespace {

std::string place(const store::CandidateRow& row) {
  return fmt::format("run.db: candidate {}", example_id(row.iteration, row.position));
}

Outcome::Kind kind_of(const JsonObject& verdict) {
  const std::string status = verdict.text("status");
  if (verdict.boolean_or("kept", false))
    return Outcome::Kind::kept;
  if (status == "blocked")
    return Outcome::Kind::blocked;
  if (status == "timeout")
    return Outcome::Kind::timed_out;
  if (!present(verdict, "correct"))
    return Outcome::Kind::failed;
  return verdict.boolean_or("correct", false) ? Outcome::Kind::slow : Outcome::Kind::wrong;
}

} // namespace

std::string example_id(std::int64_t iteration, std::int64_t position) {
  return fmt::format("{}-{}", iteration, position);
}

std::string candidate_text(const task::Candidate& candidate) {
  return dump_json(Json{{"after", candidate.after},
                        {"indexes", candidate.indexes},
                        {"type", candidate.type},
                        {"rule", candidate.rule},
                        {"explanation", candidate.explanation}});
}

std::string unparsable_text(const std::string& why) {
  return dump_json(Json{{"unparsable", why}});
}

std::optional<task::Candidate> candidate_of(const store::CandidateRow& row) {
  const Json value = parse_json(row.candidate, place(row));
  const JsonObject object(value, place(row));
  if (object.has("unparsable"))
    return std::nullopt;
  return task::Candidate{.after = object.text("after"),
                         .indexes = object.texts_or_empty("indexes"),
                         .type = object.text("type"),
                         .rule = object.text("rule"),
                         .explanation = object.text("explanation")};
}

Outcome outcome_of(const store::CandidateRow& row) {
  Outcome outcome;
  outcome.duplicate = row.duplicate;
  if (!row.verdict) {
    outcome.kind = candidate_of(row) ? Outcome::Kind::dropped : Outcome::Kind::unparsable;
    return outcome;
  }
  const Json value = parse_json(*row.verdict, place(row));
  const JsonObject verdict(value, place(row));
  outcome.kind = kind_of(verdict);
  outcome.reward = optional_number(verdict, "reward");
  outcome.speedup = optional_number(verdict, "speedup");
  outcome.type = optional_text(verdict, "type");
  outcome.judge_usage = {.prompt_tokens = optional_integer(verdict, "judge_prompt_tokens"),
                         .completion_tokens = optional_integer(verdict, "judge_completion_tokens"),
                         .cached_tokens = {}};
  if (optional_text(verdict, "readability_by") == "llm")
    outcome.judges_agree = judge::same_opinion(optional_number(verdict, "readability").value_or(0),
                                               verdict.number_or("readability_offline", 0));
  return outcome;
}

Example make_example(const store::CandidateRow& row, const task::Problem& problem,
                     const ExampleOrigin& origin) {
  const auto candidate = candidate_of(row);
  QUILL_CHECK(candidate && row.verdict, "an example has a candidate and a verdict");
  const Json value = parse_json(*row.verdict, place(row));
  const JsonObject verdict(value, place(row));
  Example example;
  example.id = example_id(row.iteration, row.position);
  example.database = problem.database;
  example.schema = problem.schema;
  example.before = problem.before;
  example.after = candidate->after;
  example.indexes = candidate->indexes;
  example.needs = problem.needs;
  example.type = optional_text(verdict, "type");
  if (example.type.empty())
    example.type = candidate->type;
  example.rule = candidate->rule;
  example.explanation = candidate->explanation;
  example.speedup = optional_number(verdict, "speedup");
  example.reward = optional_number(verdict, "reward");
  example.readability = optional_number(verdict, "readability");
  example.provider = origin.provider;
  example.model = origin.model;
  example.iteration = row.iteration;
  example.measure = origin.measure;
  example.engine = origin.engine;
  example.prompt_sha256 = origin.prompt_sha256;
  example.fingerprint = row.fingerprint;
  return example;
}

} // namespace quill::loop
