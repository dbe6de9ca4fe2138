// Slow queries without a model: a sensible query over the schema, and the same one as somebody in a
// hurry would have written it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/random.hpp"
#include "quill/engine/session.hpp"
#include "quill/sql/pair.hpp"

namespace quill::rewrite {

/// A slow query with the sensible one it was made from.
struct SlowQuery {
  std::string before;               ///< slow, over several lines
  std::string after;                ///< sensible
  std::vector<std::string> indexes; ///< CREATE INDEX statements that `after` wants
  sql::Needs needs;                 ///< said by the one who asks: columns, first rows
  std::string type, rule;           ///< of the way back, rules chained by "+"
  std::string explanation;          ///< what was slow, and why the rows are the same
  bool pathological = false;        ///< of the kind that is rationed
  double speedup = 1;               ///< forecast: one run of each
};

/// What is wanted: a forecast speedup in [low, high). Under `steps` VM steps stand for time, and
/// the same wish gives the same query.
struct SlowWish {
  double low = 2, high = 10;
  bool steps = false;
  bool pathological = true; ///< may it be of the rationed kind?
  int draws = 24;           ///< so many queries are tried
};

/// Writes slow queries over one database: a grammar over its tables, columns and values, then
/// habits that cost time: SELECT *, chains of OR, functions on columns, correlated sub-queries,
/// needless DISTINCT and joins, late filters, products of tables, missing indexes. Both
/// forms were run and gave the same rows here; that proves nothing yet. Not thread-safe.
class Pessimiser {
 public:
  /// Looks at a sample of each table; `session` must outlive it.
  explicit Pessimiser(engine::Session& session);
  ~Pessimiser();
  Pessimiser(Pessimiser&&) noexcept;

  /// The first draw that fulfils the wish, else the one that comes nearest and is 1.5 times slower
  /// at least; nullopt when none is (a schema without a table of an integer key has none).
  [[nodiscard]] std::optional<SlowQuery> write(const SlowWish& wish, Rng rng);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The habits there are, by name, in the order of their table.
[[nodiscard]] std::vector<std::string> habit_names();

} // namespace quill::rewrite
