#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "quill/sql/parse.hpp"
#include "sql/names.hpp"
#include "sql/printer.hpp"
#include "sql/strength.hpp"

namespace quill::sql {
namespace {

bool is_operator_char(char c) {
  return std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos;
}

/// 0x1F, which only SQLite reads.
std::string decimal(const std::string& digits) {
  const bool hex = digits.size() > 2 && (digits[1] == 'x' || digits[1] == 'X');
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  if (!hex || std::from_chars(digits.data() + 2, end, value, 16).ptr != end)
    return digits;
  return std::to_string(static_cast<std::int64_t>(value));
}

std::string blob(const std::string& hex, Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return "x'" + hex + "'";
  if (dialect == Dialect::postgres)
    return "CAST('\\x" + hex + "' AS BYTEA)";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += "\\x" + hex.substr(i, 2);
  return "CAST('" + bytes + "' AS BLOB)";
}

/// A type that may stand before its literal: DATE '2000-01-01'.
bool is_literal_type(const std::string& type) {
  static constexpr std::string_view kInterval = "INTERVAL";
  if (type == "DATE" || type == "TIMESTAMP" || type == "TIME" || type == kInterval)
    return true;
  return type == "TIMESTAMP WITH TIME ZONE";
}

const char* set_word(GroupingSet::Kind kind) {
  switch (kind) {
  case GroupingSet::Kind::rollup:
    return "ROLLUP (";
  case GroupingSet::Kind::cube:
    return "CUBE (";
  case GroupingSet::Kind::sets:
    return "GROUPING SETS (";
  case GroupingSet::Kind::empty:
    break;
  }
  return "(";
}

bool is_boolean(const Expr& expr) {
  const auto* literal = expr.as<Literal>();
  return literal && literal->kind == Literal::Kind::boolean;
}

std::string operator_text(const Binary& n, Dialect dialect) {
  if (dialect == Dialect::sqlite || (n.op != "IS" && n.op != "IS NOT"))
    return n.op;
  if (is_boolean(*n.right))
    return n.op;
  return n.op == "IS" ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM";
}

} // namespace

void Printer::expr(const Expr& expr, int strength) {
  const bool parentheses = strength_of(expr, dialect_) < strength;
  if (parentheses)
    out_ += '(';
  std::visit([this](const auto& n) { node(n); }, expr.node);
  if (parentheses)
    out_ += ')';
}

void Printer::list(const std::vector<ExprPtr>& exprs) {
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    if (i > 0)
      out_ += ", ";
    expr(*exprs[i]);
  }
}

void Printer::bound(const Expr& expr) {
  if (is_plain_bound(expr, dialect_))
    return this->expr(expr, kOperandOfTest);
  out_ += '(';
  this->expr(expr);
  out_ += ')';
}

void Printer::node(const Column& n) {
  if (!n.schema.empty() && !is_sqlite())
    out_ += quoted(n.schema) + '.';
  if (!n.table.empty())
    out_ += quoted(n.table) + '.';
  const auto name = quoted(n.name);
  // A name that may be a string keeps its quotes.
  out_ += n.quoted && !name.starts_with('"') ? '"' + name + '"' : name;
}

void Printer::node(const Star& n) {
  out_ += n.table.empty() ? "*" : quoted(n.table) + ".*";
}

void Printer::node(const Literal& n) {
  switch (n.kind) {
  case Literal::Kind::null:
    out_ += "NULL";
    return;
  case Literal::Kind::string:
    out_ += quoted_text(n.text);
    return;
  case Literal::Kind::blob:
    out_ += blob(n.text, dialect_);
    return;
  case Literal::Kind::integer:
    out_ += is_sqlite() ? n.text : decimal(n.text);
    return;
  case Literal::Kind::real:
  case Literal::Kind::boolean:
    out_ += n.text;
    return;
  }
}

void Printer::node(const Parameter& n) {
  out_ += n.name;
}

void Printer::node(const Unary& n) {
  if (n.op == "NOT") {
    out_ += "NOT ";
    return expr(*n.arg, kNot);
  }
  // "--" would begin a comment, and PostgreSQL reads signs in a row as one operator.
  const bool sign = n.op == "-" || n.op == "+";
  if (!out_.empty() && (is_sqlite() ? out_.back() == '-' : is_operator_char(out_.back())))
    out_ += ' ';
  out_ += n.op;
  expr(*n.arg, is_sqlite() || sign ? kSign : kPrimary);
}

void Printer::node(const Binary& n) {
  const int own = strength_of(n.op, dialect_);
  const bool test = own == kEquality || own == kComparison;
  const int side = own == kLowest ? kPrimary : test ? kOperandOfTest : own;
  expr(*n.left, side);
  out_ += ' ' + operator_text(n, dialect_) + ' ';
  expr(*n.right, test || own == kLowest ? side : own + 1);
}

void Printer::node(const Between& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " NOT BETWEEN " : " BETWEEN ";
  if (n.symmetric)
    out_ += "SYMMETRIC ";
  bound(*n.low);
  out_ += " AND ";
  expr(*n.high, kOperandOfTest);
}

void Printer::node(const Match& n) {
  if (n.op == "REGEXP" && !is_sqlite())
    return regexp(n);
  if (n.op == "GLOB" && dialect_ == Dialect::postgres && glob(n))
    return;
  expr(*n.arg, kOperandOfTest);
  // SQLite's LIKE does not tell letter case.
  const bool like = is_sqlite() && n.op == "ILIKE";
  out_ += (n.negated ? " NOT " : " ") + (like ? "LIKE" : n.op) + ' ';
  expr(*n.pattern, kOperandOfTest);
  if (n.escape) {
    out_ += " ESCAPE ";
    expr(*n.escape, kOperandOfTest);
  }
}

void Printer::node(const InList& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " NOT IN (" : " IN (";
  list(n.items);
  out_ += ')';
}

void Printer::node(const InQuery& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " NOT IN " : " IN ";
  nested(*n.query);
}

void Printer::node(const Quantified& n) {
  expr(*n.left, kSum);
  out_ += ' ' + n.op + (n.all ? " ALL " : " ANY ");
  if (n.query)
    return nested(*n.query);
  out_ += '(';
  expr(*n.array);
  out_ += ')';
}

void Printer::node(const Exists& n) {
  out_ += n.negated ? "NOT EXISTS " : "EXISTS ";
  nested(*n.query);
}

void Printer::node(const Scalar& n) {
  nested(*n.query);
}

void Printer::node(const IsNull& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " IS NOT NULL" : " IS NULL";
}

void Printer::node(const Case& n) {
  out_ += "CASE";
  if (n.operand) {
    out_ += ' ';
    expr(*n.operand);
  }
  for (const auto& branch : n.branches) {
    out_ += " WHEN ";
    expr(*branch.when);
    out_ += " THEN ";
    expr(*branch.then);
  }
  if (n.otherwise) {
    out_ += " ELSE ";
    expr(*n.otherwise);
  }
  out_ += " END";
}

void Printer::node(const Cast& n) {
  const auto* literal = n.arg->as<Literal>();
  if (!is_sqlite() && literal && literal->kind == Literal::Kind::string &&
      is_literal_type(n.type)) {
    out_ += n.type + ' ' + quoted_text(literal->text);
    return;
  }
  out_ += "CAST(";
  expr(*n.arg);
  out_ += " AS " + n.type + ')';
}

void Printer::node(const Collate& n) {
  expr(*n.arg, kCollate);
  out_ += " COLLATE " + quoted(n.collation);
}

void Printer::node(const RowValue& n) {
  out_ += n.row_word ? "ROW(" : "(";
  list(n.items);
  out_ += ')';
}

void Printer::node(const Array& n) {
  out_ += "ARRAY";
  if (n.query)
    return nested(*n.query);
  out_ += '[';
  list(n.items);
  out_ += ']';
}

// A column needs no parentheses before [1], before .field it does: a.b is another column.
void Printer::node(const Access& n) {
  const bool bare = n.arg->as<Column>() && !n.steps.empty() && n.steps[0].field.empty();
  out_ += bare ? "" : "(";
  expr(*n.arg);
  out_ += bare ? "" : ")";
  for (const auto& step : n.steps) {
    if (!step.field.empty()) {
      out_ += '.' + (step.field == "*" ? step.field : quoted(step.field));
      continue;
    }
    out_ += '[';
    if (step.low)
      expr(*step.low);
    if (step.slice)
      out_ += " : ";
    if (step.high)
      expr(*step.high);
    out_ += ']';
  }
}

void Printer::node(const NamedArgument& n) {
  out_ += quoted(n.name) + " => ";
  expr(*n.arg);
}

void Printer::node(const GroupingSet& n) {
  out_ += set_word(n.kind);
  list(n.items);
  out_ += ')';
}

} // namespace quill::sql
