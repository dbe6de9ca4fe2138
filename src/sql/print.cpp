#include <utility>

#include "quill/sql/parse.hpp"
#include "sql/names.hpp"
#include "sql/printer.hpp"

namespace quill::sql {
namespace {

constexpr std::size_t kLineWidth = 80;

const char* join_text(Join::Kind kind) {
  switch (kind) {
  case Join::Kind::inner:
  case Join::Kind::comma:
    return "JOIN ";
  case Join::Kind::left:
    return "LEFT JOIN ";
  case Join::Kind::right:
    return "RIGHT JOIN ";
  case Join::Kind::full:
    return "FULL JOIN ";
  case Join::Kind::cross:
    return "CROSS JOIN ";
  }
  return "";
}

const char* set_text(const SetOperation& set) {
  switch (set.kind) {
  case SetOperation::Kind::union_:
    return set.all ? "UNION ALL" : "UNION";
  case SetOperation::Kind::intersect:
    return "INTERSECT";
  case SetOperation::Kind::except:
    return "EXCEPT";
  }
  return "";
}

std::string as_alias(const std::string& alias) {
  return alias.empty() ? "" : " AS " + quoted_name(alias);
}

std::string name_list(const std::vector<std::string>& names) {
  std::string result = "(";
  for (const auto& name : names)
    result += (result.size() > 1 ? ", " : "") + quoted_name(name);
  return result + ")";
}

} // namespace

std::string print_sqlite(const Query& query) {
  Printer printer(false);
  printer.query(query);
  return printer.take();
}

std::string print_sqlite(const Expr& expr) {
  Printer printer(false);
  printer.expr(expr);
  return printer.take();
}

std::string print_sqlite_pretty(const Query& query) {
  Printer printer(true);
  printer.query(query);
  return printer.take();
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
  if (query.limit || query.offset)
    clause("LIMIT ");
  if (query.limit)
    expr(*query.limit);
  else if (query.offset)
    out_ += "-1"; // SQLite has no OFFSET without LIMIT
  if (query.offset) {
    out_ += " OFFSET ";
    expr(*query.offset);
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
  out_ += quoted_name(cte.name);
  if (!cte.columns.empty())
    out_ += name_list(cte.columns);
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
  else
    set_operation(std::get<SetOperation>(body.node), query);
}

// An arm that is a compound itself can only stand on the right as a sub-query.
void Printer::arm(const Body& body, bool right) {
  static const Query kNoTail{};
  if (!right || !std::holds_alternative<SetOperation>(body.node))
    return this->body(body, kNoTail);
  out_ += "SELECT * FROM ";
  Query inner;
  inner.body = clone(body);
  nested(inner);
}

void Printer::set_operation(const SetOperation& set, const Query& query) {
  (void)query;
  arm(*set.left, false);
  clause(set_text(set));
  new_line();
  arm(*set.right, true);
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
  items(select);
  if (select.from) {
    clause("FROM ");
    from(*select.from);
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
    out_ += quoted_name(query.windows[i].name) + " AS ";
    window(query.windows[i].window);
  }
}

void Printer::item(const SelectItem& item) {
  expr(*item.expr);
  out_ += as_alias(item.alias);
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
    this->expr(*node->left, 2);
  clause("AND ");
  this->expr(*node->right, 3);
}

void Printer::source(const From& from) {
  if (const auto* table = std::get_if<TableName>(&from.node)) {
    if (!table->schema.empty())
      out_ += quoted_name(table->schema) + '.';
    out_ += quoted_name(table->name) + as_alias(table->alias);
  } else if (const auto* derived = std::get_if<Derived>(&from.node)) {
    nested(*derived->query);
    out_ += as_alias(derived->alias);
  } else {
    out_ += '(';
    this->from(from);
    out_ += ')';
  }
}

void Printer::from(const From& from) {
  if (const auto* node = std::get_if<Join>(&from.node))
    join(*node);
  else
    source(from);
}

void Printer::join(const Join& join) {
  from(*join.left);
  if (join.kind == Join::Kind::comma && !join.natural && !join.on && join.using_columns.empty()) {
    out_ += ", ";
    return source(*join.right);
  }
  indent_ += 2;
  new_line();
  indent_ -= 2;
  if (join.natural)
    out_ += "NATURAL ";
  out_ += join_text(join.kind);
  source(*join.right);
  if (join.on) {
    out_ += " ON ";
    expr(*join.on);
  } else if (!join.using_columns.empty()) {
    out_ += " USING " + name_list(join.using_columns);
  }
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
    part(quoted_name(window.base));
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
