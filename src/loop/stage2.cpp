// Stage 2 of the loop: each iteration has a slow query of its own.
#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "loop/loop.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/log.hpp"

namespace quill::loop {

namespace {

/// An author who finds nothing new so often is given another turn.
constexpr std::int64_t kAttemptsMax = 5;
/// One slow query in so many may be of the rationed kind: a product of two tables.
constexpr std::int64_t kPathologicalEvery = 10;

std::string problem_id(std::int64_t iteration) {
  return fmt::format("q{}", iteration);
}

} // namespace

std::string problem_text(const task::Problem& problem) {
  Json value{{"before", problem.before}, {"needs", sql::to_json(problem.needs)}};
  if (!problem.database.empty())
    value["database"] = problem.database;
  return dump_json(value);
}

/// Every database once in each round, in an order of its own.
const Site& Loop::site_at(std::int64_t iteration) const {
  const auto turn = static_cast<std::size_t>(iteration - 1);
  std::vector<const Site*> order;
  for (const Site& site : setup_.sites)
    order.push_back(&site);
  Rng rng = Rng(setup_.seed).child("databases", turn / order.size());
  rng.shuffle(order);
  return *order[turn % order.size()];
}

/// Of the data set.
Counts Loop::bands() const {
  Counts counts = empty_bands();
  for (const Example& example : history_.data_set())
    if (example.speedup)
      count_band(counts, *example.speedup);
  return counts;
}

/// Asks until a query comes that was not written before; its turn has no problem when none does.
std::optional<Loop::Turn> Loop::write_problem(std::int64_t iteration, IterationMetrics& metrics) {
  const Site& site = site_at(iteration);
  Turn turn{.problem = nullptr, .known = {}, .wish = &next_band(bands()), .rows = {}};
  for (std::int64_t attempt = 0; attempt < kAttemptsMax && turn.problem == nullptr; ++attempt) {
    const auto written =
        ask_author({.iteration = iteration,
                    .attempt = attempt,
                    .database = site.name,
                    .schema = site.schema,
                    .wish = *turn.wish,
                    .pathological = iteration % kPathologicalEvery == 0,
                    .pool = history_.pool(setup_.frozen_pool),
                    .rng = Rng(setup_.seed)
                               .child("write", static_cast<std::uint64_t>(iteration))
                               .child("attempt", static_cast<std::uint64_t>(attempt))},
                   metrics);
    if (!written)
      return std::nullopt;
    if (*written && novelty_.is_new(site.name, written->value().before))
      begin_problem(turn, iteration, site, written->value());
    else
      log_debug(fmt::format("iteration {}: {}", iteration,
                            *written ? "the slow query is not new" : written->failure().what));
  }
  if (turn.problem != nullptr) {
    plan(iteration, *turn.problem, turn.known);
    asking_.send();
  }
  return turn;
}

/// nullopt when a stop was asked meanwhile.
std::optional<Result<Written>> Loop::ask_author(const WriteAsk& ask, IterationMetrics& metrics) {
  const Question question = author_->question(ask);
  const auto response =
      asking_.ask(question, ask.iteration, [&] { return author_->answer(question, ask); });
  if (!response)
    return std::nullopt;
  const Author::Price price = author_->price(*response);
  add_price(metrics, price.usage, price.cost_usd);
  return author_->read(*response, ask);
}

void Loop::begin_problem(Turn& turn, std::int64_t iteration, const Site& site,
                         const Written& written) {
  turn.known = written.known;
  turn.problem = &take_problem({.id = problem_id(iteration),
                                .schema = site.schema,
                                .before = written.before,
                                .needs = written.needs,
                                .database = site.name});
  novelty_.add(site.name, written.before);
  run_.put_problems({{turn.problem->id, problem_text(*turn.problem)}});
}

/// One example a slow query, so that all of them stay different.
Loop::Taken Loop::taken_of_turn(const Turn& turn) const {
  std::vector<const store::CandidateRow*> kept;
  std::vector<double> speedups, rewards;
  for (const store::CandidateRow& row : turn.rows) {
    const Outcome outcome = outcome_of(row);
    if (outcome.kind != Outcome::Kind::kept)
      continue;
    kept.push_back(&row);
    speedups.push_back(outcome.speedup.value_or(0));
    rewards.push_back(outcome.reward.value_or(0));
  }
  if (kept.empty())
    return {};
  const store::CandidateRow& row = *kept[choose_example(speedups, rewards, *turn.wish)];
  return {example_of(row, *turn.problem), row.position};
}

/// Written problems of finished iterations; the one that was cut off is written again, word for
/// word, from its answer on record.
void Loop::take_up_problems(const store::RunRecord& record) {
  for (const auto& [id, text] : record.problems) {
    const Json value = parse_json(text, "run.db: problem");
    const JsonObject object(value, "run.db: problem " + id);
    if (problems_.contains(id) || setup_.stage != 2 || id == problem_id(next_iteration()))
      continue;
    task::Problem problem{.id = id,
                          .schema = {},
                          .before = object.text("before"),
                          .needs = sql::needs_from_json(object.at("needs"), object.where()),
                          .database = optional_text(object, "database")};
    for (const Site& site : setup_.sites)
      if (site.name == problem.database)
        problem.schema = site.schema;
    novelty_.add(problem.database, problem.before);
    take_problem(std::move(problem));
  }
}

} // namespace quill::loop
