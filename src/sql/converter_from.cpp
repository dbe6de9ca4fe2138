// FROM of a parse tree.
#include <utility>

#include <fmt/format.h>

#include "sql/converter.hpp"

namespace quill::sql {

FromPtr Converter::from(const Json& node) {
  const auto [kind, content] = view(node);
  if (kind == "RangeVar")
    return table(content);
  if (kind == "RangeSubselect")
    return derived(content);
  if (kind == "JoinExpr")
    return join(content);
  if (kind == "RangeFunction")
    return table_function(content);
  throw Refusal{fmt::format("{} in FROM is not understood", kind)};
}

FromPtr Converter::table(const Json& node) {
  const Fields fields(node, "RangeVar",
                      {"schemaname", "relname", "inh", "relpersistence", "alias", "location"});
  TableName result;
  const auto schema = fields.text("schemaname");
  result.schema = schema.empty() ? "" : name(schema);
  result.name = name(fields.text("relname"));
  auto [alias_name, columns] = alias(fields.find("alias"));
  result.alias = std::move(alias_name);
  result.columns = std::move(columns);
  result.only = !fields.flag("inh");
  if (!is_verbatim())
    result.hint = origin(fields.text("relname")).hint;
  return sql::from(std::move(result));
}

FromPtr Converter::derived(const Json& node) {
  const Fields fields(node, "RangeSubselect", {"lateral", "subquery", "alias"});
  auto [alias_name, columns] = alias(fields.find("alias"));
  return sql::from(Derived{wrapped_query(fields.at("subquery")), std::move(alias_name),
                           std::move(columns), fields.flag("lateral")});
}

// One function, which the grammar wraps in a list of pairs of a function and column types.
FromPtr Converter::table_function(const Json& node) {
  const Fields fields(node, "RangeFunction", {"lateral", "ordinality", "functions", "alias"});
  const auto& functions = fields.list("functions");
  if (functions.size() != 1)
    throw Refusal{"ROWS FROM is not understood"};
  const auto [kind, content] = view(functions[0]);
  const auto& pair = Fields(content, kind, {"items"}).list("items");
  if (pair.empty() || (pair.size() > 1 && !pair[1].empty()))
    throw Refusal{"a function with column types in FROM is not understood"};
  TableFunction result;
  result.call = expr(pair[0]);
  if (!result.call->as<Call>())
    throw Refusal{"something else than a function in FROM"};
  auto [alias_name, columns] = alias(fields.find("alias"));
  result.alias = std::move(alias_name);
  result.columns = std::move(columns);
  result.lateral = fields.flag("lateral");
  result.ordinality = fields.flag("ordinality");
  return sql::from(std::move(result));
}

Converter::Alias Converter::alias(const Json* node) {
  if (!node)
    return {};
  const Fields fields(*node, "Alias", {"aliasname", "colnames"});
  const auto text = fields.text("aliasname");
  if (text == (is_verbatim() ? kNoAliasOfDuckdb : kNoAlias))
    return {};
  Alias result{name(text), {}};
  for (const auto& column : fields.list("colnames"))
    result.columns.push_back(name_of(column));
  return result;
}

FromPtr Converter::join(const Json& node) {
  const Fields fields(node, "JoinExpr",
                      {"jointype", "isNatural", "larg", "rarg", "usingClause", "quals"});
  const auto type = fields.text("jointype");
  Join result;
  if (type == "JOIN_LEFT")
    result.kind = Join::Kind::left;
  else if (type == "JOIN_RIGHT")
    result.kind = Join::Kind::right;
  else if (type == "JOIN_FULL")
    result.kind = Join::Kind::full;
  else if (type != "JOIN_INNER")
    throw Refusal{fmt::format("{} is not understood", type)};
  result.natural = fields.flag("isNatural");
  result.left = from(fields.at("larg"));
  result.right = from(fields.at("rarg"));
  for (const auto& column : fields.list("usingClause"))
    result.using_columns.push_back(name_of(column));
  join_condition(result, fields);
  if (is_verbatim() && result.kind == Join::Kind::inner && !result.on && !result.natural &&
      result.using_columns.empty())
    result.kind = Join::Kind::cross;
  return sql::from(std::move(result));
}

void Converter::join_condition(Join& join, const Fields& fields) {
  const auto* quals = fields.find("quals");
  if (!quals)
    return;
  const auto [kind, content] = view(*quals);
  if (!is_verbatim() && kind == "ParamRef") {
    if (const auto* mark = std::get_if<JoinMark>(&value(content))) {
      if (*mark != JoinMark::none)
        join.kind = *mark == JoinMark::comma ? Join::Kind::comma : Join::Kind::cross;
      return;
    }
  }
  if (!is_verbatim() && kind == "FuncCall" && content.contains("funcname") &&
      string_of(content["funcname"][0]) == kCrossOn) {
    const Fields call(content, kind, {"funcname", "args", "funcformat", "location"});
    join.kind = Join::Kind::cross;
    join.on = expr(call.list("args").at(0));
    return;
  }
  join.on = expr(*quals);
}

} // namespace quill::sql
