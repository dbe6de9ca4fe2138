#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "quill/sql/parse.hpp"
#include "sql/printer.hpp"

namespace quill::sql {
namespace {

// SQLite's levels (sqlite.org/lang_expr.html#operators), loosest first.
enum Strength : int {
  kOr = 1,
  kAnd,
  kNot,
  kEquality, ///< = <> IS IN LIKE BETWEEN …
  kComparison,
  kBits,
  kSum,
  kProduct,
  kConcat,
  kCollate,
  kSign,
  kPrimary,
};

int strength_of(const std::string& op) {
  if (op == "OR")
    return kOr;
  if (op == "AND")
    return kAnd;
  if (op == "=" || op == "<>" || op.starts_with("IS"))
    return kEquality;
  if (op == "<<" || op == ">>" || op == "&" || op == "|")
    return kBits;
  if (op == "||" || op == "->" || op == "->>")
    return kConcat;
  if (op == "<" || op == "<=" || op == ">" || op == ">=")
    return kComparison;
  if (op == "+" || op == "-")
    return kSum;
  return kProduct;
}

int strength_of(const Expr& expr) {
  if (const auto* node = expr.as<Binary>())
    return strength_of(node->op);
  if (const auto* node = expr.as<Unary>())
    return node->op == "NOT" ? kNot : kSign;
  if (const auto* node = expr.as<Exists>())
    return node->negated ? kNot : kPrimary;
  if (expr.as<Collate>())
    return kCollate;
  const bool test = expr.as<Between>() || expr.as<Match>() || expr.as<InList>() ||
                    expr.as<InQuery>() || expr.as<IsNull>();
  return test ? kEquality : kPrimary;
}

// Two comparisons in a row always get parentheses: engines disagree on them.
constexpr int kOperandOfTest = kBits;

// Keywords that SQLite lets be functions.
std::string function_name(const std::string& name) {
  static constexpr auto kBare =
      std::to_array<std::string_view>({"replace", "like", "glob", "match", "regexp", "if"});
  return std::ranges::find(kBare, name) != kBare.end() ? name : quoted_name(name);
}

} // namespace

void Printer::expr(const Expr& expr, int strength) {
  const bool parentheses = strength_of(expr) < strength;
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

void Printer::node(const Column& n) {
  if (!n.table.empty())
    out_ += quoted_name(n.table) + '.';
  const auto name = quoted_name(n.name);
  // A name that may be a string keeps its quotes.
  out_ += n.quoted && !name.starts_with('"') ? '"' + name + '"' : name;
}

void Printer::node(const Star& n) {
  out_ += n.table.empty() ? "*" : quoted_name(n.table) + ".*";
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
    out_ += "x'" + n.text + "'";
    return;
  case Literal::Kind::integer:
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
  // "--" would begin a comment.
  if (!out_.empty() && out_.back() == '-')
    out_ += ' ';
  out_ += n.op;
  expr(*n.arg, kSign);
}

void Printer::node(const Binary& n) {
  const int own = strength_of(n.op);
  const bool test = own == kEquality || own == kComparison;
  expr(*n.left, test ? kOperandOfTest : own);
  out_ += ' ' + n.op + ' ';
  expr(*n.right, test ? kOperandOfTest : own + 1);
}

void Printer::node(const Between& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " NOT BETWEEN " : " BETWEEN ";
  expr(*n.low, n.low->as<Collate>() ? kPrimary : kOperandOfTest);
  out_ += " AND ";
  expr(*n.high, kOperandOfTest);
}

void Printer::node(const Match& n) {
  expr(*n.arg, kOperandOfTest);
  out_ += (n.negated ? " NOT " : " ") + n.op + ' ';
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

void Printer::node(const Call& n) {
  out_ += function_name(n.name) + '(';
  if (n.star)
    out_ += '*';
  if (n.distinct)
    out_ += "DISTINCT ";
  list(n.args);
  out_ += ')';
  if (n.filter) {
    out_ += " FILTER (WHERE ";
    expr(*n.filter);
    out_ += ')';
  }
  if (!n.over)
    return;
  out_ += " OVER ";
  const auto& over = *n.over;
  if (!over.base.empty() && over.partition_by.empty() && over.order_by.empty() &&
      over.frame.empty())
    out_ += quoted_name(over.base);
  else
    window(over);
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
  out_ += "CAST(";
  expr(*n.arg);
  out_ += " AS " + n.type + ')';
}

void Printer::node(const Collate& n) {
  expr(*n.arg, kCollate);
  out_ += " COLLATE " + quoted_name(n.collation);
}

void Printer::node(const RowValue& n) {
  out_ += '(';
  list(n.items);
  out_ += ')';
}

} // namespace quill::sql
