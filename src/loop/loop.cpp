#include "loop/loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "loop/json_values.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/log.hpp"
#include "quill/sql/pair.hpp"

namespace quill::loop {

namespace {

/// Only a file that somebody changed holds such a row.
[[noreturn]] void refuse_row(const store::CandidateRow& row) {
  throw Error{Exit::usage,
              {.what = fmt::format("candidate {} belongs to no seed example: problem \"{}\"",
                                   example_id(row.iteration, row.position), row.problem),
               .where = "run.db",
               .fix = "restore run.db from a copy, or start a new run with another --out"}};
}

} // namespace

std::vector<task::Problem> problems_of(const std::vector<Example>& seeds,
                                       const std::string& schema) {
  std::vector<task::Problem> problems;
  for (const Example& seed : seeds)
    problems.push_back(
        {.id = seed.id, .schema = schema, .before = seed.before, .needs = seed.needs});
  return problems;
}

Loop::Loop(LoopSetup setup, store::Run& run, Proposer& proposer, JudgeFunction judge,
           const Cancel& cancel, Clock& clock)
    : setup_(std::move(setup)), run_(run), proposer_(proposer), judge_(std::move(judge), cancel),
      cancel_(cancel), clock_(clock), problems_(problems_of(setup_.seeds, setup_.schema)),
      asking_(run, proposer, cancel, clock, setup_.concurrency) {
  take_up(run_.record());
}

Totals Loop::totals() const {
  return loop::totals(iterations_, history_.data_set(), history_.diversity());
}

bool Loop::run(const IterationObserver& observe) {
  observe_ = observe;
  if (!std::filesystem::exists(run_.folder() / "training_data.json") ||
      !std::filesystem::exists(run_.folder() / "metrics.json"))
    write_exports(done(), next_iteration()); // what a kill or a hand took away is made again
  try {
    return go_on();
  } catch (const Error& error) {
    if (error.exit() != Exit::storage)
      write_exports(false, next_iteration());
    throw;
  }
}

bool Loop::go_on() {
  if (iterations_.empty() && !judge_seeds())
    return false;
  while (!done()) {
    const std::int64_t iteration = next_iteration();
    asking_.send();
    if (!iterate(iteration)) {
      write_exports(false, iteration);
      return false;
    }
    if (iteration % setup_.checkpoint_every == 0)
      write_exports(done(), iteration);
  }
  write_exports(true, next_iteration() - 1);
  return true;
}

bool Loop::done() const {
  if (iterations_.empty())
    return false;
  const auto distinct = std::count_if(history_.data_set().begin(), history_.data_set().end(),
                                      [](const Example& example) { return !example.seed(); });
  const bool on_target = setup_.target_examples > 0 && distinct >= setup_.target_examples;
  return on_target || next_iteration() > setup_.iterations;
}

std::int64_t Loop::next_iteration() const {
  return iterations_.empty() ? 0 : iterations_.back().iteration + 1;
}

/// Every problem once in each round, in an order of its own.
const task::Problem& Loop::problem_at(std::int64_t iteration) const {
  const auto turn = static_cast<std::size_t>(iteration - 1);
  std::vector<const task::Problem*> order = asked_;
  Rng rng = Rng(setup_.seed).child("problems", turn / order.size());
  rng.shuffle(order);
  return *order[turn % order.size()];
}

void Loop::choose_problems() {
  for (const task::Problem& problem : problems_)
    if (!broken_.contains(problem.id))
      asked_.push_back(&problem);
  if (asked_.empty())
    throw Error{
        Exit::usage,
        {.what = fmt::format("none of the {} seed queries runs on this database", problems_.size()),
         .where = "--examples",
         .fix = "give examples whose \"before\" runs on this database; "
                "`quill evaluate --pairs FILE` shows what is wrong"}};
  for (const std::string& id : broken_)
    log_warn(fmt::format("the seed query \"{}\" does not run on this database: left out", id));
}

bool Loop::judge_seeds() {
  const double started = clock_.now_ms();
  IterationMetrics metrics;
  metrics.asked = static_cast<std::int64_t>(setup_.seeds.size());
  metrics.prompt_tokens = metrics.completion_tokens = 0;
  metrics.cost_usd = 0;
  std::vector<Outcome> outcomes;
  for (std::size_t k = 0; k < setup_.seeds.size(); ++k) {
    const Example& seed = setup_.seeds[k];
    const task::Candidate candidate{.after = seed.after,
                                    .indexes = seed.indexes,
                                    .type = seed.type,
                                    .rule = seed.rule,
                                    .explanation = seed.explanation};
    const auto outcome = settle(0, static_cast<std::int64_t>(k), problems_[k], candidate);
    if (!outcome)
      return false;
    outcomes.push_back(*outcome);
  }
  finish(std::move(metrics), outcomes, started);
  return true;
}

/// Once an iteration is finished, the one whose prompts show what is known now is laid ready.
void Loop::plan_after(std::int64_t iteration) {
  if (iteration == 0) {
    choose_problems();
    for (std::int64_t first = 1; first <= setup_.ahead; ++first)
      plan(first);
  }
  plan(iteration + 1 + setup_.ahead);
}

void Loop::plan(std::int64_t iteration) {
  if (iteration < next_iteration() || iteration > setup_.iterations)
    return;
  asking_.plan({.iteration = iteration,
                .problem = problem_at(iteration),
                .count = setup_.candidates,
                .pool = history_.pool(setup_.frozen_pool),
                .tried = history_.tried(setup_.frozen_pool),
                .rng = Rng(setup_.seed).child("ask", static_cast<std::uint64_t>(iteration))});
}

bool Loop::iterate(std::int64_t iteration) {
  if (cancel_.requested())
    return false;
  const double started = clock_.now_ms();
  const auto answers = asking_.take();
  if (!answers)
    return false;
  QUILL_CHECK(answers->ask.iteration == iteration, "iterations are asked in order");
  IterationMetrics metrics;
  metrics.iteration = iteration;
  metrics.problem = answers->ask.problem.id;
  metrics.asked = setup_.candidates;
  std::vector<Outcome> outcomes;
  if (!settle_all(*answers, metrics, outcomes))
    return false;
  finish(std::move(metrics), outcomes, started);
  return true;
}

/// False when a stop was asked meanwhile.
bool Loop::settle_all(const Asking::Answers& answers, IterationMetrics& metrics,
                      std::vector<Outcome>& outcomes) {
  for (const Offers& offers : answers.offers) {
    add_known(metrics.prompt_tokens, offers.usage.prompt_tokens);
    add_known(metrics.completion_tokens, offers.usage.completion_tokens);
    add_known(metrics.cost_usd, offers.cost_usd);
    for (const auto& offer : offers.candidates) {
      const auto position = static_cast<std::int64_t>(outcomes.size());
      if (position == setup_.candidates) // more than asked for: not judged
        break;
      const auto outcome = settle(metrics.iteration, position, answers.ask.problem, offer);
      if (!outcome)
        return false;
      outcomes.push_back(*outcome);
    }
  }
  return true;
}

std::optional<Outcome> Loop::settle(std::int64_t iteration, std::int64_t position,
                                    const task::Problem& problem,
                                    const Result<task::Candidate>& offer) {
  const auto judged_before = cut_off_.find({iteration, position});
  if (judged_before != cut_off_.end())
    return remember(judged_before->second, example_of(judged_before->second, problem));
  store::CandidateRow row;
  row.iteration = iteration;
  row.position = position;
  row.problem = problem.id;
  if (!offer) {
    row.candidate = unparsable_text(offer.failure().what);
    return commit(row, problem, false);
  }
  const auto settled = judged_row(std::move(row), problem, offer.value());
  if (!settled)
    return std::nullopt;
  const bool judged = !history_.verdict(problem.id, settled->fingerprint);
  return commit(*settled, problem, judged);
}

std::optional<store::CandidateRow>
Loop::judged_row(store::CandidateRow row, const task::Problem& problem, task::Candidate candidate) {
  if (candidate.after.empty()) // indexes only: the statement stays
    candidate.after = problem.before;
  row.candidate = candidate_text(candidate);
  row.fingerprint = sql::pair_fingerprint(problem.before, candidate.after, candidate.indexes);
  row.duplicate = history_.offered(row.fingerprint);
  row.verdict = history_.verdict(problem.id, row.fingerprint);
  if (!row.verdict) {
    if (cancel_.requested())
      return std::nullopt;
    store::crash_point("judge.started");
    const auto verdict = judge_.evaluate({.id = example_id(row.iteration, row.position),
                                          .before = problem.before,
                                          .after = candidate.after,
                                          .indexes = candidate.indexes,
                                          .needs = problem.needs},
                                         candidate.type);
    store::crash_point("judge.ended");
    if (cancel_.requested()) // it may have been cut short: judged again at the next start
      return std::nullopt;
    if (verdict)
      row.verdict = dump_json(judge::to_json(*verdict));
  }
  row.kept = outcome_of(row).kind == Outcome::Kind::kept;
  return row;
}

std::optional<Example> Loop::example_of(const store::CandidateRow& row,
                                        const task::Problem& problem) const {
  if (!row.kept || !row.verdict || history_.in_data_set(row.fingerprint))
    return std::nullopt;
  const bool seed = row.iteration == 0;
  Example example = make_example(row, problem,
                                 {.schema = setup_.schema,
                                  .engine = setup_.engine,
                                  .measure = setup_.measure,
                                  .provider = seed ? "seed" : proposer_.provider(),
                                  .model = seed ? "" : proposer_.model(),
                                  .prompt_sha256 = seed ? "" : proposer_.prompt_sha256()});
  if (seed)
    example.id = problem.id;
  return example;
}

/// Verdict and pool change in one transaction. What cost no judging waits for the next one: a sync
/// of the disk takes longer than to find it again.
Outcome Loop::commit(const store::CandidateRow& row, const task::Problem& problem, bool judged) {
  const auto example = example_of(row, problem);
  std::optional<store::ExampleRow> example_row;
  if (example)
    example_row = {.iteration = row.iteration,
                   .position = row.position,
                   .fingerprint = example->fingerprint,
                   .example = dump_json(to_json(*example))};
  uncommitted_.push_back({row, example_row});
  if (judged)
    run_.put_candidates(std::exchange(uncommitted_, {}), std::nullopt);
  return remember(row, example);
}

Outcome Loop::remember(const store::CandidateRow& row, const std::optional<Example>& example) {
  const Outcome outcome = history_.remember(row, example);
  if (row.iteration != 0)
    return outcome;
  const Example& seed = setup_.seeds[static_cast<std::size_t>(row.position)];
  using Kind = Outcome::Kind;
  if (example)
    history_.show_seed(*example);
  else if (outcome.kind == Kind::slow || outcome.kind == Kind::kept)
    history_.show_seed(seed);
  else
    log_warn(fmt::format("the seed example \"{}\" was not proven right here: not shown", seed.id));
  if (row.verdict && parse_json(*row.verdict, "verdict").value("status", "") == "before_failed")
    broken_.insert(seed.id);
  return outcome;
}

void Loop::finish(IterationMetrics metrics, const std::vector<Outcome>& outcomes,
                  double started_ms) {
  tally(metrics, outcomes);
  add_judging(metrics, outcomes);
  metrics.examples = history_.diversity().examples();
  metrics.before_diversity = history_.diversity().get().before;
  metrics.after_diversity = history_.diversity().get().after;
  const double elapsed_ms = clock_.now_ms() - started_ms;
  run_.put_candidates(std::exchange(uncommitted_, {}),
                      store::IterationRow{.iteration = metrics.iteration,
                                          .metrics = dump_json(to_json(metrics)),
                                          .elapsed_ms = elapsed_ms});
  if (setup_.measure != "steps")
    metrics.elapsed_ms = elapsed_ms;
  iterations_.push_back(std::move(metrics));
  if (observe_)
    observe_(iterations_.back(), totals());
  plan_after(iterations_.back().iteration);
}

/// What the judge's model took; the offline judge takes nothing.
void Loop::add_judging(IterationMetrics& metrics, const std::vector<Outcome>& outcomes) const {
  for (const Outcome& outcome : outcomes) {
    if (outcome.duplicate || !outcome.judge_usage.prompt_tokens)
      continue;
    add_known(metrics.prompt_tokens, outcome.judge_usage.prompt_tokens);
    add_known(metrics.completion_tokens, outcome.judge_usage.completion_tokens);
    if (setup_.judge_cost)
      add_known(metrics.cost_usd, setup_.judge_cost(outcome.judge_usage));
  }
}

/// Finished iterations are remembered as they were, and what was asked ahead is laid ready as it
/// was; rows of the one that was cut off wait for it.
void Loop::take_up(const store::RunRecord& record) {
  for (const store::IterationRow& row : record.iterations) {
    iterations_.push_back(
        iteration_from_json(parse_json(row.metrics, "run.db: iteration"), "run.db: iteration"));
    if (setup_.measure != "steps")
      iterations_.back().elapsed_ms = row.elapsed_ms;
  }
  auto row = record.candidates.begin();
  for (const IterationMetrics& finished : iterations_) {
    for (; row != record.candidates.end() && row->iteration <= finished.iteration; ++row)
      take_up(*row);
    plan_after(finished.iteration);
  }
  for (; row != record.candidates.end(); ++row)
    cut_off_.emplace(std::pair(row->iteration, row->position), *row);
}

void Loop::take_up(const store::CandidateRow& row) {
  const auto problem = std::find_if(problems_.begin(), problems_.end(),
                                    [&](const auto& one) { return one.id == row.problem; });
  const bool no_such_seed =
      row.iteration == 0 &&
      (row.position < 0 || row.position >= static_cast<std::int64_t>(setup_.seeds.size()));
  if (problem == problems_.end() || no_such_seed)
    refuse_row(row);
  remember(row, example_of(row, *problem));
}

RunState Loop::state(bool finished) const {
  return {.settings = setup_.settings,
          .iterations = iterations_,
          .examples = history_.data_set(),
          .diversity = history_.diversity(),
          .iterations_wanted = setup_.iterations,
          .finished = finished};
}

void Loop::write_exports(bool finished, std::int64_t checkpoints_from) {
  if (iterations_.empty())
    return;
  const RunState now = state(finished);
  for (const std::int64_t iteration : checkpoints_due(now, setup_.checkpoint_every))
    if (iteration >= checkpoints_from ||
        !std::filesystem::exists(run_.folder() / checkpoint_name(iteration)))
      run_.write_export(checkpoint_name(iteration), checkpoint_bytes(now, iteration));
  run_.write_export("training_data.json", training_data_bytes(history_.data_set()));
  run_.write_export("metrics.json", metrics_bytes(now));
}

} // namespace quill::loop
