// Shapes of sensible queries, each with the habits that go with it. One file a family.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/sql/pair.hpp"
#include "rewrite/pessimiser/condition.hpp"

namespace quill::rewrite {

/// Two spellings of one question, on one line each.
struct Draft {
  std::string before, after;
  std::vector<std::string> indexes;
  sql::Needs needs;
};

/// Draws a question over the tables and spells it twice; nullopt when they have nothing for it.
using Shape = std::optional<Draft> (*)(const Samples&, Temper&);

/// Rows of a table with columns of its parents.
std::optional<Draft> listing(const Samples& samples, Temper& temper);
/// Numbers for each value of a column or two.
std::optional<Draft> grouping(const Samples& samples, Temper& temper);
/// Parents with numbers of their children.
std::optional<Draft> per_parent(const Samples& samples, Temper& temper);
/// Parents that have, or have not, a certain child.
std::optional<Draft> membership(const Samples& samples, Temper& temper);
/// Several numbers of one table in one row.
std::optional<Draft> summary(const Samples& samples, Temper& temper);
/// The row with the greatest value of each group.
std::optional<Draft> latest(const Samples& samples, Temper& temper);
/// Rows above the average of their group.
std::optional<Draft> above_average(const Samples& samples, Temper& temper);
/// Rows with their rank in a group.
std::optional<Draft> ranking(const Samples& samples, Temper& temper);
/// Rows with the sum so far of their group.
std::optional<Draft> running_total(const Samples& samples, Temper& temper);

// ---- what shapes share --------------------------------------------------------------------------

/// An aggregate over a table: `text` with "{}" for the alias and its dot.
struct Measure {
  std::string function;         ///< count, sum, avg, min, max
  const ColumnSample* argument; ///< null for count(*)
  std::string name;             ///< of the column it gives
  [[nodiscard]] std::string over(const std::string& alias) const;
};
/// One count and `more` others at most, over numbers and dates.
[[nodiscard]] std::vector<Measure> draw_measures(const TableSample& table, std::size_t more,
                                                 Rng& rng);
/// Of one table, by size at random: larger ones more often.
[[nodiscard]] const TableSample* draw_table(const Samples& samples, Rng& rng);
/// One of the columns, null when there is none.
[[nodiscard]] const ColumnSample* pick(const std::vector<const ColumnSample*>& columns, Rng& rng);
/// Up to `count` columns that are no keys.
[[nodiscard]] std::vector<const ColumnSample*> draw_columns(const TableSample& table,
                                                            std::size_t count, Rng& rng);
/// "orders AS o", or the same with a habit inside the FROM.
[[nodiscard]] std::string source(const TableSample& table, const std::string& alias);
[[nodiscard]] std::string hurried_source(const TableSample& table, const std::string& alias,
                                         Temper& temper);
/// A short name that is not in `taken`: "o", "o2".
[[nodiscard]] std::string alias_of(const TableSample& table,
                                   const std::vector<std::string>& taken = {});
/// " LEFT JOIN orders AS same ON same.id = o.id" when the habit is given in to, else "".
[[nodiscard]] std::string needless_join(const Samples& samples, const TableSample& table,
                                        const std::string& alias, Temper& temper);
/// "CREATE INDEX idx_orders_status ON orders (status)".
[[nodiscard]] std::string index_on(const TableSample& table,
                                   const std::vector<const ColumnSample*>& columns);

} // namespace quill::rewrite
