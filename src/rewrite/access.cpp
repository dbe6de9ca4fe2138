#include "rewrite/access.hpp"

#include <algorithm>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/blocks.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

void add(std::vector<std::string>& list, const std::string& one) {
  const auto same = [&](const std::string& known) { return same_name(known, one); };
  if (std::none_of(list.begin(), list.end(), same))
    list.push_back(one);
}

class AccessOfSource {
 public:
  AccessOfSource(const Block& block, const sql::Source& source, const sql::Schema& schema)
      : block_(block), source_(source), schema_(schema) {
    access_.table = source.table;
  }

  Access find() {
    each_clause(std::as_const(block_.query), [&](Clause clause, const sql::Expr& expr) {
      if (clause == Clause::where || clause == Clause::on)
        for (const auto* condition : sql::conjuncts(&expr)) {
          look_at(*condition);
          filter(*condition);
        }
      if (clause == Clause::item)
        look_for_extremes(expr);
    });
    order();
    group();
    access_.read = columns_read(block_.query, source_);
    return std::move(access_);
  }

 private:
  /// The table's own name of a column of this source; null for anything else.
  const std::string* own(const sql::Expr& expr) const {
    const auto* column = expr.as<sql::Column>();
    if (column == nullptr || block_.scope.find(*column) != &source_)
      return nullptr;
    const auto* info = source_.table->column(column->name);
    return info == nullptr ? nullptr : &info->name;
  }

  std::string text(const sql::Expr& expr) const {
    auto copy = sql::clone(expr);
    each_slot(copy, [&](sql::ExprPtr& part) {
      if (auto* column = part->as<sql::Column>())
        column->table.clear();
    });
    return sql::print_sqlite(*copy);
  }

  bool is_only_of_source(const sql::Expr& expr) const {
    return !sql::has_subquery(expr) && reads(expr, block_.scope, schema_).only(&source_);
  }

  void look_at(const sql::Expr& condition) {
    if (const auto* in = condition.as<sql::InList>(); in != nullptr && !in->negated)
      listed(*in->arg, condition, true);
    else if (const auto* query = condition.as<sql::InQuery>(); query != nullptr && !query->negated)
      listed(*query->arg, condition, false);
    else if (const auto* between = condition.as<sql::Between>(); between && !between->negated)
      ranged(*between->arg, condition);
    else if (const auto* match = condition.as<sql::Match>(); match && !match->negated)
      matched(*match, condition);
    else if (const auto* test = condition.as<sql::IsNull>())
      tested(*test, condition);
    else if (const auto* logic = condition.as<sql::Binary>(); logic && logic->op == "OR")
      alternatives(condition);
    else if (const auto found = comparison(condition))
      compared(*found, condition);
  }

  void filter(const sql::Expr& condition) {
    bool fixed = is_only_of_source(condition);
    each_expr(condition,
              [&](const sql::Expr& part) { fixed &= part.as<sql::Parameter>() == nullptr; });
    if (fixed)
      add(access_.filters, text(condition));
  }

  void constant_condition(const std::string& column, const sql::Expr& condition) {
    access_.conditions.push_back(text(condition));
    access_.condition_columns.push_back(column);
  }

  void listed(const sql::Expr& arg, const sql::Expr& condition, bool constant) {
    if (const auto* column = own(arg)) {
      add(access_.listed, *column);
      if (constant)
        constant_condition(*column, condition);
    } else if (arg.as<sql::Call>() != nullptr && is_only_of_source(arg)) {
      add(access_.calls, text(arg));
    } else if (const auto* row = arg.as<sql::RowValue>()) {
      for (const auto& item : row->items)
        if (const auto* part = own(*item))
          add(access_.tied, *part);
    }
  }

  void ranged(const sql::Expr& arg, const sql::Expr& condition) {
    if (const auto* column = own(arg)) {
      add(access_.ranged, *column);
      if (!sql::has_subquery(condition) && is_only_of_source(condition))
        constant_condition(*column, condition);
    } else if (!is_literal(arg) && arg.as<sql::Column>() == nullptr && is_only_of_source(arg)) {
      add(access_.calls, text(arg));
    }
  }

  void matched(const sql::Match& match, const sql::Expr& condition) {
    const auto* column = own(*match.arg);
    const auto* pattern = text_value(*match.pattern);
    if (column == nullptr || pattern == nullptr)
      return;
    const bool has_prefix = !pattern->empty() && (*pattern)[0] != '%' && (*pattern)[0] != '_' &&
                            (*pattern)[0] != '*' && (*pattern)[0] != '?';
    if (match.op == "LIKE" && has_prefix)
      add(access_.liked, *column);
    if (match.op == "GLOB" && has_prefix)
      add(access_.ranged, *column);
    constant_condition(*column, condition);
  }

  void tested(const sql::IsNull& test, const sql::Expr& condition) {
    const auto* column = own(*test.arg);
    if (column == nullptr)
      return;
    constant_condition(*column, condition);
    if (!test.negated)
      add(access_.equal, *column);
  }

  /// c = 1 OR c = 2 OR …: SQLite takes it for IN; different columns need an index each.
  void alternatives(const sql::Expr& condition) {
    const auto* logic = condition.as<sql::Binary>();
    for (const auto* side : {logic->left.get(), logic->right.get()}) {
      if (const auto* deeper = side->as<sql::Binary>(); deeper && deeper->op == "OR") {
        alternatives(*side);
        continue;
      }
      for (const auto* part : sql::conjuncts(side)) {
        const auto found = comparison_with_literal(*part);
        const auto* column = found ? own(*found->left) : nullptr;
        if (column != nullptr)
          add(found->op == "=" ? access_.listed : access_.ranged, *column);
        else if (found && found->left->as<sql::Call>() && is_only_of_source(*found->left))
          add(access_.calls, text(*found->left));
      }
    }
  }

  void compared(const Comparison& found, const sql::Expr& condition) {
    if (const auto turned = comparison_with_literal(condition)) {
      if (const auto* column = own(*turned->left); column && turned->op == "=") {
        add(access_.equal, *column);
        constant_condition(*column, condition);
      } else if (turned->op != "<>") {
        ranged(*turned->left, condition);
      } else if (column != nullptr) {
        constant_condition(*column, condition);
      }
      return;
    }
    side(*found.left, *found.right, found.op);
    side(*found.right, *found.left, found.op);
  }

  /// One side of a comparison with something that is no literal.
  void side(const sql::Expr& expr, const sql::Expr& other, const std::string& op) {
    const auto* column = own(expr);
    const auto read = reads(other, block_.scope, schema_);
    if (column == nullptr || read.unknown || read.sources.contains(&source_))
      return;
    if (op != "=" && op != "<>")
      add(access_.ranged, *column);
    else if (op == "=")
      add(other.as<sql::Scalar>() != nullptr ? access_.equal : access_.tied, *column);
  }

  void look_for_extremes(const sql::Expr& expr) {
    each_expr(expr, [&](const sql::Expr& part) {
      const auto* call = part.as<sql::Call>();
      if (call == nullptr || (call->name != "min" && call->name != "max") || call->args.size() != 1)
        return;
      if (const auto* column = own(*call->args[0]))
        add(access_.extremes, *column);
    });
  }

  /// The item that an alias or a position of ORDER BY or GROUP BY stands for; else the expression.
  const sql::Expr& meant(const sql::Expr& expr, bool alias_first) const {
    const auto& items = block_.select.items;
    const auto position = integer_value(expr);
    if (position && *position >= 1 && *position <= static_cast<std::int64_t>(items.size()))
      return *items[static_cast<std::size_t>(*position) - 1].expr;
    const auto* column = expr.as<sql::Column>();
    if (column == nullptr || !column->table.empty() ||
        (!alias_first && block_.scope.find(*column) != nullptr))
      return expr;
    for (const auto& item : items)
      if (same_name(item.alias, column->name))
        return *item.expr;
    return expr;
  }

  void order() {
    for (const auto& term : block_.query.order_by) {
      const auto* column = own(meant(*term.expr, true));
      if (column == nullptr)
        return; // what comes before may still help
      access_.ordered.push_back({*column, term.descending});
    }
  }

  void group() {
    std::vector<std::string> keys;
    std::vector<std::string> terms;
    for (const auto& term : block_.select.group_by) {
      const auto& key = meant(*term, false);
      if (const auto* column = own(key)) {
        add(keys, *column);
        terms.push_back(sql::quoted_name(*column));
      } else if (!is_literal(key) && is_only_of_source(key)) {
        add(access_.calls, text(key));
        add(access_.calls_grouped, text(key));
        terms.push_back(text(key));
      } else {
        return;
      }
    }
    if (terms.size() > keys.size())
      access_.group_terms = std::move(terms);
    if (block_.select.distinct && block_.select.group_by.empty())
      for (const auto& item : block_.select.items) {
        const auto* column = own(*item.expr);
        if (column == nullptr)
          return;
        add(keys, *column);
      }
    access_.grouped = std::move(keys);
  }

  const Block& block_;
  const sql::Source& source_;
  const sql::Schema& schema_;
  Access access_;
};

} // namespace

std::vector<Access> accesses(const Subject& subject) {
  std::vector<Access> all;
  auto copy = sql::clone(*subject.tree);
  each_block(*copy, *subject.schema, [&](Block& block) {
    for (const auto& source : block.scope.sources())
      if (source.table != nullptr)
        all.push_back(AccessOfSource(block, source, *subject.schema).find());
  });
  return all;
}

} // namespace quill::rewrite
