// Expressions of a parse tree.
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sql/converter.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

// Each level costs a few hundred bytes of stack; the caps of tokenize() keep honest text far below.
constexpr int kDepthMax = 3000;

std::string operator_name(const Fields& fields) {
  const auto& names = fields.list("name");
  if (names.size() != 1)
    throw Refusal{"an operator of unusual form"};
  return string_of(names[0]);
}

/// Counts how deep the recursion is, as long as it lives.
class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) {
    if (++depth_ > kDepthMax)
      throw Refusal{"nested too deep"};
  }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  int& depth_;
};

} // namespace

ExprPtr Converter::expr_or_null(const Json* node) {
  return node ? expr(*node) : nullptr;
}

std::vector<ExprPtr> Converter::exprs(const Json& list) {
  std::vector<ExprPtr> result;
  for (const auto& node : list)
    result.push_back(expr(node));
  return result;
}

ExprPtr Converter::expr(const Json& node) {
  const Depth depth(depth_);
  const auto [kind, content] = view(node);
  return expr_node(kind, content);
}

ExprPtr Converter::expr_node(std::string_view kind, const Json& node) {
  if (kind == "ColumnRef")
    return column_ref(node);
  if (kind == "ParamRef")
    return param(node);
  if (kind == "A_Expr")
    return a_expr(node);
  if (kind == "BoolExpr")
    return bool_expr(node);
  if (kind == "SubLink")
    return sub_link(node);
  if (kind == "NullTest")
    return null_test(node);
  if (kind == "FuncCall")
    return func_call(node);
  if (kind == "CaseExpr")
    return case_expr(node);
  if (kind == "TypeCast")
    return type_cast(node);
  if (kind == "CollateClause")
    return collate(node);
  if (kind == "RowExpr")
    return row(node);
  if (is_verbatim())
    return own_node(kind, node);
  throw Refusal{fmt::format("{} is not understood", kind)};
}

ExprPtr Converter::column_ref(const Json& node) {
  const auto& parts = Fields(node, "ColumnRef", {"fields", "location"}).list("fields");
  if (parts.empty() || parts.size() > 3)
    throw Refusal{"a column name of four parts"};
  const std::string table = parts.size() > 1 ? name_of(parts[parts.size() - 2]) : "";
  const auto [kind, content] = view(parts.back());
  if (kind == "A_Star" && parts.size() == 3)
    throw Refusal{"schema.table.* is not understood"};
  if (kind == "A_Star")
    return sql::expr(Star{table});
  if (is_verbatim())
    return sql::expr(Column{table, string_of(parts.back()), false,
                            parts.size() == 3 ? string_of(parts[0]) : std::string()});
  // SQLite finds the table without its schema too; where it does not, the print is another
  // program and the tree is not trusted.
  const auto& last = origin(string_of(parts.back()));
  return sql::expr(Column{table, last.text, last.double_quoted && table.empty()});
}

ExprPtr Converter::param(const Json& node) {
  const auto& spelled = value(node);
  if (std::holds_alternative<NoItems>(spelled))
    throw Refusal{"a list of unusual form"};
  if (const auto* literal = std::get_if<Literal>(&spelled))
    return sql::expr(*literal);
  if (const auto* parameter = std::get_if<Parameter>(&spelled))
    return sql::expr(*parameter);
  throw Refusal{"a join of unusual form"};
}

ExprPtr Converter::a_expr(const Json& node) {
  const Fields fields(node, "A_Expr", {"kind", "name", "lexpr", "rexpr", "location"});
  const auto kind = fields.text("kind");
  if (kind == "AEXPR_OP")
    return operation(fields);
  if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT")
    return binary(kind == "AEXPR_DISTINCT" ? "IS NOT" : "IS", expr(fields.at("lexpr")),
                  expr(fields.at("rexpr")));
  if (kind == "AEXPR_LIKE" || (is_verbatim() && (kind == "AEXPR_ILIKE" || kind == "AEXPR_SIMILAR")))
    return like(fields);
  if (kind == "AEXPR_IN")
    return in_list(fields);
  if (is_verbatim() && (kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL"))
    return quantified(fields, kind == "AEXPR_OP_ALL");
  if (is_verbatim() && kind == "AEXPR_NULLIF") {
    std::vector<ExprPtr> args;
    args.push_back(expr(fields.at("lexpr")));
    args.push_back(expr(fields.at("rexpr")));
    return call("nullif", std::move(args));
  }
  if (is_verbatim() && kind.ends_with("BETWEEN_SYM")) {
    auto result = between(fields, kind == "AEXPR_NOT_BETWEEN_SYM");
    result->as<Between>()->symmetric = true;
    return result;
  }
  if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN")
    return between(fields, kind == "AEXPR_NOT_BETWEEN");
  throw Refusal{fmt::format("{} is not understood", kind)};
}

ExprPtr Converter::operation(const Fields& fields) {
  const auto* meant = operator_at(fields.number("location"));
  if (!meant && is_verbatim())
    return own_operation(fields);
  if (!meant)
    throw Refusal{fmt::format("operator {} of unknown origin", operator_name(fields))};
  auto right = expr(fields.at("rexpr"));
  if (!fields.find("lexpr"))
    return sql::expr(Unary{*meant, std::move(right)});
  return binary(*meant, expr(fields.at("lexpr")), std::move(right));
}

ExprPtr Converter::like(const Fields& fields) {
  const auto* meant = operator_at(fields.number("location"));
  if (!meant && !is_verbatim())
    throw Refusal{"LIKE of unknown origin"};
  const auto form = fields.text("kind");
  Match result;
  result.op = meant                   ? *meant
              : form == "AEXPR_LIKE"  ? "LIKE"
              : form == "AEXPR_ILIKE" ? "ILIKE"
                                      : "SIMILAR TO";
  result.negated = operator_name(fields).starts_with('!');
  result.arg = expr(fields.at("lexpr"));
  const auto [kind, content] = view(fields.at("rexpr"));
  // Names of ours have no schema, so this can only be the grammar's way to write ESCAPE.
  if (kind == "FuncCall" && content.contains("funcname") && content["funcname"].size() == 2 &&
      string_of(content["funcname"][1]).ends_with("_escape")) {
    const Fields escape(content, kind, {"funcname", "args", "funcformat", "location"});
    const auto& args = escape.list("args");
    result.pattern = expr(args.at(0));
    result.escape = args.size() > 1 ? expr(args.at(1)) : nullptr;
  } else {
    result.pattern = expr(fields.at("rexpr"));
  }
  return sql::expr(std::move(result));
}

ExprPtr Converter::in_list(const Fields& fields) {
  const auto [kind, content] = view(fields.at("rexpr"));
  InList result;
  result.arg = expr(fields.at("lexpr"));
  result.negated = operator_name(fields) == "<>";
  const auto& items = Fields(content, kind, {"items"}).list("items");
  if (items.size() == 1 && stands_for_no_items(items[0]))
    return sql::expr(std::move(result));
  result.items = exprs(items);
  return sql::expr(std::move(result));
}

bool Converter::stands_for_no_items(const Json& node) const {
  const auto [kind, content] = view(node);
  return !is_verbatim() && kind == "ParamRef" && std::holds_alternative<NoItems>(value(content));
}

ExprPtr Converter::between(const Fields& fields, bool negated) {
  const auto [kind, content] = view(fields.at("rexpr"));
  const auto& bounds = Fields(content, kind, {"items"}).list("items");
  if (bounds.size() != 2)
    throw Refusal{"BETWEEN of unusual form"};
  return sql::expr(Between{expr(fields.at("lexpr")), expr(bounds[0]), expr(bounds[1]), negated});
}

ExprPtr Converter::bool_expr(const Json& node) {
  const Fields fields(node, "BoolExpr", {"boolop", "args", "location"});
  const auto op = fields.text("boolop");
  const auto& args = fields.list("args");
  if (op == "NOT_EXPR" && args.size() == 1)
    return negation(args[0], fields.number("location"));
  if ((op != "AND_EXPR" && op != "OR_EXPR") || args.size() < 2)
    throw Refusal{fmt::format("{} is not understood", op)};
  auto result = expr(args[0]);
  for (std::size_t i = 1; i < args.size(); ++i)
    result = binary(op == "AND_EXPR" ? "AND" : "OR", std::move(result), expr(args[i]));
  return result;
}

// `a NOT IN (SELECT …)` is NOT over IN at the same place; NOT EXISTS is one word to us.
ExprPtr Converter::negation(const Json& arg, std::size_t location) {
  auto inner = expr(arg);
  const auto [kind, content] = view(arg);
  if (kind == "SubLink") {
    if (auto* exists = inner->as<Exists>()) {
      exists->negated = true;
      return inner;
    }
    auto* in = inner->as<InQuery>();
    if (in && Json(location) == content.value("location", Json(0))) {
      in->negated = true;
      return inner;
    }
  }
  return sql::expr(Unary{"NOT", std::move(inner)});
}

ExprPtr Converter::sub_link(const Json& node) {
  const Fields fields(node, "SubLink",
                      {"subLinkType", "testexpr", "operName", "subselect", "location"});
  const auto type = fields.text("subLinkType");
  if (type == "EXISTS_SUBLINK")
    return sql::expr(Exists{wrapped_query(fields.at("subselect"))});
  if (type == "EXPR_SUBLINK")
    return sql::expr(Scalar{wrapped_query(fields.at("subselect"))});
  if (is_verbatim() && type == "ARRAY_SUBLINK")
    return sql::expr(Array{{}, wrapped_query(fields.at("subselect"))});
  if (type != "ANY_SUBLINK" && !(is_verbatim() && type == "ALL_SUBLINK"))
    throw Refusal{fmt::format("{} is not understood", type)};
  if (const auto& op = fields.list("operName"); !op.empty()) {
    if (op.size() != 1)
      throw Refusal{"an operator of unusual form"};
    const auto* meant = operator_at(fields.number("location"));
    return sql::expr(Quantified{meant ? *meant : string_of(op[0]), type == "ALL_SUBLINK",
                                expr(fields.at("testexpr")), wrapped_query(fields.at("subselect")),
                                nullptr});
  }
  return sql::expr(InQuery{expr(fields.at("testexpr")), wrapped_query(fields.at("subselect"))});
}

ExprPtr Converter::null_test(const Json& node) {
  const Fields fields(node, "NullTest", {"arg", "nulltesttype", "location"});
  return sql::expr(IsNull{expr(fields.at("arg")), fields.text("nulltesttype") == "IS_NOT_NULL"});
}

ExprPtr Converter::func_call(const Json& node) {
  const Fields fields(node, "FuncCall",
                      {"funcname", "args", "agg_order", "agg_filter", "over", "agg_within_group",
                       "agg_star", "agg_distinct", "func_variadic", "funcformat", "location"});
  Call result;
  if (is_verbatim())
    own_call_name(result, fields.list("funcname"),
                  fields.text("funcformat") == "COERCE_SQL_SYNTAX");
  else
    call_name(result, fields.list("funcname"));
  result.order_by = order(fields.list("agg_order"));
  result.within_group = fields.flag("agg_within_group");
  result.variadic = fields.flag("func_variadic");
  result.args = exprs(fields.list("args"));
  result.star = fields.flag("agg_star");
  result.distinct = fields.flag("agg_distinct");
  result.filter = expr_or_null(fields.find("agg_filter"));
  result.over = over(fields.find("over"));
  return sql::expr(std::move(result));
}

void Converter::call_name(Call& call, const Json& names) {
  if (names.size() != 1)
    throw Refusal{"a function name of two parts is not understood"};
  const auto& written = origin(string_of(names[0]));
  call.name = lower(written.text);
  call.in_words = written.in_words;
}

ExprPtr Converter::case_expr(const Json& node) {
  const Fields fields(node, "CaseExpr", {"arg", "args", "defresult", "location"});
  Case result;
  result.operand = expr_or_null(fields.find("arg"));
  for (const auto& branch : fields.list("args")) {
    const auto [kind, content] = view(branch);
    const Fields when(content, kind, {"expr", "result", "location"});
    result.branches.push_back({expr(when.at("expr")), expr(when.at("result"))});
  }
  result.otherwise = expr_or_null(fields.find("defresult"));
  return sql::expr(std::move(result));
}

ExprPtr Converter::type_cast(const Json& node) {
  const Fields fields(node, "TypeCast", {"arg", "typeName", "location"});
  auto type =
      is_verbatim() ? own_type_name(fields.at("typeName")) : type_name(fields.at("typeName"));
  return sql::expr(Cast{expr(fields.at("arg")), std::move(type)});
}

std::string Converter::type_name(const Json& node) {
  const Fields type(node, "TypeName", {"names", "typemod", "location"});
  const auto spelled = string_of(type.list("names").at(0));
  std::size_t index = 0;
  const char* end = spelled.data() + spelled.size();
  const bool numbered = spelled.size() > 1 && spelled[0] == 't' &&
                        std::from_chars(spelled.data() + 1, end, index).ptr == end;
  if (!numbered || index >= spelled_.types.size())
    throw Refusal{"a type of unusual form"};
  return spelled_.types[index];
}

ExprPtr Converter::collate(const Json& node) {
  const Fields fields(node, "CollateClause", {"arg", "collname", "location"});
  const auto& names = fields.list("collname");
  if (names.size() != 1)
    throw Refusal{"a collation name of two parts"};
  return sql::expr(Collate{expr(fields.at("arg")), name_of(names[0])});
}

ExprPtr Converter::row(const Json& node) {
  const Fields fields(node, "RowExpr", {"args", "row_format", "location"});
  return sql::expr(RowValue{exprs(fields.list("args")),
                            is_verbatim() && fields.text("row_format") == "COERCE_EXPLICIT_CALL"});
}

std::vector<OrderTerm> Converter::order(const Json& list) {
  std::vector<OrderTerm> result;
  for (const auto& node : list) {
    const auto [kind, content] = view(node);
    const Fields fields(content, kind, {"node", "sortby_dir", "sortby_nulls", "location"});
    const auto direction = fields.text("sortby_dir");
    const auto nulls = fields.text("sortby_nulls");
    if (direction == "SORTBY_USING")
      throw Refusal{"ORDER BY … USING is not understood"};
    OrderTerm term{expr(fields.at("node")), direction == "SORTBY_DESC", std::nullopt};
    if (nulls != "SORTBY_NULLS_DEFAULT")
      term.nulls_first = nulls == "SORTBY_NULLS_FIRST";
    result.push_back(std::move(term));
  }
  return result;
}

} // namespace quill::sql
