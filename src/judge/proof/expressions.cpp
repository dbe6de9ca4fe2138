// What an expression stands for while rows are made up.
#include <cstdlib>
#include <map>

#include "judge/proof/witness.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge::proof {

using engine::Value;

Term Witness::resolve(const sql::Column& column, const Env& env) const {
  for (const Env* e = &env; e != nullptr; e = e->outer)
    for (const auto& leaf : e->leaves) {
      if (!column.table.empty() && !same_name(leaf.name, column.table))
        continue;
      for (const auto& [name, found] : leaf.outputs)
        if (same_name(name, column.name))
          return found;
    }
  return {};
}

Term Witness::term(const sql::Expr& expr, Env& env) {
  ++visits_;
  if (exhausted())
    return {};
  if (const auto* column = expr.as<sql::Column>()) {
    auto found = resolve(*column, env);
    if (found.kind != Term::Kind::unknown || !column->table.empty() || env.items == nullptr)
      return found;
    for (const auto& item : *env.items) // HAVING may name what SELECT calls so
      if (same_name(item.alias, column->name) && item.expr->as<sql::Column>() == nullptr)
        return term(*item.expr, env);
    return found;
  }
  if (const auto* literal = expr.as<sql::Literal>()) {
    const auto value = value_of_literal(*literal);
    return value ? constant(*value) : Term{};
  }
  if (const auto* binary = expr.as<sql::Binary>())
    return term_of_binary(*binary, env);
  if (const auto* call = expr.as<sql::Call>())
    return term_of_call(*call, env);
  if (const auto* collate = expr.as<sql::Collate>())
    return term(*collate->arg, env);
  if (const auto* unary = expr.as<sql::Unary>(); unary != nullptr && unary->op != "NOT") {
    auto arg = term(*unary->arg, env);
    if (unary->op != "-")
      return arg;
    arg.shapes.push_back({Shape::Op::negate});
    if (is_constant(arg)) {
      const auto value = forward(arg.shapes, arg.value);
      return value ? constant(*value) : Term{};
    }
    return arg;
  }
  if (const auto* cast = expr.as<sql::Cast>()) {
    auto arg = term(*cast->arg, env);
    if (is_cell(arg) && sql::affinity(cast->type) == sql::Affinity::integer)
      arg.shapes.push_back({Shape::Op::to_integer});
    return arg;
  }
  if (const auto* scalar = expr.as<sql::Scalar>()) {
    if (rng_.chance(0.15))
      return {};
    const auto out = satisfy(*scalar->query, &env);
    return out.empty() ? Term{} : out[0].second;
  }
  look_into(expr, env);
  return {};
}

Term Witness::term_of_binary(const sql::Binary& binary, Env& env) {
  auto left = term(*binary.left, env);
  return combined(binary.op, std::move(left), term(*binary.right, env));
}

/// Arithmetic on what is known: with constants it is a function, of two cells one is made neutral.
Term Witness::combined(const std::string& op, Term left, const Term& right) {
  using Op = Shape::Op;
  static const std::map<std::string, Op> kOps = {
      {"+", Op::add}, {"*", Op::multiply}, {"/", Op::divide}, {"%", Op::modulo}, {"-", Op::add}};
  const bool arithmetic = kOps.contains(op);
  if (is_constant(right)) {
    const auto number = number_of(right.value);
    if (op == "||" && std::holds_alternative<std::string>(right.value))
      left.shapes.push_back({Op::append, 0, 0, std::get<std::string>(right.value)});
    else if (arithmetic && number)
      left.shapes.push_back({kOps.at(op), op == "-" ? -*number : *number});
    else
      return {};
    if (!is_constant(left))
      return left;
    const auto value = forward(left.shapes, left.value);
    return value ? constant(*value) : Term{};
  }
  if (is_constant(left)) {
    auto out = right;
    const auto number = number_of(left.value);
    if (!number || !arithmetic || op == "/" || op == "%")
      return {};
    out.shapes.push_back({op == "*"   ? Op::multiply
                          : op == "+" ? Op::add
                                      : Op::subtract_from,
                          *number});
    return out;
  }
  if (is_aggregate(left) && is_aggregate(right)) {
    if (op == "-" && left.function == "max" && right.function == "min")
      left.function = "range";
    else if (op == "/" && left.function == "sum" && right.function == "count")
      left.function = "avg";
    return left;
  }
  if (is_cell(left) && is_cell(right) && arithmetic && rng_.chance(0.6))
    solver_.require(right.cell, right.shapes, "=",
                    Value(std::int64_t{op == "*" || op == "/" ? 1 : 0}));
  return arithmetic ? left : Term{};
}

namespace {

/// "+7 days" as days; 0 for what is not known.
double days_of(const Value& modifier) {
  const auto* text = std::get_if<std::string>(&modifier);
  if (text == nullptr)
    return 0;
  const double amount = std::strtod(text->c_str(), nullptr);
  if (text->find("day") != std::string::npos)
    return amount;
  if (text->find("month") != std::string::npos)
    return amount * 30;
  return text->find("year") != std::string::npos ? amount * 365 : 0;
}

std::optional<Shape> shape_of(const std::string& name, const std::vector<Term>& args) {
  using Op = Shape::Op;
  const auto number = [&](std::size_t i) {
    return i < args.size() ? number_of(args[i].value).value_or(0) : 0;
  };
  static const std::map<std::string, Op> kPlain = {
      {"lower", Op::lower}, {"upper", Op::upper},  {"trim", Op::trim},     {"ltrim", Op::trim},
      {"rtrim", Op::trim},  {"abs", Op::absolute}, {"length", Op::length}, {"round", Op::round}};
  if (const auto plain = kPlain.find(name); plain != kPlain.end())
    return Shape{plain->second};
  if (name == "substr" || name == "substring")
    return Shape{Op::substring, number(1), args.size() > 2 ? number(2) : 1000};
  if (name == "coalesce" || name == "ifnull") {
    if (args.size() == 2 && is_constant(args[1]))
      return Shape{Op::coalesce, 0, 0, {}, args[1].value};
    return std::nullopt;
  }
  if (name == "date" || name == "datetime" || name == "julianday" || name == "unixepoch") {
    double days = 0;
    for (std::size_t i = 1; i < args.size(); ++i)
      days += days_of(args[i].value);
    return Shape{Op::date, days};
  }
  return std::nullopt;
}

} // namespace

Term Witness::term_of_call(const sql::Call& call, Env& env) {
  if (call.over) {
    for (const auto& arg : call.args)
      look_into(*arg, env);
    return {};
  }
  if (sql::is_aggregate_name(call.name, call.args.size())) {
    Term out{.kind = Term::Kind::aggregate};
    out.function = call.name;
    out.distinct = call.distinct;
    out.group = env.group.value_or(groups_.size());
    if (!call.args.empty()) {
      out.argument = call.args[0].get();
      const auto arg = term(*call.args[0], env);
      if (is_cell(arg)) {
        out.cell = arg.cell;
        out.shapes = arg.shapes;
      }
    }
    if (call.filter && rng_.chance(0.8))
      assume(*call.filter, env, true);
    return out;
  }
  std::vector<Term> args;
  for (const auto& arg : call.args)
    args.push_back(term(*arg, env));
  if (call.name == "strftime" && args.size() >= 2 && is_cell(args[1])) {
    const auto* format = std::get_if<std::string>(&args[0].value);
    auto out = args[1];
    out.shapes.push_back({Shape::Op::strftime, 0, 0, format != nullptr ? *format : ""});
    return out;
  }
  if (args.empty() || !is_cell(args[0]))
    return args.empty() || !is_aggregate(args[0]) ? Term{} : args[0];
  const auto shape = shape_of(call.name, args);
  if (!shape)
    return call.name == "coalesce" || call.name == "ifnull" ? args[0] : Term{};
  auto out = args[0];
  out.shapes.push_back(*shape);
  return out;
}

} // namespace quill::judge::proof
