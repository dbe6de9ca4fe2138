#include <utility>

#include "quill/sql/parse.hpp"
#include "sql/printer.hpp"
#include "sql/strength.hpp"

namespace quill::sql {
namespace {

constexpr std::size_t kLineWidth = 80;

const char* set_text(const SetOperation& set) {
  switch (set.kind) {
  case SetOperation::Kind::union_:
    return set.all ? "UNION ALL" : "UNION";
  case SetOperation::Kind::intersect:
    return set.all ? "INTERSECT ALL" : "INTERSECT";
  case SetOperation::Kind::except:
    return set.all ? "EXCEPT ALL" : "EXCEPT";
  }
  return "";
}

bool is_set(const Body& body) {
  return std::holds_alternative<SetOperation>(body.node);
}

/// PostgreSQL's and DuckDB's INTERSECT binds more than UNION and EXCEPT.
bool binds_less(const Body& left, const SetOperation& set) {
  const auto* inner = std::get_if<SetOperation>(&left.node);
  return inner && set.kind == SetOperation::Kind::intersect &&
         inner->kind != SetOperation::Kind::intersect;
}

/// SQLite's way to say that there is none.
bool is_negative(const Expr& limit) {
  const auto* sign = limit.as<Unary>();
  return sign && sign->op == "-" && sign->arg->as<Literal>();
}

std::string text_of(bool pretty, const Query& query, Dialect dialect) {
  Printer printer(pretty, dialect);
  printer.query(query);
  return printer.take();
}

} // namespace

std::string print(const Query& query, Dialect dialect) {
  return text_of(false, query, dialect);
}

std::string print(const Expr& expr, Dialect dialect) {
  Printer printer(false, dialect);
  printer.expr(expr);
  return printer.take();
}

std::string print_pretty(const Query& query, Dialect dialect) {
  return text_of(true, query, dialect);
}

std::string print_sqlite(const Query& query) {
  return print(query, Dialect::sqlite);
}

std::string print_sqlite(const Expr& expr) {
  return print(expr, Dialect::sqlite);
}

std::string print_sqlite_pretty(const Query& query) {
  return print_pretty(query, Dialect::sqlite);
}

std::string Printer::quoted(const std::string& name) const {
  return quoted_name(name, dialect_);
}

std::string Printer::names(const std::vector<std::string>& names) const {
  std::string result = "(";
  for (const auto& name : names)
    result += (result.size() > 1 ? ", " : "") + quoted(name);
  return result + ")";
}

void Printer::new_line() {
  if (pretty_)
    out_ += '\n' + std::string(indent_, ' ');
  else
    out_ += ' ';
}

void Printer::clause(const char* text) {
  new_line();
  out_ += text;
}

void Printer::nested(const Query& query) {
  if (left_out_ && left_out_->contains(&query)) {
    out_ += "(…)";
    return;
  }
  out_ += '(';
  if (pretty_) {
    indent_ += 2;
    new_line();
  }
  this->query(query);
  if (pretty_) {
    indent_ -= 2;
    new_line();
  }
  out_ += ')';
}

void Printer::query(const Query& query) {
  with(query);
  body(query.body, query);
  if (!query.order_by.empty()) {
    clause("ORDER BY ");
    order(query.order_by);
  }
  limit(query);
}

void Printer::limit(const Query& query) {
  const bool limited = query.limit && (is_sqlite() || !is_negative(*query.limit));
  if (limited && !query.with_ties) {
    clause("LIMIT ");
    expr(*query.limit);
  } else if (is_sqlite() && query.offset) {
    clause("LIMIT -1"); // SQLite has no OFFSET without LIMIT
  }
  if (query.offset && (limited || is_sqlite()))
    out_ += " OFFSET ";
  else if (query.offset)
    clause("OFFSET ");
  if (query.offset)
    expr(*query.offset);
  if (limited && query.with_ties) {
    clause("FETCH FIRST ");
    expr(*query.limit, kPrimary);
    out_ += " ROWS WITH TIES";
  }
}

void Printer::with(const Query& query) {
  if (query.with.empty())
    return;
  out_ += query.recursive ? "WITH RECURSIVE " : "WITH ";
  for (std::size_t i = 0; i < query.with.size(); ++i) {
    if (i > 0)
      out_ += ", ";
    cte(query.with[i]);
  }
  new_line();
}

void Printer::cte(const Cte& cte) {
  out_ += quoted(cte.name);
  if (!cte.columns.empty())
    out_ += names(cte.columns);
  out_ += " AS ";
  if (cte.materialized)
    out_ += *cte.materialized ? "MATERIALIZED " : "NOT MATERIALIZED ";
  nested(*cte.query);
}

void Printer::body(const Body& body, const Query& query) {
  if (const auto* node = std::get_if<Select>(&body.node))
    select(*node, query);
  else if (const auto* rows = std::get_if<Values>(&body.node))
    values(*rows);
  else if (const auto* set = std::get_if<SetOperation>(&body.node))
    set_operation(*set);
  else
    in_parentheses(body);
}

// SQLite knows no parentheses around an arm: there it is a sub-query.
void Printer::in_parentheses(const Body& body) {
  if (is_sqlite())
    out_ += "SELECT * FROM ";
  if (const auto* arm = std::get_if<Arm>(&body.node))
    return nested(*arm->query);
  Query inner;
  inner.body = clone(body);
  nested(inner);
}

void Printer::arm(const Body& body, const SetOperation& set, bool right) {
  static const Query kNoTail{};
  const bool wrapped = right ? is_set(body) : !is_sqlite() && binds_less(body, set);
  if (wrapped)
    in_parentheses(body);
  else
    this->body(body, kNoTail);
}

void Printer::set_operation(const SetOperation& set) {
  arm(*set.left, set, false);
  clause(set_text(set));
  new_line();
  arm(*set.right, set, true);
}

void Printer::values(const Values& values) {
  out_ += "VALUES ";
  for (std::size_t i = 0; i < values.rows.size(); ++i) {
    out_ += i > 0 ? ", (" : "(";
    list(values.rows[i]);
    out_ += ')';
  }
}

void Printer::select(const Select& select, const Query& query) {
  out_ += select.distinct ? "SELECT DISTINCT" : "SELECT";
  if (!select.distinct_on.empty()) {
    out_ += " ON (";
    list(select.distinct_on);
    out_ += ')';
  }
  items(select);
  if (select.from) {
    clause("FROM ");
    from(*select.from, true);
  }
  condition("WHERE ", select.where);
  if (!select.group_by.empty()) {
    clause("GROUP BY ");
    list(select.group_by);
  }
  condition("HAVING ", select.having);
  for (std::size_t i = 0; i < query.windows.size(); ++i) {
    if (i == 0)
      clause("WINDOW ");
    else
      out_ += ", ";
    out_ += quoted(query.windows[i].name) + " AS ";
    window(query.windows[i].window);
  }
}

void Printer::item(const SelectItem& item) {
  expr(*item.expr);
  alias(item.alias, {});
}

// On one line when they fit, else one a line.
void Printer::items(const Select& select) {
  const auto start = out_.size();
  const auto print = [&](bool lines) {
    for (std::size_t i = 0; i < select.items.size(); ++i) {
      if (i > 0)
        out_ += ',';
      if (lines)
        new_line();
      else
        out_ += ' ';
      item(select.items[i]);
    }
  };
  print(false);
  const auto added = std::string_view(out_).substr(start);
  const bool long_line =
      added.size() + indent_ > kLineWidth || added.find('\n') != std::string_view::npos;
  if (!pretty_ || !long_line || select.items.size() < 2)
    return;
  out_.resize(start);
  indent_ += 2;
  print(true);
  indent_ -= 2;
}

void Printer::condition(const char* keyword, const ExprPtr& expr) {
  if (!expr)
    return;
  clause(keyword);
  if (!pretty_)
    return this->expr(*expr);
  indent_ += 2;
  spine(*expr);
  indent_ -= 2;
}

// Each AND of the left spine on its own line; what is nested to the right keeps its parentheses.
void Printer::spine(const Expr& expr) {
  const auto* node = expr.as<Binary>();
  if (!node || node->op != "AND")
    return this->expr(expr);
  const auto* left = node->left->as<Binary>();
  if (left && left->op == "AND")
    spine(*node->left);
  else
    this->expr(*node->left, kAnd);
  clause("AND ");
  this->expr(*node->right, kNot);
}

void Printer::order(const std::vector<OrderTerm>& terms) {
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0)
      out_ += ", ";
    expr(*terms[i].expr);
    if (terms[i].descending)
      out_ += " DESC";
    if (terms[i].nulls_first)
      out_ += *terms[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
}

void Printer::window(const Window& window) {
  std::string blank;
  out_ += '(';
  const auto part = [&](const std::string& text) { out_ += std::exchange(blank, " ") + text; };
  if (!window.base.empty())
    part(quoted(window.base));
  if (!window.partition_by.empty()) {
    part("PARTITION BY ");
    list(window.partition_by);
  }
  if (!window.order_by.empty()) {
    part("ORDER BY ");
    order(window.order_by);
  }
  if (!window.frame.empty())
    part(window.frame);
  out_ += ')';
}

} // namespace quill::sql
