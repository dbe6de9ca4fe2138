// Nodes that only PostgreSQL's and DuckDB's own text holds: constants, types, arrays, words.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "quill/sql/parse.hpp"
#include "sql/converter.hpp"
#include "sql/keywords.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

struct Names {
  std::string_view inner, written;
};

// pg_catalog's names of types that the grammar has words for.
constexpr auto kTypes = std::to_array<Names>({
    {"bit", "BIT"},
    {"bool", "BOOLEAN"},
    {"bpchar", "CHAR"},
    {"float4", "REAL"},
    {"float8", "DOUBLE PRECISION"},
    {"int2", "SMALLINT"},
    {"int4", "INTEGER"},
    {"int8", "BIGINT"},
    {"interval", "INTERVAL"},
    {"numeric", "NUMERIC"},
    {"time", "TIME"},
    {"timestamp", "TIMESTAMP"},
    {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
    {"timetz", "TIME WITH TIME ZONE"},
    {"varbit", "BIT VARYING"},
    {"varchar", "VARCHAR"},
});

// Functions behind the standard's own words, with our name for them.
constexpr auto kWordedCalls = std::to_array<Names>({
    {"btrim", "trim"},
    {"extract", "extract"},
    {"ltrim", "ltrim"},
    {"overlaps", "overlaps"},
    {"overlay", "overlay"},
    {"position", "position"},
    {"rtrim", "rtrim"},
    {"substring", "substring"},
    {"timezone", "timezone"},
});

template <std::size_t N>
std::string_view written(const std::array<Names, N>& names, std::string_view inner) {
  for (const auto& name : names)
    if (name.inner == inner)
      return name.written;
  return {};
}

// Masks of INTERVAL's fields (utils/datetime.h): bits by field.
std::string interval_fields(std::size_t mask) {
  enum : std::size_t {
    kMonth = 2,
    kYear = 4,
    kDay = 8,
    kHour = 1024,
    kMinute = 2048,
    kSecond = 4096
  };
  switch (mask) {
  case kYear:
    return " YEAR";
  case kMonth:
    return " MONTH";
  case kDay:
    return " DAY";
  case kHour:
    return " HOUR";
  case kMinute:
    return " MINUTE";
  case kSecond:
    return " SECOND";
  case kYear | kMonth:
    return " YEAR TO MONTH";
  case kDay | kHour:
    return " DAY TO HOUR";
  case kDay | kHour | kMinute:
    return " DAY TO MINUTE";
  case kDay | kHour | kMinute | kSecond:
    return " DAY TO SECOND";
  case kHour | kMinute:
    return " HOUR TO MINUTE";
  case kHour | kMinute | kSecond:
    return " HOUR TO SECOND";
  case kMinute | kSecond:
    return " MINUTE TO SECOND";
  default:
    throw Refusal{fmt::format("INTERVAL with fields {:#x} is not understood", mask)};
  }
}

/// {"ival": {"ival": 5}}, {"ival": {}} for 0.
std::int64_t small_integer(const Json& constant, const char* key) {
  const auto& content = constant.at(key);
  return content.is_object() && content.contains("ival") ? content["ival"].get<std::int64_t>() : 0;
}

/// Digits with a minus before them are a minus before digits.
ExprPtr number(std::string digits, Literal::Kind kind) {
  if (!digits.starts_with('-'))
    return sql::expr(Literal{kind, std::move(digits)});
  return sql::expr(Unary{"-", sql::expr(Literal{kind, digits.substr(1)})});
}

bool is_integer(std::string_view digits) {
  return digits.find_first_of(".eE") == std::string_view::npos && digits.size() < 20;
}

std::vector<std::int64_t> modifiers(const Json& list) {
  std::vector<std::int64_t> numbers;
  for (const auto& item : list) {
    const auto [kind, content] = view(item);
    if (kind != "A_Const" || !content.contains("ival"))
      throw Refusal{"a type with modifiers of unusual form"};
    numbers.push_back(small_integer(content, "ival"));
  }
  return numbers;
}

std::string parenthesised(const std::vector<std::int64_t>& numbers) {
  return numbers.empty() ? "" : fmt::format("({})", fmt::join(numbers, ", "));
}

/// Names of types that users made, and of those the grammar has no word for.
std::string dotted(const Json& names) {
  std::string result;
  for (const auto& name : names) {
    const auto text = quoted_name(string_of(name), Dialect::postgres);
    if (!result.empty())
      result += '.';
    result += names.size() == 1 && text[0] != '"' ? upper(text) : text;
  }
  return result;
}

/// Digits stand before WITH TIME ZONE; INTERVAL's first number tells its fields.
std::string worded_type(std::string_view word, std::vector<std::int64_t> numbers) {
  constexpr std::int64_t kFullRange = 0x7FFF;
  std::string result(word);
  if (word == "INTERVAL" && !numbers.empty()) {
    if (numbers[0] != kFullRange)
      result += interval_fields(static_cast<std::size_t>(numbers[0]));
    numbers.erase(numbers.begin());
    return result + parenthesised(numbers);
  }
  return result.insert(std::min(result.find(" WITH"), result.size()), parenthesised(numbers));
}

} // namespace

ExprPtr Converter::own_node(std::string_view kind, const Json& node) {
  if (kind == "A_Const")
    return constant(node);
  if (kind == "A_ArrayExpr")
    return array(node);
  if (kind == "A_Indirection")
    return access(node);
  if (kind == "BooleanTest")
    return boolean_test(node);
  if (kind == "CoalesceExpr")
    return keyword_call("coalesce", node);
  if (kind == "MinMaxExpr")
    return keyword_call(node.value("op", Json("")) == Json("IS_LEAST") ? "least" : "greatest",
                        node);
  if (kind == "GroupingFunc")
    return keyword_call("grouping", node);
  if (kind == "SQLValueFunction")
    return value_function(node);
  if (kind == "NamedArgExpr")
    return named_argument(node);
  if (kind == "GroupingSet")
    return grouping_set(node);
  throw Refusal{fmt::format("{} is not understood", kind)};
}

ExprPtr Converter::constant(const Json& node) {
  const Fields fields(node, "A_Const", {"ival", "fval", "sval", "boolval", "isnull", "location"});
  if (fields.flag("isnull"))
    return null();
  if (const auto* boolean = fields.find("boolval"))
    return sql::expr(
        Literal{Literal::Kind::boolean, boolean->value("boolval", false) ? "true" : "false"});
  if (fields.find("ival"))
    return number(std::to_string(small_integer(node, "ival")), Literal::Kind::integer);
  if (const auto* text = fields.find("sval"))
    return sql::text(text->value("sval", std::string()));
  auto digits = fields.at("fval").value("fval", std::string());
  const auto kind = is_integer(digits) ? Literal::Kind::integer : Literal::Kind::real;
  return number(std::move(digits), kind);
}

// ~ is REGEXP to us: each dialect has a spelling for it. DuckDB's own ~ wants the whole text.
ExprPtr Converter::own_operation(const Fields& fields) {
  const auto& names = fields.list("name");
  if (names.size() != 1)
    throw Refusal{"OPERATOR(schema.name) is not understood"};
  auto op = string_of(names[0]);
  auto right = expr(fields.at("rexpr"));
  if (!fields.find("lexpr"))
    return sql::expr(Unary{std::move(op), std::move(right)});
  auto left = expr(fields.at("lexpr"));
  if (spelled_.dialect == Dialect::postgres && (op == "~" || op == "!~"))
    return sql::expr(Match{"REGEXP", std::move(left), std::move(right), nullptr, op == "!~"});
  return binary(std::move(op), std::move(left), std::move(right));
}

ExprPtr Converter::quantified(const Fields& fields, bool all) {
  const auto& names = fields.list("name");
  if (names.size() != 1)
    throw Refusal{"OPERATOR(schema.name) is not understood"};
  const auto* meant = operator_at(fields.number("location"));
  return sql::expr(Quantified{meant ? *meant : string_of(names[0]), all, expr(fields.at("lexpr")),
                              nullptr, expr(fields.at("rexpr"))});
}

ExprPtr Converter::boolean_test(const Json& node) {
  const Fields fields(node, "BooleanTest", {"arg", "booltesttype", "location"});
  const auto type = fields.text("booltesttype");
  const bool negated = type.starts_with("IS_NOT_");
  auto arg = expr(fields.at("arg"));
  if (type.ends_with("UNKNOWN"))
    return sql::expr(IsNull{std::move(arg), negated});
  return binary(
      negated ? "IS NOT" : "IS", std::move(arg),
      sql::expr(Literal{Literal::Kind::boolean, type.ends_with("TRUE") ? "true" : "false"}));
}

ExprPtr Converter::value_function(const Json& node) {
  const Fields fields(node, "SQLValueFunction", {"op", "typmod", "location"});
  auto op = fields.text("op");
  const std::string prefix = "SVFOP_";
  Call result;
  result.in_words = true;
  if (op.ends_with("_N")) {
    op.resize(op.size() - 2);
    result.args.push_back(integer(static_cast<long long>(fields.number("typmod"))));
  }
  result.name = lower(std::string_view(op).substr(std::min(prefix.size(), op.size())));
  if (!is_bare_call(result.name))
    throw Refusal{fmt::format("{} is not understood", op)};
  return sql::expr(std::move(result));
}

ExprPtr Converter::keyword_call(std::string_view name, const Json& node) {
  const Fields fields(node, name, {"op", "args", "location"});
  return call(std::string(name), exprs(fields.list("args")));
}

ExprPtr Converter::array(const Json& node) {
  return sql::expr(Array{
      exprs(Fields(node, "A_ArrayExpr", {"elements", "location"}).list("elements")), nullptr});
}

ExprPtr Converter::access(const Json& node) {
  const Fields fields(node, "A_Indirection", {"arg", "indirection"});
  Access result{expr(fields.at("arg")), {}};
  for (const auto& item : fields.list("indirection")) {
    const auto [kind, content] = view(item);
    Step step;
    if (kind == "String") {
      step.field = string_of(item);
    } else if (kind == "A_Star") {
      step.field = "*";
    } else {
      const Fields indices(content, kind, {"is_slice", "lidx", "uidx"});
      step.slice = indices.flag("is_slice");
      step.low = expr_or_null(indices.find(step.slice ? "lidx" : "uidx"));
      step.high = step.slice ? expr_or_null(indices.find("uidx")) : nullptr;
    }
    result.steps.push_back(std::move(step));
  }
  return sql::expr(std::move(result));
}

ExprPtr Converter::named_argument(const Json& node) {
  const Fields fields(node, "NamedArgExpr", {"arg", "name", "argnumber", "location"});
  return sql::expr(NamedArgument{name(fields.text("name")), expr(fields.at("arg"))});
}

ExprPtr Converter::grouping_set(const Json& node) {
  const Fields fields(node, "GroupingSet", {"kind", "content", "location"});
  const auto kind = fields.text("kind");
  GroupingSet result;
  result.kind = kind == "GROUPING_SET_ROLLUP" ? GroupingSet::Kind::rollup
                : kind == "GROUPING_SET_CUBE" ? GroupingSet::Kind::cube
                : kind == "GROUPING_SET_SETS" ? GroupingSet::Kind::sets
                                              : GroupingSet::Kind::empty;
  if (result.kind == GroupingSet::Kind::empty && kind != "GROUPING_SET_EMPTY")
    throw Refusal{fmt::format("{} is not understood", kind)};
  result.items = exprs(fields.list("content"));
  return sql::expr(std::move(result));
}

void Converter::own_call_name(Call& call, const Json& names, bool in_words) {
  if (names.empty() || names.size() > 2)
    throw Refusal{"a function name of three parts"};
  const auto last = name_of(names.back());
  if (in_words) {
    call.in_words = true;
    call.name = written(kWordedCalls, last);
    if (call.name.empty())
      throw Refusal{fmt::format("the words of {} are not understood", last)};
    return;
  }
  call.schema = names.size() == 2 ? name_of(names[0]) : "";
  call.name = last;
  // What only quotes make a function would be read as grammar.
  if (call.schema.empty() && (is_call_of_grammar(last) || is_bare_call(last) || last == "trim" ||
                              last == "position" || last == "extract"))
    throw Refusal{fmt::format("a function of the name \"{}\"", last)};
}

std::string Converter::own_type_name(const Json& node) {
  const Fields fields(node, "TypeName", {"names", "typmods", "typemod", "arrayBounds", "location"});
  const auto& names = fields.list("names");
  const auto numbers = modifiers(fields.list("typmods"));
  const bool inner = names.size() == 2 && string_of(names[0]) == "pg_catalog";
  const auto word = inner ? written(kTypes, string_of(names[1])) : std::string_view();
  std::string result = word.empty() || (word == "CHAR" && numbers.empty())
                           ? dotted(names) + parenthesised(numbers)
                           : worded_type(word, numbers);
  for (const auto& bound : fields.list("arrayBounds")) {
    const auto size = small_integer(bound, "Integer");
    result += size > 0 ? fmt::format("[{}]", size) : "[]";
  }
  return result;
}

} // namespace quill::sql
