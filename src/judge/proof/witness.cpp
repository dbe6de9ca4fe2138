#include "judge/proof/witness.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "quill/sql/name.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge::proof {

namespace {

using sql::lower;

using engine::Value;

constexpr std::size_t kCellsMax = 20'000;
constexpr std::size_t kVisitsMax = 6'000;
constexpr int kDepthMax = 16;

bool is_comparison(const std::string& op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

bool has_group(const sql::Select& select) {
  if (!select.group_by.empty() || select.having)
    return true;
  return std::any_of(select.items.begin(), select.items.end(),
                     [](const auto& item) { return sql::has_aggregate(*item.expr); });
}

const sql::Window* window_of(const sql::Select& select) {
  const sql::Window* found = nullptr;
  for (const auto& item : select.items)
    sql::walk(
        *item.expr,
        [&](const sql::Expr& part) {
          const auto* call = part.as<sql::Call>();
          if (found == nullptr && call != nullptr && call->over)
            found = call->over.get();
          return sql::Descend::yes;
        },
        false);
  return found;
}

} // namespace

Witness::Witness(Model& model, const Declared& declared, Rng& rng, WitnessStyle style)
    : model_(model), declared_(declared), rng_(rng), style_(style), solver_(model, rng) {}

void Witness::add_row(std::size_t table) {
  if (!exhausted())
    row_of(table);
}

void Witness::add(const sql::Query& query) {
  satisfy(query, nullptr);
  finish_groups();
}

bool Witness::exhausted() const {
  return visits_ > kVisitsMax || solver_.size() > kCellsMax;
}

Witness::Env& Witness::make_env(const Env* outer) {
  auto& env = envs_.emplace_back();
  env.outer = outer;
  env.depth = outer != nullptr ? outer->depth + 1 : 0;
  return env;
}

// ---- blocks ---

Witness::Outputs Witness::satisfy(const sql::Query& query, const Env* outer) {
  ++visits_;
  Env& env = make_env(outer);
  if (exhausted() || env.depth > kDepthMax)
    return {};
  for (const auto& cte : query.with)
    env.ctes.push_back(&cte);
  return satisfy(query.body, env);
}

Witness::Outputs Witness::satisfy(const sql::Body& body, Env& env) {
  if (const auto* set = std::get_if<sql::SetOperation>(&body.node))
    return satisfy_set(*set, env);
  if (const auto* select = std::get_if<sql::Select>(&body.node))
    return satisfy(*select, make_env(&env));
  Outputs out;
  const auto& values = std::get<sql::Values>(body.node);
  if (!values.rows.empty())
    for (const auto& item : rng_.pick(values.rows))
      out.emplace_back("column" + std::to_string(out.size() + 1), term(*item, env));
  return out;
}

Witness::Outputs Witness::satisfy_set(const sql::SetOperation& set, Env& env) {
  using Of = sql::SetOperation::Kind;
  const bool right_too = set.kind == Of::intersect || rng_.chance(0.6);
  const bool alike = set.kind == Of::intersect || rng_.chance(0.4);
  const bool only_right = set.kind == Of::union_ && rng_.chance(0.2);
  if (only_right)
    return satisfy(*set.right, env);
  auto out = satisfy(*set.left, env);
  if (!right_too)
    return out;
  const auto right = satisfy(*set.right, env);
  for (std::size_t i = 0; alike && i < std::min(out.size(), right.size()); ++i)
    assume_pair(out[i].second, "=", right[i].second);
  return out;
}

Witness::Outputs Witness::satisfy(const sql::Select& select, Env& env) {
  ++visits_;
  if (exhausted() || env.depth > kDepthMax)
    return {};
  env.items = &select.items;
  if (select.from)
    build_from(*select.from, env, nullptr);
  if (select.where)
    assume(*select.where, env, true);
  open_group(select, env);
  if (select.having)
    assume(*select.having, env, true);
  return outputs_of_items(select, env);
}

/// Blocks whose answer depends on several rows get more of them: groups, windows, DISTINCT.
void Witness::open_group(const sql::Select& select, Env& env) {
  const auto* window = window_of(select);
  const bool grouped = has_group(select);
  if (!select.from || (!grouped && window == nullptr && !select.distinct))
    return;
  Group group;
  group.select = &select;
  group.outer = env.outer;
  group.first = &env;
  if (grouped)
    for (const auto& key : select.group_by)
      group.keys.push_back(key.get());
  else if (window != nullptr)
    for (const auto& key : window->partition_by)
      group.keys.push_back(key.get());
  else
    for (const auto& item : select.items)
      group.keys.push_back(item.expr.get());
  group.keys_alike = grouped ? 0.9 : window != nullptr ? 0.8 : 0.6;
  for (const auto& item : select.items)
    sql::walk(
        *item.expr,
        [&](const sql::Expr& part) {
          const auto* call = part.as<sql::Call>();
          if (call != nullptr && !call->args.empty() &&
              sql::is_aggregate_name(call->name, call->args.size()))
            group.arguments.push_back(call->args[0].get());
          return sql::Descend::yes;
        },
        false);
  if (grouped)
    env.group = groups_.size();
  groups_.push_back(std::move(group));
}

Witness::Outputs Witness::outputs_of_items(const sql::Select& select, Env& env) {
  Outputs out;
  for (const auto& item : select.items) {
    if (const auto* star = item.expr->as<sql::Star>()) {
      for (const auto& leaf : env.leaves)
        if (star->table.empty() || same_name(star->table, leaf.name))
          out.insert(out.end(), leaf.outputs.begin(), leaf.outputs.end());
      continue;
    }
    std::string name = item.alias;
    if (const auto* column = item.expr->as<sql::Column>(); column != nullptr && name.empty())
      name = column->name;
    out.emplace_back(name, term(*item.expr, env));
  }
  return out;
}

// ---- FROM ---

Witness::Outputs Witness::row_of(std::size_t table) {
  Outputs out;
  std::vector<int> cells;
  const auto& columns = model_.tables[table].columns;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    cells.push_back(solver_.fresh({table, c}));
    out.emplace_back(columns[c].name, Term{.kind = Term::Kind::cell, .cell = cells.back()});
  }
  rows_.emplace_back(table, std::move(cells));
  obey_checks(table, out);
  return out;
}

void Witness::obey_checks(std::size_t table, const Outputs& row) {
  const auto found = declared_.checks.find(table);
  if (found == declared_.checks.end())
    return;
  Env& env = make_env(nullptr);
  env.leaves.push_back({model_.tables[table].name, row, false});
  const double miss = std::exchange(style_.miss, 0);
  for (const auto& check : found->second)
    if (const auto* select = check->select(); select != nullptr && select->where)
      assume(*select->where, env, true);
  style_.miss = miss;
}

void Witness::build_from(const sql::From& from, Env& env, const Env* shared) {
  if (exhausted())
    return;
  if (const auto* join = std::get_if<sql::Join>(&from.node))
    return build_join(*join, env, shared);
  build_leaf(from, env, shared);
}

void Witness::build_leaf(const sql::From& from, Env& env, const Env* shared) {
  const std::size_t at = env.leaves.size();
  Leaf leaf;
  if (const auto* derived = std::get_if<sql::Derived>(&from.node)) {
    leaf.name = derived->alias;
    leaf.outputs = satisfy(*derived->query, env.outer);
    env.leaves.push_back(std::move(leaf));
    return;
  }
  const auto& table = std::get<sql::TableName>(from.node);
  leaf.name = table.alias.empty() ? table.name : table.alias;
  for (const Env* e = &env; e != nullptr; e = e->outer)
    for (const auto* cte : e->ctes) {
      if (!same_name(cte->name, table.name))
        continue;
      const auto open = std::count(open_ctes_.begin(), open_ctes_.end(), cte);
      if (open < 2) { // a recursive one is entered once from within itself
        open_ctes_.push_back(cte);
        leaf.outputs = satisfy(*cte->query, e);
        open_ctes_.pop_back();
        for (std::size_t c = 0; c < std::min(cte->columns.size(), leaf.outputs.size()); ++c)
          leaf.outputs[c].first = cte->columns[c];
      }
      env.leaves.push_back(std::move(leaf));
      return;
    }
  if (const auto number = model_.table(table.name)) {
    leaf.base = true;
    const bool share = shared != nullptr && at < shared->leaves.size() && shared->leaves[at].base &&
                       rng_.chance(0.45);
    leaf.outputs = share ? shared->leaves[at].outputs : row_of(*number);
  } else if (const auto view = declared_.views.find(lower(table.name));
             view != declared_.views.end()) {
    if (env.depth < kDepthMax)
      leaf.outputs = satisfy(*view->second, nullptr);
  }
  env.leaves.push_back(std::move(leaf));
}

void Witness::build_join(const sql::Join& join, Env& env, const Env* shared) {
  build_from(*join.left, env, shared);
  const std::size_t middle = env.leaves.size();
  build_from(*join.right, env, shared);
  using Of = sql::Join::Kind;
  const bool outer = join.kind == Of::left || join.kind == Of::right || join.kind == Of::full;
  if (outer && rng_.chance(0.3)) {
    if (join.on && rng_.chance(0.5))
      assume(*join.on, env, false);
    return; // the other side finds no partner, unless chance has it
  }
  if (join.on)
    assume(*join.on, env, true);
  for (std::size_t l = 0; l < middle; ++l)
    for (const auto& [name, left] : env.leaves[l].outputs)
      for (std::size_t r = middle; r < env.leaves.size(); ++r)
        for (const auto& [other, right] : env.leaves[r].outputs) {
          const bool named = std::any_of(join.using_columns.begin(), join.using_columns.end(),
                                         [&, &n = name](const auto& u) { return same_name(u, n); });
          if ((join.natural || named) && same_name(name, other) && !rng_.chance(style_.miss / 2))
            assume_pair(left, "=", right);
        }
}

// ---- conditions ---

void Witness::assume(const sql::Expr& expr, Env& env, bool truth) {
  ++visits_;
  if (exhausted())
    return;
  if (const auto* unary = expr.as<sql::Unary>(); unary != nullptr && unary->op == "NOT")
    return assume(*unary->arg, env, !truth);
  const auto* binary = expr.as<sql::Binary>();
  if (binary != nullptr && (binary->op == "AND" || binary->op == "OR")) {
    const bool both = (binary->op == "AND") == truth;
    const bool left = both || rng_.chance(0.55);
    if (left)
      assume(*binary->left, env, truth);
    if (both || !left)
      assume(*binary->right, env, truth);
    else if (rng_.chance(0.5))
      assume(*binary->right, env, !truth); // one alone decides
    return;
  }
  if (rng_.chance(style_.miss))
    truth = !truth;
  if (binary != nullptr)
    return assume_comparison(*binary, env, truth);
  if (const auto* between = expr.as<sql::Between>()) {
    truth = truth != between->negated;
    const auto arg = term(*between->arg, env);
    const bool low_side = rng_.chance(0.5);
    if (truth || low_side)
      assume_pair(arg, truth ? ">=" : "<", term(*between->low, env));
    if (truth || !low_side)
      assume_pair(arg, truth ? "<=" : ">", term(*between->high, env));
  } else if (const auto* null = expr.as<sql::IsNull>()) {
    const auto arg = term(*null->arg, env);
    if (is_cell(arg))
      solver_.require_null(arg.cell, truth != null->negated);
  } else if (const auto* list = expr.as<sql::InList>()) {
    truth = truth != list->negated;
    const auto arg = term(*list->arg, env);
    if (truth && !list->items.empty())
      assume_pair(arg, "=", term(*rng_.pick(list->items), env));
    for (std::size_t i = 0; !truth && i < list->items.size(); ++i)
      assume_pair(arg, "<>", term(*list->items[i], env));
  } else if (const auto* match = expr.as<sql::Match>()) {
    const auto arg = term(*match->arg, env);
    const auto pattern = term(*match->pattern, env);
    const auto* text = std::get_if<std::string>(&pattern.value);
    if (is_cell(arg) && is_constant(pattern) && text != nullptr)
      solver_.require_like(arg.cell, *text, match->op == "GLOB", truth != match->negated);
  } else if (const auto* in = expr.as<sql::InQuery>()) {
    assume_in(*in, env, truth != in->negated);
  } else if (const auto* exists = expr.as<sql::Exists>()) {
    if (truth != exists->negated || rng_.chance(0.25))
      satisfy(*exists->query, &env);
  } else if (const auto* node = expr.as<sql::Case>()) {
    assume_case(*node, env);
  } else {
    look_into(expr, env);
    const auto itself = term(expr, env);
    if (is_cell(itself))
      solver_.require(itself.cell, itself.shapes, truth ? "<>" : "=", Value(std::int64_t{0}));
  }
}

void Witness::assume_comparison(const sql::Binary& binary, Env& env, bool truth) {
  std::string op = binary.op;
  if (op == "IS")
    op = "=";
  if (op == "IS NOT")
    op = "<>";
  if (!is_comparison(op)) {
    const auto itself = term_of_binary(binary, env);
    if (is_cell(itself))
      solver_.require(itself.cell, itself.shapes, truth ? "<>" : "=", Value(std::int64_t{0}));
    return;
  }
  const auto* rows_left = binary.left->as<sql::RowValue>();
  const auto* rows_right = binary.right->as<sql::RowValue>();
  if (!truth)
    op = negated(op);
  if (rows_left != nullptr && rows_right != nullptr) {
    for (std::size_t i = 0; i < std::min(rows_left->items.size(), rows_right->items.size()); ++i)
      assume_pair(term(*rows_left->items[i], env), op, term(*rows_right->items[i], env));
    return;
  }
  if (assume_difference(binary, op, env))
    return;
  assume_pair(term(*binary.left, env), op, term(*binary.right, env));
}

/// x - y > c as x > y + c.
bool Witness::assume_difference(const sql::Binary& binary, const std::string& op, Env& env) {
  const auto* difference = binary.left->as<sql::Binary>();
  const auto* literal = binary.right->as<sql::Literal>();
  if (difference == nullptr || difference->op != "-" || literal == nullptr)
    return false;
  const auto value = value_of_literal(*literal);
  const auto number = value ? number_of(*value) : std::nullopt;
  if (!number || sql::has_aggregate(*difference->left) || sql::has_aggregate(*difference->right))
    return false;
  const auto left = term(*difference->left, env);
  auto right = term(*difference->right, env);
  if (!is_cell(left) || !is_cell(right)) {
    assume_pair(combined("-", left, right), op, constant(*value));
    return true;
  }
  const bool days = !right.shapes.empty() && right.shapes.back().op == Shape::Op::date;
  if (days)
    right.shapes.back().number += *number;
  else
    right.shapes.push_back({Shape::Op::add, *number});
  solver_.relate(left, op, right);
  return true;
}

void Witness::assume_pair(const Term& left, const std::string& op, const Term& right) {
  if (is_aggregate(left) && is_constant(right) && left.group < groups_.size()) {
    const auto targets = backward(left.shapes, right.value);
    groups_[left.group].wishes.push_back({left, op, targets.empty() ? right.value : targets[0]});
  } else if ((is_constant(left) || is_cell(left)) && is_aggregate(right)) {
    assume_pair(right, mirrored(op), left);
  } else if (is_aggregate(left) && is_cell(right)) {
    const bool carries = left.function == "max" || left.function == "min" ||
                         left.function == "avg" || left.function == "sum";
    if (carries && left.cell >= 0) {
      solver_.relate(right, mirrored(op), Term{.kind = Term::Kind::cell, .cell = left.cell});
    } else if (left.function == "count" && left.group < groups_.size()) {
      const Value size(rng_.between(1, 3));
      groups_[left.group].wishes.push_back({left, "=", size});
      solver_.require(right.cell, right.shapes, mirrored(op), size);
    }
  } else if (is_cell(left) && is_constant(right)) {
    solver_.require(left.cell, left.shapes, op, right.value);
  } else if (is_constant(left) && is_cell(right)) {
    solver_.require(right.cell, right.shapes, mirrored(op), left.value);
  } else if (is_cell(left) && is_cell(right)) {
    solver_.relate(left, op, right);
  }
}

void Witness::assume_in(const sql::InQuery& in, Env& env, bool truth) {
  std::vector<Term> wanted;
  if (const auto* row = in.arg->as<sql::RowValue>())
    for (const auto& item : row->items)
      wanted.push_back(term(*item, env));
  else
    wanted.push_back(term(*in.arg, env));
  if (!truth && rng_.chance(0.3))
    return;
  const auto found = satisfy(*in.query, &env);
  for (std::size_t i = 0; i < std::min(wanted.size(), found.size()); ++i) {
    if (truth)
      assume_pair(wanted[i], "=", found[i].second);
    else if (is_cell(found[i].second) && rng_.chance(0.4))
      solver_.require_null(found[i].second.cell, true); // NOT IN over a NULL
    else
      assume_pair(wanted[i], "<>", found[i].second);
  }
}

void Witness::assume_case(const sql::Case& node, Env& env) {
  if (node.branches.empty() || rng_.chance(0.25))
    return;
  const auto& branch = node.branches[rng_.below(node.branches.size())];
  if (node.operand)
    assume_pair(term(*node.operand, env), "=", term(*branch.when, env));
  else
    assume(*branch.when, env, true);
}

/// Sub-queries in places where nothing is asked of their answer get rows all the same.
void Witness::look_into(const sql::Expr& expr, Env& env) {
  sql::walk(
      expr,
      [&](const sql::Expr& part) {
        if (const auto* exists = part.as<sql::Exists>(); exists != nullptr && rng_.chance(0.7))
          satisfy(*exists->query, &env);
        else if (const auto* in = part.as<sql::InQuery>())
          assume_in(*in, env, rng_.chance(0.6));
        else if (const auto* node = part.as<sql::Case>())
          assume_case(*node, env);
        else if (const auto* call = part.as<sql::Call>();
                 call != nullptr && call->filter && rng_.chance(0.7))
          assume(*call->filter, env, true);
        return sql::Descend::yes;
      },
      false);
}

// ---- the result ---

/// Two rows of one table whose key is the same cell are one row.
void Witness::merge_rows_of_one_key() {
  for (std::size_t a = 0; a < rows_.size(); ++a)
    for (std::size_t b = a + 1; b < rows_.size() && rows_.size() < 200; ++b) {
      if (rows_[a].first != rows_[b].first)
        continue;
      for (const auto& key : model_.tables[rows_[a].first].keys) {
        const bool same = std::all_of(key.begin(), key.end(), [&](std::size_t c) {
          return solver_.root(rows_[a].second[c]) == solver_.root(rows_[b].second[c]);
        });
        if (same)
          for (std::size_t c = 0; c < rows_[a].second.size(); ++c)
            solver_.unify(rows_[a].second[c], rows_[b].second[c]);
      }
    }
}

std::vector<MadeRow> Witness::rows() {
  merge_rows_of_one_key();
  solver_.solve();
  std::vector<MadeRow> out;
  for (const auto& [table, cells] : rows_) {
    MadeRow row{table, {}};
    for (const int cell : cells)
      row.cells.push_back(solver_.value(cell));
    out.push_back(std::move(row));
  }
  return out;
}

} // namespace quill::judge::proof
