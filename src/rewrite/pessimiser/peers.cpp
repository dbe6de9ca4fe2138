// A row beside the others of its group: the latest, above the average, its rank, the sum so far.
#include <fmt/format.h>

#include "rewrite/pessimiser/shapes.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

/// Rows of a table in groups, looked at by one value.
struct Peers {
  const TableSample* table = nullptr;
  std::string a, b; ///< aliases: the row, its peers
  const ColumnSample* group = nullptr;
  const ColumnSample* value = nullptr;
  std::vector<const ColumnSample*> columns;
  Conditions conditions;

  [[nodiscard]] const ColumnSample& key() const { return table->columns[table->key]; }
  [[nodiscard]] std::string list() const {
    std::vector<std::string> items{of(a, key()), of(a, *group), of(a, *value)};
    for (const ColumnSample* column : columns)
      if (column != group && column != value)
        items.push_back(of(a, *column));
    return fmt::format("{}", fmt::join(items, ", "));
  }
  [[nodiscard]] std::string same_group() const {
    return fmt::format("{} = {}", of(b, *group), of(a, *group));
  }
};

/// Groups never NULL, since `=` and PARTITION BY read a NULL group in two ways.
std::vector<const ColumnSample*> group_columns(const TableSample& table) {
  std::vector<const ColumnSample*> found;
  for (const ColumnSample& column : table.columns)
    if (column.not_null && (column.kind == Kind::reference || column.kind == Kind::category))
      found.push_back(&column);
  return found;
}

std::vector<const ColumnSample*> value_columns(const TableSample& table, bool dates) {
  std::vector<const ColumnSample*> found;
  for (const ColumnSample& column : table.columns)
    if (column.not_null &&
        ((column.kind == Kind::number && !column.is_text) || (dates && column.kind == Kind::date)))
      found.push_back(&column);
  return found;
}

std::optional<Peers> draw_peers(const Samples& samples, Temper& temper, bool dates) {
  Rng& rng = temper.rng();
  Peers peers;
  peers.table = draw_table(samples, rng);
  if (peers.table == nullptr)
    return std::nullopt;
  peers.group = pick(group_columns(*peers.table), rng);
  peers.value = pick(value_columns(*peers.table, dates), rng);
  if (peers.group == nullptr || peers.value == nullptr)
    return std::nullopt;
  peers.a = alias_of(*peers.table);
  peers.b = alias_of(*peers.table, {peers.a});
  peers.columns = draw_columns(*peers.table, rng.below(3), rng);
  peers.conditions = draw_conditions(*peers.table, 1 + rng.below(2), rng);
  return peers;
}

std::string outer(const Peers& peers, const std::string& more_items, const std::string& join,
                  const std::vector<std::string>& conditions) {
  return fmt::format("SELECT {}{} FROM {}{}{}", peers.list(), more_items,
                     source(*peers.table, peers.a), join, where(conditions));
}

/// (SELECT aggregate FROM t AS b WHERE b.group = a.group AND … AND conditions)
std::string over_peers(const Peers& peers, const std::string& aggregate, const std::string& more,
                       Temper& temper) {
  return fmt::format("(SELECT {} FROM {}{})", aggregate, source(*peers.table, peers.b),
                     where({peers.same_group(), more, hurried(peers.conditions, peers.b, temper)}));
}

/// JOIN (SELECT group, aggregate AS level FROM t AS b WHERE … GROUP BY group) AS g ON …
std::string level_join(const Peers& peers, const std::string& function) {
  return fmt::format(
      " JOIN (SELECT {}, {}({}) AS level FROM {}{} GROUP BY {}) AS levels ON {} = {}",
      of(peers.b, *peers.group), function, of(peers.b, *peers.value), source(*peers.table, peers.b),
      where({spelled(peers.conditions, peers.b)}), of(peers.b, *peers.group),
      of("levels", *peers.group), of(peers.a, *peers.group));
}

/// Rows whose value compares so with the aggregate of their group.
Draft against_level(const Peers& peers, const std::string& function, const std::string& op,
                    Temper& temper) {
  const std::string value = of(peers.a, *peers.value);
  const std::string aggregate = fmt::format("{}({})", function, of(peers.b, *peers.value));
  return {.before =
              outer(peers, "", "",
                    {hurried(peers.conditions, peers.a, temper),
                     fmt::format("{} {} {}", value, op, over_peers(peers, aggregate, "", temper))}),
          .after = outer(
              peers, "", level_join(peers, function),
              {spelled(peers.conditions, peers.a), fmt::format("{} {} levels.level", value, op)}),
          .indexes = {},
          .needs = {}};
}

/// A number of each row, by a window or by a sub-query over its peers.
Draft numbered(const Peers& peers, const std::string& window, const std::string& subquery,
               const std::string& name, Temper& temper) {
  return {.before = outer(peers, fmt::format(", {} AS {}", subquery, name), "",
                          {hurried(peers.conditions, peers.a, temper)}),
          .after = outer(peers, fmt::format(", {} AS {}", window, name), "",
                         {spelled(peers.conditions, peers.a)}),
          .indexes = {},
          .needs = {}};
}

} // namespace

std::optional<Draft> latest(const Samples& samples, Temper& temper) {
  const auto peers = draw_peers(samples, temper, true);
  if (!peers)
    return std::nullopt;
  temper.takes(Habit::correlated_extreme);
  return against_level(*peers, temper.rng().chance(0.7) ? "max" : "min", "=", temper);
}

std::optional<Draft> above_average(const Samples& samples, Temper& temper) {
  const auto peers = draw_peers(samples, temper, false);
  if (!peers)
    return std::nullopt;
  temper.takes(Habit::correlated_average);
  return against_level(*peers, "avg", temper.rng().chance(0.7) ? ">" : "<", temper);
}

std::optional<Draft> ranking(const Samples& samples, Temper& temper) {
  const auto peers = draw_peers(samples, temper, true);
  if (!peers)
    return std::nullopt;
  temper.takes(Habit::correlated_rank);
  const bool descending = temper.rng().chance(0.7);
  const std::string ahead = fmt::format("{} {} {}", of(peers->b, *peers->value),
                                        descending ? ">" : "<", of(peers->a, *peers->value));
  return numbered(*peers,
                  fmt::format("rank() OVER (PARTITION BY {} ORDER BY {}{})",
                              of(peers->a, *peers->group), of(peers->a, *peers->value),
                              descending ? " DESC" : ""),
                  "1 + " + over_peers(*peers, "count(*)", ahead, temper), "place", temper);
}

std::optional<Draft> running_total(const Samples& samples, Temper& temper) {
  const auto peers = draw_peers(samples, temper, false);
  if (!peers)
    return std::nullopt;
  temper.takes(Habit::correlated_running);
  const std::string sum = fmt::format("sum({})", of(peers->b, *peers->value));
  const std::string so_far =
      fmt::format("{} <= {}", of(peers->b, peers->key()), of(peers->a, peers->key()));
  return numbered(*peers,
                  fmt::format("sum({}) OVER (PARTITION BY {} ORDER BY {})",
                              of(peers->a, *peers->value), of(peers->a, *peers->group),
                              of(peers->a, peers->key())),
                  over_peers(*peers, sum, so_far, temper), "so_far", temper);
}

} // namespace quill::rewrite
