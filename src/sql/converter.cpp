#include "sql/converter.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace quill::sql {
namespace {

const Json* first_of(const Json& list) {
  return list.empty() ? nullptr : &list[0];
}

bool is_plain_arm(const Fields& fields) {
  return !fields.find("sortClause") && !fields.find("limitCount") && !fields.find("limitOffset") &&
         !fields.find("withClause");
}

/// FROM left, right.
void add_source(FromPtr& left, FromPtr right) {
  if (!left) {
    left = std::move(right);
    return;
  }
  Join join;
  join.kind = Join::Kind::comma;
  join.left = std::move(left);
  join.right = std::move(right);
  left = sql::from(std::move(join));
}

Fields select_fields(const Json& node) {
  return Fields(node, "SelectStmt",
                {"distinctClause", "targetList", "fromClause", "whereClause", "groupClause",
                 "havingClause", "windowClause", "valuesLists", "sortClause", "limitOffset",
                 "limitCount", "limitOption", "withClause", "op", "all", "larg", "rarg"});
}

} // namespace

QueryPtr Converter::document(const Json& document) {
  const Fields root(document, "document", {"version", "stmts"});
  const auto& statements = root.list("stmts");
  if (statements.size() != 1)
    throw Refusal{fmt::format("{} statements", statements.size())};
  const Fields statement(statements[0], "statement", {"stmt", "stmt_location", "stmt_len"});
  return wrapped_query(statement.at("stmt"));
}

QueryPtr Converter::wrapped_query(const Json& node) {
  const auto [kind, content] = view(node);
  if (kind != "SelectStmt")
    throw Refusal{fmt::format("{} is not a SELECT", kind)};
  return query(content);
}

QueryPtr Converter::query(const Json& select_stmt) {
  const Fields fields = select_fields(select_stmt);
  auto result = std::make_unique<Query>();
  if (const auto* node = fields.find("withClause"))
    result->with = with(*node, result->recursive);
  result->body = body(fields);
  tail(*result, fields);
  return result;
}

void Converter::tail(Query& query, const Fields& fields) {
  for (const auto& node : fields.list("windowClause")) {
    const auto [kind, content] = view(node);
    const Fields definition(content, kind,
                            {"name", "refname", "partitionClause", "orderClause", "frameOptions",
                             "startOffset", "endOffset", "location"});
    query.windows.push_back({name(definition.text("name")), window(definition)});
  }
  query.order_by = order(fields.list("sortClause"));
  query.limit = expr_or_null(fields.find("limitCount"));
  const auto* sign = query.limit ? query.limit->as<Unary>() : nullptr;
  if (is_verbatim() && sign && sign->arg->as<Literal>())
    throw Refusal{"a LIMIT with a sign"}; // SQLite's way to say that there is none
  query.offset = expr_or_null(fields.find("limitOffset"));
  query.with_ties = fields.text("limitOption") == "LIMIT_OPTION_WITH_TIES";
}

Body Converter::body(const Fields& fields) {
  const auto op = fields.text("op");
  if (op == "SETOP_NONE") {
    if (fields.find("valuesLists"))
      return Body{values(fields.list("valuesLists"))};
    return Body{select(fields)};
  }
  SetOperation result;
  result.all = fields.flag("all");
  set_kind(result, op);
  result.left = std::make_unique<Body>(arm(fields.at("larg")));
  result.right = std::make_unique<Body>(arm(fields.at("rarg")));
  if (!is_verbatim() && std::holds_alternative<SetOperation>(result.right->node))
    throw Refusal{"a compound SELECT as the right arm of another"};
  return Body{std::move(result)};
}

void Converter::set_kind(SetOperation& result, const std::string& op) {
  if (op == "SETOP_UNION") {
    result.kind = SetOperation::Kind::union_;
  } else if (op == "SETOP_EXCEPT") {
    result.kind = SetOperation::Kind::except;
  } else if (op == "SETOP_INTERSECT" && is_verbatim()) {
    result.kind = SetOperation::Kind::intersect;
  } else {
    throw Refusal{fmt::format("set operation {} is not understood", op)};
  }
  // SQLite's INTERSECT was spelled EXCEPT ALL, which it does not have.
  if (!is_verbatim() && op == "SETOP_EXCEPT" && std::exchange(result.all, false))
    result.kind = SetOperation::Kind::intersect;
}

Body Converter::arm(const Json& select_stmt) {
  const Fields fields = select_fields(select_stmt);
  if (is_verbatim() && (!is_plain_arm(fields) || fields.find("windowClause")))
    return Body{Arm{query(select_stmt)}};
  if (!is_plain_arm(fields))
    throw Refusal{"an arm of a compound SELECT with ORDER BY, LIMIT or WITH of its own"};
  if (fields.find("windowClause"))
    throw Refusal{"WINDOW in an arm of a compound SELECT is not understood"};
  return body(fields);
}

Select Converter::select(const Fields& fields) {
  Select result;
  if (const auto* distinct = fields.find("distinctClause")) {
    result.distinct = true;
    if (distinct->size() != 1 || !(*first_of(*distinct)).empty())
      result.distinct_on = exprs(*distinct);
  }
  for (const auto& node : fields.list("targetList"))
    result.items.push_back(item(node));
  if (result.items.empty())
    throw Refusal{"SELECT without a column"};
  const auto& sources = fields.list("fromClause");
  if (!is_verbatim() && sources.size() > 1)
    throw Refusal{"a FROM of unusual form"};
  for (const auto& source : sources)
    add_source(result.from, from(source));
  result.where = expr_or_null(fields.find("whereClause"));
  result.group_by = exprs(fields.list("groupClause"));
  result.having = expr_or_null(fields.find("havingClause"));
  return result;
}

Values Converter::values(const Json& rows) {
  Values result;
  for (const auto& node : rows) {
    const auto [kind, content] = view(node);
    result.rows.push_back(exprs(Fields(content, kind, {"items"}).list("items")));
  }
  return result;
}

SelectItem Converter::item(const Json& node) {
  const auto [kind, content] = view(node);
  const Fields fields(content, kind, {"name", "val", "location"});
  const auto alias = fields.text("name");
  return {expr(fields.at("val")), alias.empty() ? "" : name(alias)};
}

std::vector<Cte> Converter::with(const Json& with_clause, bool& recursive) {
  const Fields fields(with_clause, "WithClause", {"ctes", "recursive", "location"});
  recursive = fields.flag("recursive");
  std::vector<Cte> result;
  for (const auto& node : fields.list("ctes"))
    result.push_back(cte(node));
  return result;
}

Cte Converter::cte(const Json& node) {
  const auto [kind, content] = view(node);
  const Fields fields(content, kind,
                      {"ctename", "aliascolnames", "ctematerialized", "ctequery", "location"});
  Cte result;
  result.name = name(fields.text("ctename"));
  for (const auto& column : fields.list("aliascolnames"))
    result.columns.push_back(name_of(column));
  const auto materialized = fields.text("ctematerialized");
  if (materialized == "CTEMaterializeAlways" || materialized == "CTEMaterializeNever")
    result.materialized = materialized == "CTEMaterializeAlways";
  else if (materialized != "CTEMaterializeDefault")
    throw Refusal{fmt::format("{} is not understood", materialized)};
  result.query = wrapped_query(fields.at("ctequery"));
  return result;
}

const SpelledName& Converter::origin(const std::string& spelled) const {
  std::size_t index = 0;
  const char* end = spelled.data() + spelled.size();
  const bool numbered = spelled.size() > 1 && spelled[0] == 'n' &&
                        std::from_chars(spelled.data() + 1, end, index).ptr == end;
  if (!numbered || index >= spelled_.names.size())
    throw Refusal{fmt::format("unexpected name {}", spelled)};
  return spelled_.names[index];
}

std::string Converter::name(const std::string& spelled) const {
  if (is_verbatim() && spelled.empty())
    throw Refusal{"a name of no letters"};
  return is_verbatim() ? spelled : origin(spelled).text;
}

std::string Converter::name_of(const Json& string_node) const {
  return name(string_of(string_node));
}

const SpelledValue& Converter::value(const Json& param_ref) const {
  const auto number = Fields(param_ref, "ParamRef", {"number", "location"}).number("number");
  if (number == 0 || number > spelled_.values.size())
    throw Refusal{fmt::format("unexpected parameter ${}", number)};
  return spelled_.values[number - 1];
}

const std::string* Converter::operator_at(std::size_t location) const {
  const auto found = spelled_.operators.find(location);
  return found == spelled_.operators.end() ? nullptr : &found->second;
}

} // namespace quill::sql
