#include "judge/proof/solver.hpp"

#include <algorithm>

namespace quill::judge::proof {

namespace {

using engine::Value;

constexpr std::size_t kHintsMax = 24; ///< of one column

bool is_comparison(const std::string& op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

bool has_date_shape(const Shapes& shapes) {
  return std::any_of(shapes.begin(), shapes.end(), [](const Shape& shape) {
    return shape.op == Shape::Op::date || shape.op == Shape::Op::strftime;
  });
}

} // namespace

int Solver::fresh(Place place) {
  parents_.push_back(static_cast<int>(parents_.size()));
  places_.push_back(place);
  sizes_.push_back(1);
  return parents_.back();
}

int Solver::root(int cell) const {
  while (parents_[static_cast<std::size_t>(cell)] != cell)
    cell = parents_[static_cast<std::size_t>(cell)];
  return cell;
}

void Solver::unify(int a, int b) {
  a = root(a);
  b = root(b);
  if (a == b)
    return;
  if (sizes_[static_cast<std::size_t>(a)] < sizes_[static_cast<std::size_t>(b)])
    std::swap(a, b);
  parents_[static_cast<std::size_t>(b)] = a;
  sizes_[static_cast<std::size_t>(a)] += sizes_[static_cast<std::size_t>(b)];
}

const Column& Solver::column_of(int cell) const {
  const auto& place = places_[static_cast<std::size_t>(cell)];
  return model_.tables[place.table].columns[place.column];
}

void Solver::note_hint(int cell, const Shapes& shapes, const Value& value) {
  const auto& place = places_[static_cast<std::size_t>(cell)];
  auto& column = model_.tables[place.table].columns[place.column];
  const auto* text = std::get_if<std::string>(&value);
  if (column.kind == Kind::text && ((text && is_date_text(*text)) || has_date_shape(shapes)))
    column.kind = Kind::moment;
  auto& hints = hints_[{place.table, place.column}];
  for (auto& each : backward(shapes, value))
    if (hints.size() < kHintsMax && std::find(hints.begin(), hints.end(), each) == hints.end())
      hints.push_back(std::move(each));
}

void Solver::require(int cell, const Shapes& shapes, std::string op, Value value) {
  if (is_null(value))
    return;
  note_hint(cell, shapes, value);
  conditions_[cell].push_back({shapes, std::move(op), std::move(value)});
}

void Solver::require_null(int cell, bool null) {
  conditions_[cell].push_back({{}, null ? "NULL" : "NOT NULL", {}});
}

void Solver::require_like(int cell, const std::string& pattern, bool glob, bool match) {
  const std::string op = glob ? "GLOB" : "LIKE";
  conditions_[cell].push_back({{}, match ? op : "NOT " + op, Value(pattern)});
}

void Solver::relate(const Term& a, const std::string& op, const Term& b) {
  if (op == "=" && a.shapes.empty() && b.shapes.empty())
    return unify(a.cell, b.cell);
  for (const Term* each : {&a, &b})
    if (has_date_shape(each->shapes))
      note_hint(each->cell, each->shapes, Value(std::string("2024-01-01")));
  relations_.push_back({a, op, b});
}

Values Solver::candidates(const Condition& condition, const Column& column) {
  Values out;
  const auto add = [&](const Value& value) {
    if (auto fits = as_kind(value, column.kind, column.typed_date))
      out.push_back(std::move(*fits));
  };
  const auto& op = condition.op;
  if (op == "NULL")
    return {Value{}};
  if (op == "LIKE" || op == "GLOB" || op == "NOT LIKE" || op == "NOT GLOB") {
    const auto& pattern = std::get<std::string>(condition.value);
    const bool glob = op == "GLOB" || op == "NOT GLOB";
    for (const auto& value :
         op[0] == 'N' ? almost_matching(pattern, glob, rng_) : matching(pattern, glob, rng_))
      add(value);
    return out;
  }
  if (!is_comparison(op))
    return out;
  // What the function of the cell should give, then the cell that gives it.
  const auto kind = condition.shapes.empty() ? column.kind : Kind::any;
  const auto* text = std::get_if<std::string>(&condition.value);
  const auto seen = kind == Kind::any && text && is_date_text(*text) ? Kind::moment : kind;
  Values targets;
  if (op == "=" || op == "<=" || op == ">=")
    targets.push_back(condition.value);
  if (op == ">" || op == ">=" || op == "<>")
    for (auto& each : just_above(condition.value, seen, column.typed_date))
      targets.push_back(std::move(each));
  if (op == "<" || op == "<=" || op == "<>")
    for (auto& each : just_below(condition.value, seen, column.typed_date))
      targets.push_back(std::move(each));
  if (targets.size() > 8 && rng_.chance(0.7)) { // the boundary first
    rng_.shuffle(targets);
    targets.resize(8);
    if (op == "<=" || op == ">=")
      targets.push_back(condition.value);
  }
  for (const auto& target : targets)
    for (const auto& value : backward(condition.shapes, target))
      add(value);
  return out;
}

bool Solver::meets(const Value& value, const std::vector<Condition>& all) const {
  return std::all_of(all.begin(), all.end(), [&](const Condition& condition) {
    if (condition.op == "NOT NULL")
      return !is_null(value);
    if (condition.op == "NULL")
      return is_null(value);
    if (!is_comparison(condition.op))
      return true;
    const auto seen = forward(condition.shapes, value);
    return !seen || holds(*seen, condition.op, condition.value).value_or(false);
  });
}

void Solver::solve_class(int cell) {
  const int top = root(cell);
  if (chosen_.contains(top))
    return;
  const auto found = gathered_.find(top);
  if (found == gathered_.end() || found->second.empty())
    return;
  const auto& column = column_of(top);
  Values all;
  for (const auto& condition : found->second)
    for (auto& each : candidates(condition, column))
      all.push_back(std::move(each));
  if (all.empty() || (all.size() < 4 && found->second.size() > 1))
    for (const auto& each : plain_values(column.kind, column.typed_date))
      all.push_back(each);
  Values good;
  for (const auto& each : all)
    if (meets(each, found->second))
      good.push_back(each);
  const auto& from = good.empty() ? all : good;
  if (!from.empty())
    chosen_[top] = rng_.pick(from);
}

void Solver::settle(const Relation& relation) {
  const int a = root(relation.a.cell);
  const int b = root(relation.b.cell);
  if (chosen_.contains(a) && chosen_.contains(b))
    return;
  const bool from_b = !chosen_.contains(a);
  const Term& known = from_b ? relation.b : relation.a;
  const Term& open = from_b ? relation.a : relation.b;
  const int known_root = root(known.cell);
  solve_class(known_root);
  if (!chosen_.contains(known_root)) {
    const auto& column = column_of(known_root);
    chosen_[known_root] = rng_.pick(plain_values(column.kind, column.typed_date));
  }
  if (const auto value = forward(known.shapes, chosen_[known_root]); value && !is_null(*value))
    gathered_[root(open.cell)].push_back(
        {open.shapes, from_b ? relation.op : mirrored(relation.op), *value});
  solve_class(open.cell);
}

void Solver::solve() {
  for (const auto& [cell, conditions] : conditions_) {
    auto& all = gathered_[root(cell)];
    all.insert(all.end(), conditions.begin(), conditions.end());
  }
  for (const auto& relation : relations_)
    settle(relation);
  for (const auto& [cell, conditions] : gathered_)
    solve_class(cell);
  for (int cell = 0; cell < static_cast<int>(parents_.size()); ++cell) {
    const int top = root(cell);
    if (sizes_[static_cast<std::size_t>(top)] < 2 || chosen_.contains(top))
      continue;
    // Joined cells share a value even when nothing else is asked of them.
    const auto& place = places_[static_cast<std::size_t>(top)];
    const auto& column = column_of(top);
    const bool whole = column.kind == Kind::integer || column.kind == Kind::any;
    if (whole && model_.tables[place.table].is_key_part(place.column) && rng_.chance(0.7)) {
      chosen_[top] = Value(next_key_++);
      continue;
    }
    const auto& plain = plain_values(column.kind, column.typed_date);
    const auto hints = hints_.find({place.table, place.column});
    if (hints != hints_.end() && rng_.chance(0.3))
      if (auto fits = as_kind(rng_.pick(hints->second), column.kind, column.typed_date)) {
        chosen_[top] = *fits;
        continue;
      }
    chosen_[top] = rng_.pick(plain);
  }
}

std::optional<Value> Solver::value(int cell) const {
  const auto found = chosen_.find(root(cell));
  return found == chosen_.end() ? std::nullopt : std::optional(found->second);
}

bool Solver::is_free(int cell) const {
  return !chosen_.contains(root(cell));
}

} // namespace quill::judge::proof
