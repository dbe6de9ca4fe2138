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

/// By iteration and position.
std::map<std::pair<std::int64_t, std::int64_t>, Example>
examples_of(const store::RunRecord& record) {
  std::map<std::pair<std::int64_t, std::int64_t>, Example> examples;
  for (const store::ExampleRow& row : record.examples)
    examples.emplace(
        std::pair(row.iteration, row.position),
        example_from_json(parse_json(row.example, "run.db: example"), "run.db: example"));
  return examples;
}

} // namespace

std::vector<task::Problem> problems_of(const std::vector<Example>& seeds, const Site& site) {
  std::vector<task::Problem> problems;
  for (const Example& seed : seeds)
    problems.push_back({.id = seed.id,
                        .schema = site.schema,
                        .before = seed.before,
                        .needs = seed.needs,
                        .database = site.name});
  return problems;
}

Loop::Loop(LoopSetup setup, store::Run& run, Proposer& proposer, JudgeFunction judge,
           const Cancel& cancel, Clock& clock, Author* author)
    : setup_(std::move(setup)), run_(run), proposer_(proposer), judge_(std::move(judge), cancel),
      cancel_(cancel), clock_(clock), author_(author),
      asking_(run, proposer, cancel, clock, setup_.concurrency) {
  for (task::Problem& problem : problems_of(setup_.seeds, setup_.sites.front()))
    take_problem(std::move(problem));
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

const task::Problem& Loop::take_problem(task::Problem problem) {
  const std::string id = problem.id;
  return problems_.insert_or_assign(id, std::move(problem)).first->second;
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
  for (const Example& seed : setup_.seeds)
    if (!broken_.contains(seed.id))
      asked_.push_back(&problems_.at(seed.id));
  if (asked_.empty() && setup_.stage == 1)
    throw Error{Exit::usage,
                {.what = fmt::format("none of the {} seed queries runs on this database",
                                     setup_.seeds.size()),
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
    Turn turn{.problem = &problems_.at(seed.id), .known = {}, .rows = {}};
    const auto outcome = settle(0, static_cast<std::int64_t>(k), turn, candidate);
    if (!outcome)
      return false;
    outcomes.push_back(*outcome);
  }
  finish(std::move(metrics), outcomes, started);
  return true;
}

/// Once an iteration is finished, the one whose prompts show what is known now is laid ready. In
/// stage 2 its slow query is not written yet.
void Loop::plan_after(std::int64_t iteration) {
  if (iteration == 0)
    choose_problems();
  if (setup_.stage == 2)
    return;
  if (iteration == 0) {
    for (std::int64_t first = 1; first <= setup_.ahead; ++first)
      plan(first);
  }
  plan(iteration + 1 + setup_.ahead);
}

void Loop::plan(std::int64_t iteration) {
  if (iteration < next_iteration() || iteration > setup_.iterations)
    return;
  plan(iteration, problem_at(iteration), {});
}

void Loop::plan(std::int64_t iteration, const task::Problem& problem,
                const std::optional<task::Candidate>& known) {
  asking_.plan({.iteration = iteration,
                .problem = problem,
                .count = setup_.candidates,
                .pool = history_.pool(setup_.frozen_pool),
                .tried = history_.tried(setup_.frozen_pool),
                .problems = problems_,
                .rng = Rng(setup_.seed).child("ask", static_cast<std::uint64_t>(iteration)),
                .known = known});
}

bool Loop::iterate(std::int64_t iteration) {
  if (cancel_.requested())
    return false;
  const double started = clock_.now_ms();
  IterationMetrics metrics;
  metrics.iteration = iteration;
  auto turn = setup_.stage == 2 ? write_problem(iteration, metrics) : Turn{};
  if (!turn)
    return false;
  std::vector<Outcome> outcomes;
  if (setup_.stage == 1 || turn->problem != nullptr) {
    const auto answers = asking_.take();
    if (!answers)
      return false;
    QUILL_CHECK(answers->ask.iteration == iteration, "iterations are asked in order");
    turn->problem = &answers->ask.problem;
    metrics.problem = turn->problem->id;
    metrics.asked = setup_.candidates;
    if (!settle_all(*turn, *answers, metrics, outcomes))
      return false;
  }
  finish(std::move(metrics), outcomes, started);
  return true;
}

/// False when a stop was asked meanwhile.
bool Loop::settle_all(Turn& turn, const Asking::Answers& answers, IterationMetrics& metrics,
                      std::vector<Outcome>& outcomes) {
  std::vector<const Result<task::Candidate>*> offered;
  for (const Offers& offers : answers.offers) {
    add_price(metrics, offers.usage, offers.cost_usd);
    for (const auto& offer : offers.candidates)
      offered.push_back(&offer);
  }
  const auto wanted = static_cast<std::size_t>(setup_.candidates);
  offered.resize(std::min(offered.size(), wanted)); // more than asked for: not judged
  for (std::size_t k = 0; k < offered.size(); ++k) {
    const auto outcome = settle(metrics.iteration, static_cast<std::int64_t>(k), turn, *offered[k],
                                k + 1 == offered.size());
    if (!outcome)
      return false;
    outcomes.push_back(*outcome);
  }
  return true;
}

std::optional<Outcome> Loop::settle(std::int64_t iteration, std::int64_t position, Turn& turn,
                                    const Result<task::Candidate>& offer, bool last) {
  const auto judged_before = cut_off_.find({iteration, position});
  const bool on_record = judged_before != cut_off_.end();
  const auto row = on_record ? std::optional(judged_before->second)
                             : settled_row(iteration, position, *turn.problem, offer);
  if (!row)
    return std::nullopt;
  const bool judged = offer && !history_.verdict(turn.problem->id, row->fingerprint);
  turn.rows.push_back(*row);
  Taken taken;
  if (turn.wish == nullptr)
    taken = {example_of(*row, *turn.problem), row->position};
  else if (last)
    taken = taken_of_turn(turn);
  return on_record ? remember(*row, taken.example) : commit(*row, taken, judged);
}

/// nullopt when a stop was asked meanwhile.
std::optional<store::CandidateRow> Loop::settled_row(std::int64_t iteration, std::int64_t position,
                                                     const task::Problem& problem,
                                                     const Result<task::Candidate>& offer) {
  store::CandidateRow row;
  row.iteration = iteration;
  row.position = position;
  row.problem = problem.id;
  if (offer)
    return judged_row(std::move(row), problem, offer.value());
  row.candidate = unparsable_text(offer.failure().what);
  return row;
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
                                         candidate.type, problem.database);
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
  if (seed && setup_.stage == 2) // they are shown; the data set is of written queries
    return std::nullopt;
  Example example = make_example(row, problem,
                                 {.engine = setup_.sites.front().engine,
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
Outcome Loop::commit(const store::CandidateRow& row, const Taken& taken, bool judged) {
  std::optional<store::ExampleRow> example_row;
  if (taken.example)
    example_row = {.iteration = row.iteration,
                   .position = taken.position,
                   .fingerprint = taken.example->fingerprint,
                   .example = dump_json(to_json(*taken.example))};
  uncommitted_.push_back({row, example_row});
  if (judged)
    run_.put_candidates(std::exchange(uncommitted_, {}), std::nullopt);
  return remember(row, taken.example);
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
  take_up_problems(record);
  const auto examples = examples_of(record);
  auto row = record.candidates.begin();
  for (const IterationMetrics& finished : iterations_) {
    for (; row != record.candidates.end() && row->iteration <= finished.iteration; ++row) {
      const auto example = examples.find({row->iteration, row->position});
      take_up(*row, example == examples.end() ? std::nullopt : std::optional(example->second));
    }
    plan_after(finished.iteration);
  }
  for (; row != record.candidates.end(); ++row)
    cut_off_.emplace(std::pair(row->iteration, row->position), *row);
}

void Loop::take_up(const store::CandidateRow& row, const std::optional<Example>& example) {
  const bool no_such_seed =
      row.iteration == 0 &&
      (row.position < 0 || row.position >= static_cast<std::int64_t>(setup_.seeds.size()));
  if (!problems_.contains(row.problem) || no_such_seed)
    refuse_row(row);
  remember(row, example);
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
