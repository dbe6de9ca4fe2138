#include "quill/judge/readability.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/judge/reward.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

/// What a reader has to hold in mind, by structure; one point is about one short clause. The
/// weights are a choice, not a measurement: what hides order of evaluation (a correlated sub-query,
/// a nested block) weighs more than what only adds length.
struct Load {
  double length = 0, nesting = 0, subqueries = 0, joins = 0, logic = 0;
  [[nodiscard]] double total() const {
    return 1 + length + nesting + subqueries + joins + logic; // never 0
  }
};

constexpr double kToken = 0.04; // 25 words and signs are one point
constexpr double kNestedBlock = 1.5;
constexpr double kSubquery = 1.0;
constexpr double kCorrelated = 1.0; // on top of its being a sub-query
constexpr double kSetOperation = 1.0;
constexpr double kCte = 0.25; // a named step is nearly free
constexpr double kJoin = 0.5;
constexpr double kDisjunct = 0.5;
constexpr double kConjunct = 0.1;
constexpr double kWrappedColumn = 0.25;

Load load_of(const sql::Query& query, std::size_t tokens) {
  const auto f = sql::features(query);
  return {.length = kToken * static_cast<double>(tokens),
          .nesting = kNestedBlock * f.nesting,
          .subqueries = kSubquery * f.subqueries + kCorrelated * f.correlated_hint +
                        kSetOperation * f.set_operations + kCte * f.ctes,
          .joins = kJoin * f.joins,
          .logic = kDisjunct * f.disjuncts + kConjunct * f.conjuncts +
                   kWrappedColumn * f.function_on_column};
}

std::size_t token_count(std::string_view sql) {
  const auto tokens = sql::tokenize(sql);
  return tokens ? tokens.value().size() : 0;
}

struct Part {
  const char* name;
  double gain; ///< > 0: after carries less
};

/// The part that changed most, as the reason.
std::string reason_of(const Load& before, const Load& after, double score) {
  const Part parts[] = {{"length", before.length - after.length},
                        {"nesting", before.nesting - after.nesting},
                        {"sub-queries", before.subqueries - after.subqueries},
                        {"joins", before.joins - after.joins},
                        {"conditions", before.logic - after.logic}};
  const auto* most =
      std::max_element(std::begin(parts), std::end(parts), [&](const Part& a, const Part& b) {
        return score > 0 ? a.gain < b.gain : a.gain > b.gain;
      });
  return fmt::format("{} {} (load {:.1f} to {:.1f})", score > 0 ? "less" : "more", most->name,
                     before.total(), after.total());
}

} // namespace

Readability offline_readability(std::string_view before, std::string_view after,
                                const sql::Grammar& grammar) {
  if (sql::fingerprint(before) == sql::fingerprint(after))
    return {.score = 0, .reason = "the same statement"};
  const auto b = sql::parse(before, grammar);
  const auto a = sql::parse(after, grammar);
  if (!b || !a)
    return {.score = 0, .reason = "one of the statements could not be read as a tree"};
  const Load old_load = load_of(*b.value(), token_count(before));
  const Load new_load = load_of(*a.value(), token_count(after));
  const double change = old_load.total() - new_load.total();
  if (change == 0)
    return {.score = 0, .reason = "as much to read"};
  const double score = kReadabilityMax * change / (old_load.total() + new_load.total());
  return {.score = score, .reason = reason_of(old_load, new_load, score)};
}

} // namespace quill::judge
