#include "judge/proof/contest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quill/core/random.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge::proof {

namespace {

using engine::Sample;
using engine::Side;
using engine::Status;
using Outcome = Round::Outcome;

/// Words of what may depend on the order in which rows are visited; bare columns of an aggregate
/// query show themselves when the visit is reversed.
bool uses_order_inside(const std::string& sql) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "group_concat", "string_agg", "json_group_array", "json_group_object", "limit",
      "over",         "group",      "first_value"};
  const auto tokens = sql::tokenize(sql);
  return !tokens || std::any_of(tokens.value().begin(), tokens.value().end(), [](const auto& t) {
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](auto word) { return same_name(t.text, word); });
  });
}

bool equal(const std::uint64_t (&a)[2], const std::uint64_t (&b)[2]) {
  return a[0] == b[0] && a[1] == b[1];
}

} // namespace

Contest::Contest(engine::Scratch& session, const Model& model, const sql::Pair& pair,
                 engine::Limits limits, std::vector<bool>& filled)
    : session_(session), model_(model), pair_(pair), limits_(limits), filled_(filled),
      outline_(judge::outline(pair.before)), order_matters_inside_(uses_order_inside(pair.before)) {
  const auto before = session_.sample(pair.before, limits_);
  const auto after = session_.sample(pair.after, limits_);
  same_width_ = before.columns.size() == after.columns.size();
}

/// Only tables that have rows or had some; what was kept is told for all.
engine::Loaded Contest::send(const Database& database) {
  std::vector<engine::TableRows> changed;
  std::vector<std::size_t> numbers;
  auto all = as_load(model_, database, filled_);
  for (std::size_t t = 0; t < all.size(); ++t)
    if (!all[t].table.empty()) {
      filled_[t] = !all[t].rows.empty();
      numbers.push_back(t);
      changed.push_back(std::move(all[t]));
    }
  auto loaded = session_.load(changed);
  std::vector<std::vector<std::uint8_t>> kept(database.rows.size());
  for (std::size_t i = 0; i < std::min(numbers.size(), loaded.kept.size()); ++i)
    kept[numbers[i]] = std::move(loaded.kept[i]);
  loaded.kept = std::move(kept);
  if (!loaded.ok)
    filled_.assign(filled_.size(), true);
  return loaded;
}

bool Contest::load(Database& database) {
  for (int again = 0; again < 4; ++again) {
    const auto loaded = send(database);
    if (!loaded.ok || loaded.kept.size() != database.rows.size())
      return false;
    bool dropped = false;
    for (std::size_t t = 0; t < database.rows.size(); ++t) {
      auto& rows = database.rows[t];
      if (loaded.kept[t].size() != rows.size())
        return false;
      std::vector<engine::Row> kept;
      for (std::size_t r = 0; r < rows.size(); ++r)
        if (loaded.kept[t][r] != 0)
          kept.push_back(std::move(rows[r]));
      dropped = dropped || kept.size() != rows.size();
      rows = std::move(kept);
    }
    const auto size = database.size();
    if (dropped)
      make_legal(model_, database);
    if (database.size() == size)
      return true; // what was refused is out, and nothing else had to go
  }
  return false;
}

bool Contest::agree(const Sample& a, const Sample& b) const {
  if (!same_width_ || a.row_count != b.row_count)
    return false;
  return outline_.ordered ? equal(a.digest.list, b.digest.list) : equal(a.digest.bag, b.digest.bag);
}

RowFinding Contest::compare(const std::string& left, Side left_side, const std::string& right,
                            Side right_side) {
  const auto before = session_.sample(left, limits_, left_side);
  const auto after = session_.sample(right, limits_, right_side);
  if (before.status != Status::ok || after.status != Status::ok)
    return {.sameness = Sameness::unknown, .reason = "one of them did not run", .engine_ms = 0};
  const RowQuestion question{.before = {left, left_side},
                             .after = {right, right_side},
                             .before_sample = before,
                             .after_sample = after,
                             .needs = pair_.needs,
                             .outline = outline_,
                             .limits = limits_};
  return compare_rows(session_, question);
}

Round Contest::round(Database& database) {
  Round round;
  if (!load(database)) {
    round.reason = "the rows could not be loaded";
    return round;
  }
  const auto samples = session_.hashes({{pair_.before, Side::base},
                                        {pair_.after, Side::base},
                                        {pair_.before, Side::reversed},
                                        {pair_.after, Side::reversed}},
                                       limits_);
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (samples[i].status != Status::ok) {
      round.reason = fmt::format("{}: {}", i % 2 == 0 ? "before" : "after", samples[i].message);
      return round;
    }
  last_before_ = samples[0];
  const bool agreed = agree(samples[0], samples[1]) && agree(samples[2], samples[3]);
  if (!agreed)
    round = look_closer(samples, database);
  else
    round.outcome = Outcome::agreed;
  round.has_rows = samples[0].row_count > 0;
  round.digest = samples[0].digest;
  return round;
}

Round Contest::look_closer(const std::vector<Sample>& samples, const Database& database) {
  Round round;
  const auto forward = agree(samples[0], samples[1])
                           ? RowFinding{.sameness = Sameness::same, .reason = "", .engine_ms = 0}
                           : compare(pair_.before, Side::base, pair_.after, Side::base);
  const auto backward = agree(samples[2], samples[3])
                            ? RowFinding{.sameness = Sameness::same, .reason = "", .engine_ms = 0}
                            : compare(pair_.before, Side::reversed, pair_.after, Side::reversed);
  const bool visible = samples[0].row_count > 0 || samples[1].row_count > 0;
  if (forward.sameness == Sameness::same && backward.sameness == Sameness::same) {
    round.outcome = Outcome::agreed;
  } else if (forward.sameness == Sameness::different && visible && is_stable(database)) {
    round.outcome = Outcome::different;
    round.reason = forward.reason;
  } else if (forward.sameness == Sameness::same && visible && is_stable(database)) {
    // Before does not care which way tables are read; after, against the same rows, does.
    const auto crossed = compare(pair_.before, Side::base, pair_.after, Side::reversed);
    round.backwards = crossed.sameness == Sameness::different;
    round.outcome = round.backwards ? Outcome::different : Outcome::unclear;
    round.reason = round.backwards ? "after's rows depend on the order in which tables are read: " +
                                         crossed.reason
                                   : crossed.reason;
  } else if (forward.sameness != Sameness::same && counts_tell(samples)) {
    round.outcome = Outcome::different;
    round.reason =
        fmt::format("before gives {} rows, after {}", samples[0].row_count, samples[1].row_count);
  } else {
    const bool differs =
        forward.sameness == Sameness::different || backward.sameness == Sameness::different;
    round.outcome = differs ? Outcome::unstable : Outcome::unclear;
    round.reason = forward.reason.empty() ? backward.reason : forward.reason;
  }
  return round;
}

/// Which rows LIMIT without ORDER BY takes is open, how many is not.
bool Contest::counts_tell(const std::vector<Sample>& samples) const {
  return outline_.limited && !outline_.ordered && pair_.needs.empty() &&
         samples[0].row_count == samples[2].row_count &&
         samples[1].row_count == samples[3].row_count &&
         samples[0].row_count != samples[1].row_count;
}

/// Does before give the same rows whichever way its tables are read?
bool Contest::is_stable(const Database& database) {
  if (compare(pair_.before, Side::base, pair_.before, Side::reversed).sameness != Sameness::same)
    return false;
  return !order_matters_inside_ || stands_shuffled(database);
}

/// The same rows inserted in other orders; the database is loaded again as it was.
bool Contest::stands_shuffled(const Database& database) {
  const auto hash = [&] {
    return session_.hashes({{pair_.before, Side::base}, {pair_.before, Side::reversed}}, limits_);
  };
  const auto first = hash();
  Rng rng(7);
  bool stable = true;
  Database shuffled = database;
  for (int turn = 0; stable && turn < 3; ++turn) {
    for (auto& rows : shuffled.rows)
      rng.shuffle(rows);
    (void)send(shuffled);
    for (const auto& sample : hash())
      stable = stable && sample.status == Status::ok && sample.row_count == first[0].row_count &&
               (equal(sample.digest.bag, first[0].digest.bag) || outline_.computes_reals ||
                outline_.limited);
  }
  (void)send(database);
  return stable;
}

/// Do the hashes alone say that a mutant's rows are others: by their number, or by values of which
/// none was rounded and none left out at a cut?
bool Contest::plainly_differs(const Sample& mutant) const {
  const bool exact = !outline_.computes_reals && !outline_.limited;
  return pair_.needs.empty() && (mutant.row_count != last_before_.row_count ||
                                 (exact && !equal(mutant.digest.bag, last_before_.digest.bag)));
}

void Contest::kill(std::vector<Mutant>& alive) {
  std::vector<engine::Asked> asked;
  for (const auto& mutant : alive)
    asked.push_back({mutant.sql, Side::base});
  if (asked.empty())
    return;
  const auto samples = session_.hashes(asked, limits_);
  std::vector<Mutant> left;
  for (std::size_t m = 0; m < alive.size(); ++m) {
    const auto& sample = samples[m];
    const bool suspect = sample.status == Status::ok && !agree(last_before_, sample);
    const bool killed =
        suspect && (plainly_differs(sample) ||
                    compare(pair_.before, Side::base, alive[m].sql, Side::base).sameness ==
                        Sameness::different);
    if (!killed)
      left.push_back(std::move(alive[m]));
  }
  alive = std::move(left);
}

std::vector<engine::Row> Contest::rows(bool of_after, Side side) {
  constexpr std::int64_t kRowsShown = 100;
  auto limits = limits_;
  limits.rows = kRowsShown;
  return session_.run(of_after ? pair_.after : pair_.before, limits, side).rows;
}

} // namespace quill::judge::proof
