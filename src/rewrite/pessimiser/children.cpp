// Parents and their children: SELECT u.id, coalesce(s.n, 0) FROM users u LEFT JOIN (SELECT user_id,
// count(*) AS n FROM orders GROUP BY user_id) s ON s.user_id = u.id, and u.id IN (SELECT user_id …)
#include <fmt/format.h>

#include "rewrite/pessimiser/shapes.hpp"

namespace quill::rewrite {

namespace {

/// A parent's rows beside those of a child.
struct Family {
  ChildLink link;
  std::string parent, child;                ///< aliases
  std::vector<const ColumnSample*> columns; ///< of the parent, the key first
  Conditions on_parent, on_child;

  [[nodiscard]] std::string key() const {
    return of(parent, link.parent->columns[link.parent->key]);
  }
  [[nodiscard]] std::string foreign(const std::string& alias) const {
    return of(alias, *link.column);
  }
  [[nodiscard]] std::string list() const {
    std::vector<std::string> items;
    for (const ColumnSample* column : columns)
      items.push_back(of(parent, *column));
    return fmt::format("{}", fmt::join(items, ", "));
  }
  [[nodiscard]] std::string children() const { return source(*link.child, child); }
  [[nodiscard]] std::string parents() const { return source(*link.parent, parent); }
};

std::optional<Family> draw_family(const Samples& samples, Temper& temper) {
  Rng& rng = temper.rng();
  const auto links = samples.links();
  if (links.empty())
    return std::nullopt;
  Family family{.link = rng.pick(links),
                .parent = {},
                .child = {},
                .columns = {},
                .on_parent = {},
                .on_child = {}};
  const TableSample& parent = *family.link.parent;
  family.parent = alias_of(parent);
  family.child = alias_of(*family.link.child, {family.parent});
  family.columns = draw_columns(parent, 1 + rng.below(2), rng);
  family.columns.insert(family.columns.begin(), &parent.columns[parent.key]);
  family.on_parent = draw_conditions(parent, rng.below(3), rng);
  family.on_child = draw_conditions(*family.link.child, rng.below(2), rng);
  return family;
}

// ---- numbers of children ------------------------------------------------------------------------

std::string item(const Measure& measure, const std::string& text) {
  return fmt::format(", {} AS \"{}\"", text, measure.name);
}

std::string sensible(const Family& family, const std::vector<Measure>& measures) {
  std::string inner, outer;
  for (const Measure& measure : measures) {
    inner += item(measure, measure.over(family.child));
    outer += item(measure, measure.argument == nullptr
                               ? fmt::format("coalesce(s.\"{}\", 0)", measure.name)
                               : fmt::format("s.\"{}\"", measure.name));
  }
  return fmt::format("SELECT {}{} FROM {} LEFT JOIN (SELECT {}{} FROM {}{} GROUP BY {}) AS s ON "
                     "{} = {}{} ORDER BY {}",
                     family.list(), outer, family.parents(), family.foreign(family.child), inner,
                     family.children(), where({spelled(family.on_child, family.child)}),
                     family.foreign(family.child), family.foreign("s"), family.key(),
                     where({spelled(family.on_parent, family.parent)}), family.key());
}

std::string correlated(const Family& family, const std::vector<Measure>& measures, Temper& temper) {
  std::string items;
  const std::string arithmetic =
      temper.gives_in(Habit::function_on_column) ? " + 0" : ""; // hides the column from an index
  for (const Measure& measure : measures)
    items += item(measure, fmt::format("(SELECT {} FROM {}{})", measure.over(family.child),
                                       family.children(),
                                       where({fmt::format("{}{} = {}", family.foreign(family.child),
                                                          arithmetic, family.key()),
                                              hurried(family.on_child, family.child, temper)})));
  return fmt::format("SELECT {}{} FROM {}{} ORDER BY {}", family.list(), items, family.parents(),
                     where({hurried(family.on_parent, family.parent, temper)}), family.key());
}

/// count(*) of a joined row that is not there would be 1: the child's key is counted instead.
std::string joined_first(const Family& family, const std::vector<Measure>& measures,
                         Temper& temper) {
  const TableSample& child = *family.link.child;
  std::string items;
  for (const Measure& measure : measures)
    items +=
        item(measure, measure.argument == nullptr
                          ? fmt::format("count({})", of(family.child, child.columns[child.key]))
                          : measure.over(family.child));
  const std::string on_child = hurried(family.on_child, family.child, temper);
  return fmt::format(
      "SELECT {}{} FROM {} LEFT JOIN {} ON {} = {}{}{}{} GROUP BY {} ORDER BY {}", family.list(),
      items, family.parents(), hurried_source(child, family.child, temper),
      family.foreign(family.child), family.key(), on_child.empty() ? "" : " AND ", on_child,
      where({hurried(family.on_parent, family.parent, temper)}), family.list(), family.key());
}

// ---- has it such a child? -----------------------------------------------------------------------

std::string listed(const Family& family, const std::string& condition,
                   const std::string& parent_condition) {
  return fmt::format("SELECT {} FROM {}{}", family.list(), family.parents(),
                     where({condition, parent_condition}));
}

/// A NULL among the children would empty a NOT IN.
std::string member(const Family& family, bool negated) {
  const std::string guard =
      negated && !family.link.column->not_null ? family.foreign(family.child) + " IS NOT NULL" : "";
  return fmt::format("{} {}IN (SELECT {} FROM {}{})", family.key(), negated ? "NOT " : "",
                     family.foreign(family.child), family.children(),
                     where({guard, spelled(family.on_child, family.child)}));
}

/// The children of the row at hand.
std::string own_children(const Family& family, const std::string& items, Temper& temper) {
  return fmt::format("(SELECT {} FROM {}{})", items, family.children(),
                     where({fmt::format("{} = {}", family.foreign(family.child), family.key()),
                            hurried(family.on_child, family.child, temper)}));
}

std::string hurried_member(const Family& family, bool negated, Temper& temper) {
  if (temper.gives_in(Habit::count_for_exists))
    return fmt::format("{} {} 0", own_children(family, "count(*)", temper), negated ? "=" : ">");
  temper.takes(Habit::correlated_member);
  if (!negated && temper.rng().chance(0.4))
    return fmt::format("{} IN {}", family.key(),
                       own_children(family, family.foreign(family.child), temper));
  return fmt::format("{}EXISTS {}", negated ? "NOT " : "", own_children(family, "*", temper));
}

std::string joined_and_distinct(const Family& family, Temper& temper) {
  return fmt::format("SELECT DISTINCT {} FROM {} JOIN {} ON {} = {}{}", family.list(),
                     family.parents(), hurried_source(*family.link.child, family.child, temper),
                     family.foreign(family.child), family.key(),
                     where({hurried(family.on_child, family.child, temper),
                            hurried(family.on_parent, family.parent, temper)}));
}

} // namespace

std::optional<Draft> per_parent(const Samples& samples, Temper& temper) {
  const auto family = draw_family(samples, temper);
  if (!family)
    return std::nullopt;
  const auto measures = draw_measures(*family->link.child, temper.rng().below(3), temper.rng());
  Draft draft;
  draft.after = sensible(*family, measures);
  if (temper.gives_in(Habit::correlated_aggregate)) {
    draft.before = correlated(*family, measures, temper);
  } else {
    temper.takes(Habit::join_then_group);
    draft.before = joined_first(*family, measures, temper);
  }
  return draft;
}

std::optional<Draft> membership(const Samples& samples, Temper& temper) {
  const auto family = draw_family(samples, temper);
  if (!family)
    return std::nullopt;
  const bool negated = temper.rng().chance(0.35);
  Draft draft;
  draft.after =
      listed(*family, member(*family, negated), spelled(family->on_parent, family->parent));
  if (!negated && temper.gives_in(Habit::join_and_distinct))
    draft.before = joined_and_distinct(*family, temper);
  else
    draft.before = listed(*family, hurried_member(*family, negated, temper),
                          hurried(family->on_parent, family->parent, temper));
  return draft;
}

} // namespace quill::rewrite
