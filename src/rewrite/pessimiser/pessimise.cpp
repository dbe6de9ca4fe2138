#include "quill/rewrite/pessimise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "rewrite/pessimiser/shapes.hpp"

namespace quill::rewrite {

namespace {

/// Nothing slower than this is worth judging: it runs a dozen times there.
constexpr std::int64_t kBeforeMsMax = 1'000;
constexpr std::int64_t kBeforeStepsMax = 60'000'000;
constexpr double kSampleMsMin = 2; ///< short queries repeat inside a sample
constexpr double kWorthSpeedup = 1.5;
/// Aim inside the band: the judge's clock will not say exactly the same.
constexpr double kMargin = 1.12;

struct WeightedShape {
  Shape shape;
  std::array<double, 3> weight; ///< by taste: light, heavy, pathological
};
constexpr std::array kShapes{
    WeightedShape{listing, {5, 3, 3}},           WeightedShape{grouping, {4, 2, 1}},
    WeightedShape{summary, {2, 1, 0.5}},         WeightedShape{per_parent, {2, 3, 4}},
    WeightedShape{membership, {2, 3, 4}},        WeightedShape{latest, {1, 2, 3}},
    WeightedShape{above_average, {1, 2, 3}},     WeightedShape{ranking, {0.5, 1.5, 2}},
    WeightedShape{running_total, {0.5, 1.5, 2}},
};

Strength taste_for(const SlowWish& wish) {
  return wish.low >= 100  ? Strength::pathological
         : wish.low >= 10 ? Strength::heavy
                          : Strength::light;
}

Shape draw_shape(Strength taste, Rng& rng) {
  std::vector<double> weights;
  for (const WeightedShape& one : kShapes)
    weights.push_back(one.weight.at(static_cast<std::size_t>(taste)));
  return kShapes.at(rng.weighted(weights)).shape;
}

bool is_pathological(const std::vector<Habit>& habits) {
  return std::any_of(habits.begin(), habits.end(), [](Habit habit) {
    return words_of(habit).strength == Strength::pathological;
  });
}

/// What the way back is called: the heaviest habit gives its type.
void describe(SlowQuery& query, const std::vector<Habit>& habits) {
  const HabitWords* heaviest = &words_of(habits.front());
  for (const Habit habit : habits) {
    const HabitWords& words = words_of(habit);
    if (words.strength > heaviest->strength)
      heaviest = &words;
    if (query.rule.find(words.mended) == std::string::npos)
      query.rule += fmt::format("{}{}", query.rule.empty() ? "" : "+", words.mended);
    query.explanation += fmt::format("{}{}", query.explanation.empty() ? "" : " ", words.why);
  }
  query.type = heaviest->type;
  query.pathological = is_pathological(habits);
}

std::optional<std::string> pretty(const std::string& text) {
  const auto tree = sql::parse(text, sql::local_grammar());
  return tree ? std::optional(sql::print_sqlite_pretty(*tree.value())) : std::nullopt;
}

/// How far a speedup is from a band, on a log scale; 0 inside.
double distance(double speedup, const SlowWish& wish) {
  if (speedup < wish.low)
    return std::log(wish.low / speedup);
  return speedup >= wish.high ? std::log(speedup / wish.high) : 0;
}

/// A query that takes longer than the whole band above the sensible one is of no use: it is cut
/// off, which saves most of the time of a draw.
engine::Limits cut_off(engine::Limits limits, const engine::Sample& after, const SlowWish& wish) {
  constexpr double kSpare = 1.5, kMsMin = 50, kStepsMin = 10'000;
  const auto most = [&](double unit, double least, std::int64_t cap) {
    return static_cast<std::int64_t>(
        std::clamp(unit * wish.high * kSpare, least, static_cast<double>(cap)));
  };
  if (wish.steps)
    limits.steps = most(static_cast<double>(after.steps), kStepsMin, limits.steps);
  else
    limits.timeout_ms = most(after.elapsed_ms, kMsMin, limits.timeout_ms);
  return limits;
}

} // namespace

struct Pessimiser::State {
  engine::Session& session;
  Samples samples;

  std::optional<SlowQuery> draw(const SlowWish& wish, Rng rng) const;
  /// Runs both and fills in the speedup; false when they do not agree or say nothing.
  bool forecast(SlowQuery& query, const SlowWish& wish) const;
};

std::optional<SlowQuery> Pessimiser::State::draw(const SlowWish& wish, Rng rng) const {
  const Strength taste = taste_for(wish);
  Temper temper(rng.child("temper"), taste);
  const auto draft = draw_shape(taste, rng)(samples, temper);
  if (!draft || temper.used().empty() || (!wish.pathological && is_pathological(temper.used())))
    return std::nullopt;
  const auto before = pretty(draft->before);
  const auto after = pretty(draft->after);
  if (!before || !after)
    return std::nullopt;
  SlowQuery query{.before = *before,
                  .after = *after,
                  .indexes = draft->indexes,
                  .needs = draft->needs,
                  .type = {},
                  .rule = {},
                  .explanation = {}};
  describe(query, temper.used());
  return query;
}

bool Pessimiser::State::forecast(SlowQuery& query, const SlowWish& wish) const {
  const engine::Limits limits{.rows = 0,
                              .timeout_ms = wish.steps ? 60'000 : kBeforeMsMax,
                              .steps = wish.steps ? kBeforeStepsMax : 0};
  const double sample_ms_min = wish.steps ? 0 : kSampleMsMin;
  const auto side = query.indexes.empty() ? engine::Side::base : engine::Side::indexed;
  if (!query.indexes.empty() && !session.build_indexes(query.indexes, limits).ok)
    return false;
  const auto after = session.sample(query.after, limits, side, sample_ms_min);
  if (after.status != engine::Status::ok || after.row_count == 0)
    return false;
  const auto before =
      session.sample(query.before, cut_off(limits, after, wish), engine::Side::base, sample_ms_min);
  const bool same_rows = !query.needs.empty() || (before.row_count == after.row_count &&
                                                  before.digest.bag[0] == after.digest.bag[0]);
  if (before.status != engine::Status::ok || !same_rows)
    return false;
  query.speedup = wish.steps ? static_cast<double>(before.steps) / static_cast<double>(after.steps)
                             : before.elapsed_ms / after.elapsed_ms;
  return true;
}

Pessimiser::Pessimiser(engine::Session& session)
    : state_(new State{session, sample_tables(session)}) {}
Pessimiser::~Pessimiser() = default;
Pessimiser::Pessimiser(Pessimiser&&) noexcept = default;

std::optional<SlowQuery> Pessimiser::write(const SlowWish& wish, Rng rng) {
  const SlowWish aim{.low = wish.low * kMargin, .high = wish.high / kMargin};
  std::optional<SlowQuery> nearest;
  for (int k = 0; k < wish.draws; ++k) {
    auto query = state_->draw(wish, rng.child("draw", static_cast<std::uint64_t>(k)));
    if (!query || !state_->forecast(*query, wish) || query->speedup < kWorthSpeedup)
      continue;
    if (distance(query->speedup, aim) == 0)
      return query;
    if (!nearest || distance(query->speedup, aim) < distance(nearest->speedup, aim))
      nearest = std::move(query);
  }
  return nearest;
}

} // namespace quill::rewrite
