#include "judge/rows.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "judge/fetch.hpp"
#include "judge/projection.hpp"
#include "judge/shape.hpp"
#include "judge/tie_rank.hpp"
#include "judge/window.hpp"
#include "quill/core/error.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/engine/same_program.hpp"
#include "quill/judge/compare.hpp"
#include "quill/sql/parse.hpp"

namespace quill::judge {

namespace {

constexpr const char* kCutWithoutOrder =
    "LIMIT without ORDER BY: which rows come is the engine's choice, and here they differ";

/// The tree of a statement, if printing it gives the same program (design.md 4) and, since a plan
/// says less than a program, the same tree again.
sql::QueryPtr trusted_tree(engine::Session& session, const std::string& statement) {
  const auto dialect = engine::dialect_of(session.engine());
  auto tree = sql::parse(dialect, statement, session.grammar());
  if (!tree)
    return nullptr;
  const auto printed = sql::print(*tree.value(), dialect);
  if (!engine::same_program(session, statement, printed))
    return nullptr;
  const auto again = sql::parse(dialect, printed, session.grammar());
  if (!again || !sql::equal(*tree.value(), *again.value()))
    return nullptr;
  return std::move(tree).value();
}

std::vector<std::size_t> every_place(std::size_t count) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

/// A written whole number; 0 when there is no expression.
std::optional<std::size_t> whole_number(const sql::ExprPtr& expr) {
  if (!expr)
    return 0;
  const auto* literal = expr->as<sql::Literal>();
  if (literal == nullptr || literal->kind != sql::Literal::Kind::integer)
    return std::nullopt;
  std::size_t value = 0;
  const auto& text = literal->text;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value > (1ULL << 40U))
    return std::nullopt;
  return value;
}

class RowComparison {
 public:
  RowComparison(engine::Session& session, const RowQuestion& question, std::size_t held_bytes_max)
      : session_(session), question_(question), held_bytes_max_(held_bytes_max) {}

  RowFinding run() {
    projection_ =
        project(question_.before_sample.columns, question_.after_sample.columns, question_.needs);
    if (!projection_.reason.empty())
      return finding(projection_.fault_of_after ? Sameness::different : Sameness::unknown,
                     projection_.reason);
    tree_ = trusted_tree(session_, question_.before.sql);
    shape_ = shape();
    auto found = question_.outline.ordered ? ordered() : unordered();
    found.engine_ms = engine_ms_;
    return found;
  }

 private:
  static RowFinding finding(Sameness sameness, std::string reason) {
    return {.sameness = sameness, .reason = std::move(reason), .engine_ms = 0};
  }

  static RowFinding finding(const Comparison& comparison) {
    return finding(comparison.same ? Sameness::same : Sameness::different, comparison.reason);
  }

  AnswerShape shape() {
    AnswerShape out{.ordered = question_.outline.ordered, .approximate = {}};
    const auto flags = tree_ ? approximate_columns(*tree_, session_.schema()) : std::nullopt;
    shape_known_ = flags.has_value() || !question_.outline.computes_reals;
    for (const std::size_t place : projection_.before)
      out.approximate.push_back(flags && place < flags->size() && (*flags)[place]);
    return out;
  }

  [[nodiscard]] bool top_given() const { return question_.needs.top.has_value(); }
  [[nodiscard]] std::size_t before_count() const {
    return static_cast<std::size_t>(std::max<std::int64_t>(question_.before_sample.row_count, 0));
  }
  /// How many rows count.
  [[nodiscard]] std::size_t wanted() const {
    if (!top_given())
      return before_count();
    return std::min(before_count(),
                    static_cast<std::size_t>(std::max<std::int64_t>(*question_.needs.top, 0)));
  }

  Fetched fetch_rows(const Statement& statement, FetchPlan plan) {
    plan.held_bytes_max = held_bytes_max_;
    auto out = fetch(session_, statement, question_.limits, plan);
    engine_ms_ += out.engine_ms;
    return out;
  }

  Fetched before_rows(std::optional<std::size_t> count = std::nullopt) {
    return fetch_rows(question_.before, {.columns = projection_.before, .wants = up_to(count)});
  }
  Fetched after_rows(std::optional<std::size_t> count) {
    return fetch_rows(question_.after, {.columns = projection_.after, .wants = up_to(count)});
  }
  /// Of after: the rows that count, and under a `top` none beyond.
  Fetched after_rows() { return after_rows(top_given() ? std::optional(wanted()) : std::nullopt); }

  static std::function<bool(const Answer&, const engine::Row&)>
  up_to(std::optional<std::size_t> count) {
    if (!count)
      return {};
    return [count](const Answer& held, const engine::Row&) { return held.rows.size() < *count; };
  }

  // ---- a list ----

  RowFinding ordered() {
    auto after = after_rows();
    if (!after.usable())
      return not_fetched("after", after);
    if (const auto window = window_in_full()) {
      const auto full = ranked_rows(*window);
      if (full.usable() && full.answer.rows.size() >= window->offset + window->count)
        return finding(compare_window(full.answer, *window, after.answer, shape_));
      if (full.end == Fetched::End::too_large)
        return not_fetched("before", full);
    }
    return as_exact_list(after.answer);
  }

  /// Before's rows as a window of its answer without LIMIT; nullopt when the OFFSET is not a
  /// number.
  std::optional<Window> window_in_full() const {
    if (!tree_)
      return std::nullopt;
    const auto offset = whole_number(tree_->offset);
    if (!offset)
      return std::nullopt;
    return Window{.offset = *offset, .count = wanted()};
  }

  /// The needed columns by name, when they can be asked for by name; nothing when all are needed.
  [[nodiscard]] std::vector<std::string>
  needed_names(const engine::Sample& sample, const std::vector<std::size_t>& places) const {
    return question_.needs.columns.empty() ? std::vector<std::string>()
                                           : names_from_outside(sample.columns, places);
  }

  /// Before with tie ranks, as far as the end of the tie group that the window cuts.
  Fetched ranked_rows(const Window& window) {
    const auto names = needed_names(question_.before_sample, projection_.before);
    const auto ranked = with_tie_rank(*tree_, engine::dialect_of(session_.engine()), names);
    if (!ranked)
      return {};
    auto places = projection_.before;
    if (!names.empty())
      places = every_place(names.size());
    const std::size_t end = window.offset + window.count;
    return fetch_rows({*ranked, question_.before.side},
                      {.columns = places,
                       .last_is_key = true,
                       .wants = [end](const Answer& held, const engine::Row& row) {
                         return held.rows.size() < end ||
                                (!row.empty() && !held.keys.empty() &&
                                 same_cell(held.keys.back()[0], row.back(), false));
                       }});
  }

  /// Without known ties: equal row by row, or else only a difference of the bags is a proof.
  RowFinding as_exact_list(const Answer& after) {
    const auto before = before_rows(wanted());
    if (!before.usable())
      return not_fetched("before", before);
    const auto list = compare(before.answer, after, shape_);
    if (list.same)
      return finding(list);
    AnswerShape bag = shape_;
    bag.ordered = false;
    if (compare(before.answer, after, bag).same)
      return finding(Sameness::unknown, "the same rows in another order, and which rows tie on the "
                                        "order keys could not be found; first: " +
                                            list.reason);
    if (cut(after.rows.size()))
      return finding(Sameness::unknown, "a tie at the cut may be the cause, and which rows tie on "
                                        "the order keys could not be found; first: " +
                                            list.reason);
    return unless_rounding(before.answer, after, list);
  }

  /// As many rows of a longer list, so that a tie at its cut could explain others.
  [[nodiscard]] bool cut(std::size_t after_count) const {
    const bool partial = question_.outline.limited || (top_given() && wanted() < before_count());
    return partial && after_count == wanted();
  }

  // ---- a bag ----

  /// The engine can hash the needed columns alone: no row has to come here when the bags agree.
  bool needed_bags_agree() {
    if (question_.needs.columns.empty() || top_given())
      return false;
    const auto before =
        needed_digest(question_.before, question_.before_sample, projection_.before);
    if (!before)
      return false;
    const auto after = needed_digest(question_.after, question_.after_sample, projection_.after);
    return after && before->bag[0] == after->bag[0] && before->bag[1] == after->bag[1];
  }

  std::optional<engine::Digest> needed_digest(const Statement& statement,
                                              const engine::Sample& sample,
                                              const std::vector<std::size_t>& places) {
    if (places == every_place(sample.columns.size()))
      return sample.digest; // hashed already
    const auto sql = projected(statement.sql, names_from_outside(sample.columns, places));
    if (!sql)
      return std::nullopt;
    const auto again = session_.sample(*sql, question_.limits, statement.side);
    engine_ms_ += again.total_ms;
    return again.status == engine::Status::ok && again.row_count == sample.row_count
               ? std::optional(again.digest)
               : std::nullopt;
  }

  RowFinding unordered() {
    if (needed_bags_agree())
      return finding(Sameness::same, "");
    auto before = before_rows();
    if (!before.usable())
      return not_fetched("before", before);
    auto after = after_rows();
    if (!after.usable())
      return not_fetched("after", after);
    const auto found = top_given()
                           ? compare_top_of_bag(before.answer, after.answer, wanted(), shape_)
                           : compare(before.answer, after.answer, shape_);
    const bool as_many = after.answer.rows.size() == wanted();
    if (!found.same && question_.outline.limited && as_many)
      return finding(Sameness::unknown, fmt::format("{}: {}", kCutWithoutOrder, found.reason));
    return unless_rounding(before.answer, after.answer, found);
  }

  /// Where it is not known which columns are computed, rows that are equal within the tolerance are
  /// neither proven the same nor different.
  RowFinding unless_rounding(const Answer& before, const Answer& after, const Comparison& exact) {
    if (exact.same || shape_known_)
      return finding(exact);
    AnswerShape loose = shape_;
    loose.approximate.assign(projection_.before.size(), true);
    const bool close = top_given() && !loose.ordered
                           ? compare_top_of_bag(before, after, wanted(), loose).same
                           : compare(before, after, loose).same;
    if (!close)
      return finding(exact);
    return finding(Sameness::unknown,
                   "equal only within 1e-9, and which columns are computed could not be found: " +
                       exact.reason);
  }

  // ---- answers that could not be held ----

  RowFinding not_fetched(const char* side, const Fetched& fetched) const {
    if (fetched.end == Fetched::End::failed)
      return finding(
          Sameness::unknown,
          fmt::format("{} could not be run again to compare its rows: {}", side, fetched.message));
    const auto after_count = question_.after_sample.row_count;
    if (!top_given() && question_.before_sample.row_count != after_count)
      return finding(Sameness::different,
                     fmt::format("before gives {} rows, after {}", before_count(), after_count));
    if (digests_decide())
      return finding(Sameness::different, "the rows differ (too many to show where)");
    return finding(Sameness::unknown,
                   fmt::format("too large to compare: more than {} MB of rows of {}",
                               held_bytes_max_ >> 20U, side));
  }

  /// Exact bags of all columns are what the digests hash: unequal ones prove a difference.
  [[nodiscard]] bool digests_decide() const {
    const bool exact = std::find(shape_.approximate.begin(), shape_.approximate.end(), true) ==
                       shape_.approximate.end();
    const auto& before = question_.before_sample.digest.bag;
    const auto& after = question_.after_sample.digest.bag;
    const bool bags_differ = before[0] != after[0] || before[1] != after[1];
    return exact && shape_known_ && bags_differ && question_.needs.empty() &&
           !question_.outline.limited;
  }

  engine::Session& session_;
  const RowQuestion& question_;
  std::size_t held_bytes_max_;
  Projection projection_;
  sql::QueryPtr tree_;
  AnswerShape shape_;
  bool shape_known_ = false;
  double engine_ms_ = 0;
};

} // namespace

RowFinding compare_rows(engine::Session& session, const RowQuestion& question,
                        std::size_t held_bytes_max) {
  return RowComparison(session, question, held_bytes_max).run();
}

} // namespace quill::judge
