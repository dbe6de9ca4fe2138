#include "optimize/shape_marks.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "quill/sql/similarity.hpp"
#include "quill/sql/walk.hpp"

namespace quill::optimize {

namespace {

using sql::Expr;
using sql::Query;
using sql::Select;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_inequality(std::string_view op) {
  return is_one_of(op, {"<", "<=", ">", ">="});
}
bool is_comparison(std::string_view op) {
  return is_inequality(op) || op == "=" || op == "<>";
}

/// The SELECTs of a body: itself, or the arms of a set operation.
void each_select(const sql::Body& body, const std::function<void(const Select&)>& visit) {
  if (const auto* select = std::get_if<Select>(&body.node)) {
    visit(*select);
  } else if (const auto* set = std::get_if<sql::SetOperation>(&body.node)) {
    each_select(*set->left, visit);
    each_select(*set->right, visit);
  } else if (const auto* arm = std::get_if<sql::Arm>(&body.node)) {
    each_select(arm->query->body, visit);
  }
}

/// What FROM names: aliases, and the tables behind them (doubles kept).
struct Sources {
  std::map<std::string, std::string> names; ///< to the table's name, "" for a derived table
  std::multiset<std::string> tables;
};

void add_source(const sql::From& leaf, Sources& sources) {
  if (const auto* table = std::get_if<sql::TableName>(&leaf.node)) {
    sources.names.emplace(table->alias.empty() ? table->name : table->alias, table->name);
    sources.tables.insert(table->name);
  } else if (const auto* derived = std::get_if<sql::Derived>(&leaf.node)) {
    sources.names.emplace(derived->alias, "");
  }
}

Sources sources_of(const Select& select) {
  Sources sources;
  if (select.from)
    sql::walk_from(*select.from, [&](const sql::From& leaf) { add_source(leaf, sources); });
  return sources;
}

/// Of all blocks of a query.
Sources all_sources(const Query& query) {
  Sources all;
  sql::walk_queries(query, [&](const Query& block) {
    each_select(block.body, [&](const Select& select) {
      auto own = sources_of(select);
      all.names.merge(own.names);
      all.tables.merge(own.tables);
    });
  });
  return all;
}

std::set<std::string> qualifiers(const Expr& expr) {
  std::set<std::string> names;
  sql::walk(expr, [&](const Expr& part) {
    if (const auto* column = part.as<sql::Column>(); column && !column->table.empty())
      names.insert(column->table);
    return sql::Descend::yes;
  });
  return names;
}

class Marker {
 public:
  explicit Marker(const Query& query) : query_(query) {}

  std::array<int, kMarks> take() {
    sql::walk_queries(query_, [&](const Query& block) { this->block(block); });
    sql::walk(query_, [&](const Expr& part) {
      expr(part);
      return sql::Descend::yes;
    });
    return marks_;
  }

 private:
  void mark(Mark mark, bool holds = true) { marks_[static_cast<std::size_t>(mark)] += holds; }

  void block(const Query& block) {
    const bool inner_order = &block != &query_ && !block.order_by.empty() && !block.limit;
    mark(Mark::inner_order, inner_order);
    mark(Mark::unread_work, inner_order);
    mark(Mark::order_limit, !block.order_by.empty() && block.limit);
    mark(Mark::offset, block.offset != nullptr);
    set_operations(block.body);
    each_select(block.body, [&](const Select& select) {
      this->select(select);
      const bool joins = sources_of(select).names.size() > 1;
      mark(Mark::join_order_limit, joins && !block.order_by.empty() && block.limit);
    });
    for (const auto& cte : block.with)
      this->cte(cte);
  }

  void set_operations(const sql::Body& body) {
    const auto* set = std::get_if<sql::SetOperation>(&body.node);
    if (set == nullptr)
      return;
    using Kind = sql::SetOperation::Kind;
    mark(Mark::union_distinct, set->kind == Kind::union_ && !set->all);
    mark(Mark::drops_doubles, set->kind == Kind::union_ && !set->all);
    mark(Mark::union_all, set->kind == Kind::union_ && set->all);
    mark(Mark::intersect, set->kind == Kind::intersect);
    mark(Mark::except, set->kind == Kind::except);
    set_operations(*set->left);
    set_operations(*set->right);
  }

  void cte(const sql::Cte& cte) {
    int reads = 0;
    sql::walk_queries(query_, [&](const Query& block) {
      each_select(block.body, [&](const Select& select) {
        reads += static_cast<int>(sources_of(select).tables.count(cte.name));
      });
    });
    mark(Mark::cte_read_often, reads > 1);
    mark(Mark::grouped_derived, is_grouped(*cte.query));
  }

  static bool is_grouped(const Query& query) {
    const auto* select = query.select();
    return select != nullptr && !select->group_by.empty();
  }

  void select(const Select& select) {
    const auto sources = sources_of(select);
    mark(Mark::drops_doubles, select.distinct);
    unread(select, sources);
    mark(Mark::distinct_join, select.distinct && sources.names.size() > 1);
    mark(Mark::distinct_alone, select.distinct && sources.names.size() == 1);
    mark(Mark::group_after_join, !select.group_by.empty() && sources.names.size() > 1);
    for (auto at = sources.tables.begin(); at != sources.tables.end();
         at = sources.tables.upper_bound(*at))
      mark(Mark::self_join, sources.tables.count(*at) > 1);
    items(select);
    if (select.from)
      from(*select.from, sources);
    condition(select.where.get(), sources, Mark::or_in_where);
    if (select.where)
      subqueries(*select.where, sources);
    for (const auto& item : select.items)
      subqueries(*item.expr, sources);
  }

  /// Tables that a join brings in and nothing but its condition reads.
  void unread(const Select& select, const Sources& sources) {
    std::set<std::string> read;
    bool known = true;
    const auto look = [&](const Expr* expr) {
      if (expr != nullptr)
        sql::walk(*expr, [&](const Expr& part) {
          const auto* column = part.as<sql::Column>();
          known = known && !part.as<sql::Star>() && (!column || !column->table.empty());
          if (column != nullptr)
            read.insert(column->table);
          return sql::Descend::yes;
        });
    };
    for (const auto& item : select.items)
      look(item.expr.get());
    for (const auto& key : select.group_by)
      look(key.get());
    look(select.where.get());
    look(select.having.get());
    for (const auto& [name, table] : sources.names)
      if (known && sources.names.size() > 1 && !read.contains(name)) {
        mark(Mark::unread_source);
        mark(Mark::unread_work);
      }
  }

  void items(const Select& select) {
    std::map<std::string, int> aggregates;
    int scalars = 0;
    for (const auto& item : select.items) {
      sql::walk(
          *item.expr,
          [&](const Expr& part) {
            scalars += part.as<sql::Scalar>() != nullptr;
            if (const auto* call = part.as<sql::Call>(); call && !call->over)
              ++aggregates[call->name];
            return sql::Descend::yes;
          },
          false);
    }
    marks_[static_cast<std::size_t>(Mark::scalar_item)] += scalars;
    marks_[static_cast<std::size_t>(Mark::scalar_siblings)] += std::max(0, scalars - 1);
    mark(Mark::min_and_max,
         select.group_by.empty() && aggregates.contains("min") && aggregates.contains("max"));
  }

  void from(const sql::From& tree, const Sources& sources) {
    if (const auto* join = std::get_if<sql::Join>(&tree.node)) {
      mark(Mark::left_join, join->kind == sql::Join::Kind::left);
      condition(join->on.get(), sources, Mark::or_in_join);
      from(*join->left, sources);
      from(*join->right, sources);
    } else if (const auto* derived = std::get_if<sql::Derived>(&tree.node)) {
      mark(Mark::grouped_derived, is_grouped(*derived->query));
      const auto built = sql::fingerprint(*derived->query, {.names = true, .literals = false});
      mark(Mark::equal_derived, !derived_.insert(built).second);
    }
  }

  /// A condition of WHERE or ON, taken apart at AND.
  void condition(const Expr* expr, const Sources& sources, Mark or_mark) {
    for (const Expr* part : sql::conjuncts(expr)) {
      const auto* binary = part->as<sql::Binary>();
      if (binary == nullptr)
        continue;
      if (binary->op == "OR") {
        const auto left = qualifiers(*binary->left), right = qualifiers(*binary->right);
        mark(or_mark == Mark::or_in_join || (left.size() > 1 && right.size() > 1) ? Mark::or_in_join
             : left != right && sources.names.size() > 1 ? Mark::or_over_sources
                                                         : Mark::or_in_where);
      }
      mark(Mark::inequality_join, is_inequality(binary->op) && joins_two(*binary));
      self_comparison(*binary, sources, sources);
    }
  }

  static bool joins_two(const sql::Binary& binary) {
    const auto left = qualifiers(*binary.left), right = qualifiers(*binary.right);
    return left.size() == 1 && right.size() == 1 && left != right;
  }

  /// Is a reading of a table compared with another reading of it?
  void self_comparison(const sql::Binary& binary, const Sources& here, const Sources& outer) {
    if (!joins_two(binary))
      return;
    const auto table = [&](const Expr& side) {
      const auto name = *qualifiers(side).begin();
      const auto found = here.names.find(name);
      const auto around = outer.names.find(name);
      return found != here.names.end()     ? found->second
             : around != outer.names.end() ? around->second
                                           : std::string();
    };
    const auto left = table(*binary.left);
    const bool same = !left.empty() && left == table(*binary.right);
    mark(Mark::self_inequality, same && is_inequality(binary.op));
    mark(Mark::self_equality, same && binary.op == "=");
  }

  /// What the sub-queries of an expression share with the block around them.
  void subqueries(const Expr& expr, const Sources& outer) {
    sql::walk(
        expr,
        [&](const Expr& part) {
          if (const Query* inner = query_of(part))
            subquery(*inner, outer);
          return sql::Descend::yes;
        },
        false);
  }

  static const Query* query_of(const Expr& expr) {
    if (const auto* scalar = expr.as<sql::Scalar>())
      return scalar->query.get();
    if (const auto* exists = expr.as<sql::Exists>())
      return exists->query.get();
    const auto* in = expr.as<sql::InQuery>();
    return in != nullptr ? in->query.get() : nullptr;
  }

  void subquery(const Query& inner, const Sources& outer) {
    const auto inside = all_sources(inner);
    bool correlated = false, inequality = false;
    const auto is_outer = [&](const Expr& side) {
      const auto names = qualifiers(side);
      return std::any_of(names.begin(), names.end(),
                         [&](const auto& name) { return !inside.names.contains(name); });
    };
    sql::walk(inner, [&](const Expr& part) {
      const auto* column = part.as<sql::Column>();
      correlated |= column && !column->table.empty() && !inside.names.contains(column->table);
      const auto* binary = part.as<sql::Binary>();
      if (binary != nullptr && (is_outer(*binary->left) || is_outer(*binary->right)))
        self_comparison(*binary, inside, outer);
      inequality |= binary && is_inequality(binary->op) &&
                    (is_outer(*binary->left) || is_outer(*binary->right));
      return sql::Descend::yes;
    });
    mark(Mark::correlated, correlated);
    mark(Mark::inequality_inside, inequality);
    mark(Mark::same_table_inside,
         std::any_of(inside.tables.begin(), inside.tables.end(),
                     [&](const auto& table) { return outer.tables.contains(table); }));
  }

  void expr(const Expr& part) {
    if (const auto* exists = part.as<sql::Exists>())
      mark(exists->negated ? Mark::not_exists : Mark::exists);
    else if (const auto* in = part.as<sql::InQuery>())
      mark(in->negated ? Mark::not_in_query : Mark::in_query);
    else if (const auto* scalar = part.as<sql::Scalar>())
      this->scalar(*scalar->query);
    else if (const auto* binary = part.as<sql::Binary>(); binary && is_comparison(binary->op))
      comparison(*binary);
    else if (const auto* match = part.as<sql::Match>())
      mark(Mark::like_prefix, match->op == "LIKE");
    else if (const auto* call = part.as<sql::Call>())
      mark(Mark::window, call->over != nullptr);
  }

  void scalar(const Query& query) {
    const auto* select = query.select();
    mark(Mark::scalar_aggregate, select && select->group_by.empty() && select->items.size() == 1 &&
                                     sql::has_aggregate(*select->items[0].expr));
  }

  void comparison(const sql::Binary& binary) {
    for (const Expr* side : {binary.left.get(), binary.right.get()})
      compared(*side);
  }

  void compared(const Expr& side) {
    if (const auto* scalar = side.as<sql::Scalar>()) {
      mark(Mark::scalar_compared);
      const auto* select = scalar->query->select();
      const auto* call =
          select && select->items.size() == 1 ? select->items[0].expr->as<sql::Call>() : nullptr;
      mark(Mark::count_compared, call && call->name == "count");
    } else if (const auto* call = side.as<sql::Call>()) {
      mark(Mark::date_call,
           is_one_of(call->name, {"date", "datetime", "strftime", "extract", "year", "month",
                                  "date_trunc", "date_part", "to_char", "julianday"}));
      mark(Mark::text_call, is_one_of(call->name, {"substr", "substring", "left", "right", "lower",
                                                   "upper", "trim"}));
      mark(Mark::coalesce_compared, is_one_of(call->name, {"coalesce", "ifnull"}));
    } else if (const auto* sum = side.as<sql::Binary>()) {
      mark(Mark::arithmetic_compared,
           is_one_of(sum->op, {"+", "-", "*", "/"}) && !qualifiers(side).empty());
    } else {
      mark(Mark::cast_compared, side.as<sql::Cast>() != nullptr);
    }
  }

  const Query& query_;
  std::array<int, kMarks> marks_{};
  std::set<std::string> derived_;
};

} // namespace

std::array<int, kMarks> shape_marks(const Query& query) {
  return Marker(query).take();
}

} // namespace quill::optimize
