#include "judge/proof/filling.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "judge/cells.hpp"

namespace quill::judge::proof {

namespace {

using engine::Row;
using engine::Value;
using Partial = std::vector<std::optional<Value>>;

constexpr int kParentDepthMax = 8;

class Filler {
 public:
  Filler(const FillPlan& plan, Rng& rng) : plan_(plan), rng_(rng) {
    database_.rows.resize(plan.model.tables.size());
    next_key_.resize(plan.model.tables.size());
  }

  Database run(const std::vector<MadeRow>& made) {
    for (const std::size_t t : plan_.model.parents_first) {
      for (const auto& row : made)
        if (row.table == t)
          add(t, row.cells, 0);
      if (!plan_.read[t])
        continue;
      for (auto extra = rng_.below(plan_.style.extra_rows + 1); extra > 0; --extra)
        add(t, Partial(plan_.model.tables[t].columns.size()), 0);
    }
    disturb();
    if (plan_.style.shuffle)
      for (auto& rows : database_.rows)
        rng_.shuffle(rows);
    make_legal(plan_.model, database_);
    return std::move(database_);
  }

 private:
  [[nodiscard]] const Table& table(std::size_t t) const { return plan_.model.tables[t]; }

  bool full(std::size_t t) {
    cells_ += table(t).columns.size();
    return cells_ > plan_.cells_max;
  }

  /// Completes a row; its parents are found or made.
  void add(std::size_t t, Partial cells, int depth) {
    if (full(t))
      return;
    for (const auto& reference : table(t).references)
      refer(t, reference, cells, depth);
    Row row;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto& column = table(t).columns[c];
      const bool missing = !cells[c] || (column.not_null && is_null(*cells[c]));
      row.push_back(missing ? free_value(t, c) : *cells[c]);
    }
    database_.rows[t].push_back(std::move(row));
  }

  void refer(std::size_t t, const Reference& reference, Partial& cells, int depth) {
    const bool nullable =
        std::any_of(reference.columns.begin(), reference.columns.end(), [&](std::size_t c) {
          return cells[c] ? is_null(*cells[c]) : !table(t).columns[c].not_null;
        });
    const bool asked = std::any_of(reference.columns.begin(), reference.columns.end(),
                                   [&](std::size_t c) { return cells[c].has_value(); });
    if (nullable && (!asked || any_null(reference, cells)) && rng_.chance(0.2 + null_bonus(asked)))
      return leave_null(t, reference, cells);
    if (const Row* parent = find_parent(reference, cells))
      return copy(reference, *parent, cells);
    if (depth > kParentDepthMax || any_null(reference, cells))
      return;
    if (reference.table == t && !asked)
      return leave_null(t, reference, cells);
    Partial wanted(table(reference.table).columns.size());
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
      wanted[reference.targets[i]] = cells[reference.columns[i]];
    add(reference.table, std::move(wanted), depth + 1);
    if (const Row* parent = find_parent(reference, cells))
      copy(reference, *parent, cells);
  }

  static double null_bonus(bool asked) { return asked ? 0.8 : 0; }

  static bool any_null(const Reference& reference, const Partial& cells) {
    return std::any_of(reference.columns.begin(), reference.columns.end(),
                       [&](std::size_t c) { return cells[c] && is_null(*cells[c]); });
  }

  void leave_null(std::size_t t, const Reference& reference, Partial& cells) const {
    for (const std::size_t c : reference.columns)
      if (!cells[c] && !table(t).columns[c].not_null) {
        cells[c] = Value{};
        return;
      }
  }

  const Row* find_parent(const Reference& reference, const Partial& cells) {
    std::vector<const Row*> fit;
    for (const auto& parent : database_.rows[reference.table]) {
      bool same = true;
      for (std::size_t i = 0; same && i < reference.columns.size(); ++i) {
        const auto& cell = cells[reference.columns[i]];
        const auto& target = parent[reference.targets[i]];
        same = !is_null(target) && (!cell || order_of(*cell, target) == 0);
      }
      if (same)
        fit.push_back(&parent);
    }
    return fit.empty() ? nullptr : rng_.pick(fit);
  }

  static void copy(const Reference& reference, const Row& parent, Partial& cells) {
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
      cells[reference.columns[i]] = parent[reference.targets[i]];
  }

  Value free_value(std::size_t t, std::size_t c) {
    const auto& column = table(t).columns[c];
    const bool alone = is_alone_a_key(t, c);
    if (!column.not_null && !alone && rng_.chance(plan_.style.null_chance))
      return {};
    if (alone || plan_.style.distinct)
      return next_of(t, c, column);
    const auto hints = plan_.hints.find({t, c});
    const bool has_hints = hints != plan_.hints.end() && !hints->second.empty();
    if ((has_hints || !column.hints.empty()) && rng_.chance(plan_.style.hint_chance)) {
      const bool own = !has_hints || (!column.hints.empty() && rng_.chance(0.5));
      const auto& base = rng_.pick(own ? column.hints : hints->second);
      if (const auto fits = as_kind(base, column.kind, column.typed_date); fits && rng_.chance(0.5))
        return *fits;
      if (auto around = near(base, column.kind, column.typed_date); !around.empty())
        return rng_.pick(around);
    }
    const auto& plain = plain_values(column.kind, column.typed_date);
    return plain[rng_.below(std::clamp<std::size_t>(plan_.style.variety, 1, plain.size()))];
  }

  [[nodiscard]] bool is_alone_a_key(std::size_t t, std::size_t c) const {
    return std::any_of(table(t).keys.begin(), table(t).keys.end(),
                       [&](const auto& key) { return key.size() == 1 && key[0] == c; });
  }

  /// A value that the column does not have yet.
  Value next_of(std::size_t t, std::size_t c, const Column& column) {
    auto& counters = next_key_[t];
    counters.resize(table(t).columns.size(), 0);
    for (;;) {
      const auto n = static_cast<std::int64_t>(++counters[c]);
      Value value(n);
      if (column.kind == Kind::text)
        value = Value(fmt::format("k{}", n));
      else if (column.kind == Kind::day || column.kind == Kind::moment)
        value = Value(day_text(19'700 + static_cast<long>(n)) +
                      (column.kind == Kind::moment ? " 10:00:00" : ""));
      else if (column.kind == Kind::real)
        value = Value(static_cast<double>(n) + 0.25);
      const auto& rows = database_.rows[t];
      if (std::none_of(rows.begin(), rows.end(),
                       [&](const Row& row) { return order_of(row[c], value) == 0; }))
        return value;
    }
  }

  [[nodiscard]] bool refers(std::size_t t, std::size_t c) const {
    return std::any_of(table(t).references.begin(), table(t).references.end(), [&](const auto& r) {
      return std::find(r.columns.begin(), r.columns.end(), c) != r.columns.end();
    });
  }

  /// Duplicates and small changes, so that conditions are just missed.
  void disturb() {
    for (std::size_t t = 0; t < database_.rows.size(); ++t) {
      const std::size_t count = database_.rows[t].size();
      for (std::size_t r = 0; r < count; ++r)
        if (rng_.chance(plan_.style.duplicate) && !full(t))
          duplicate(t, r);
      for (auto& row : database_.rows[t])
        for (std::size_t c = 0; c < row.size(); ++c)
          if (rng_.chance(plan_.style.nudge) && !table(t).is_key_part(c))
            nudge(t, c, row[c]);
    }
  }

  void duplicate(std::size_t t, std::size_t r) {
    Row copy = database_.rows[t][r];
    for (const auto& key : table(t).keys) {
      const std::size_t c = key[rng_.below(key.size())];
      if (!refers(t, c) || key.size() == 1)
        copy[c] = next_of(t, c, table(t).columns[c]);
    }
    database_.rows[t].push_back(std::move(copy));
  }

  void nudge(std::size_t t, std::size_t c, Value& cell) {
    const auto& column = table(t).columns[c];
    if (refers(t, c) || rng_.chance(0.3)) {
      if (!column.not_null)
        cell = Value{};
      return;
    }
    const auto around = is_null(cell) ? Values{} : near(cell, column.kind, column.typed_date);
    cell = around.empty() ? rng_.pick(plain_values(column.kind, column.typed_date))
                          : rng_.pick(around);
  }

  const FillPlan& plan_;
  Rng& rng_;
  Database database_;
  std::vector<std::vector<std::int64_t>> next_key_;
  std::size_t cells_ = 0;
};

} // namespace

Database fill(const FillPlan& plan, const std::vector<MadeRow>& made, Rng& rng) {
  return Filler(plan, rng).run(made);
}

} // namespace quill::judge::proof
