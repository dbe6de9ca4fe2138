#include "engine/postgres/gate.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "engine/postgres/text_caps.hpp"
#include "quill/core/error.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::postgres {
namespace {

constexpr int kTreeDepthMax = 40'000; ///< the caps on the text come first

/// Not volatile, and still not for strangers: they read settings, rights, catalogues or the
/// server's state.
constexpr std::array kForbidden = std::to_array<std::string_view>(
    {"col_description", "current_setting", "currtid2", "obj_description", "row_security_active",
     "shobj_description", "ts_rewrite", "ts_stat"});
constexpr std::array kForbiddenPrefixes = std::to_array<std::string_view>(
    {"binary_upgrade_", "database_to_xml", "has_", "inet_client_", "inet_server_", "lo_", "pg_",
     "query_to_xml", "schema_to_xml", "table_to_xml", "cursor_to_xml", "to_reg", "txid_"});

bool is_forbidden(std::string_view name) {
  return std::find(kForbidden.begin(), kForbidden.end(), name) != kForbidden.end() ||
         std::any_of(kForbiddenPrefixes.begin(), kForbiddenPrefixes.end(),
                     [&](auto prefix) { return name.substr(0, prefix.size()) == prefix; });
}

std::string text_at(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The names of a qualified name: [{"String": {"sval": "pg_catalog"}}, …].
std::vector<std::string> names_of(const Json& node, const char* key) {
  std::vector<std::string> names;
  const auto list = node.find(key);
  if (list == node.end() || !list->is_array())
    return names;
  for (const auto& item : *list)
    if (const auto string = item.find("String"); item.is_object() && string != item.end()) {
      auto name = text_at(*string, "sval");
      names.push_back(name.empty() ? text_at(*string, "str") : std::move(name));
    }
  return names;
}

bool is_statement(const std::string& kind) {
  constexpr std::string_view kEnd = "Stmt";
  return kind.size() > kEnd.size() && kind[0] >= 'A' && kind[0] <= 'Z' &&
         kind.compare(kind.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

bool is_filled(const Json& value) {
  return value.is_structured() && !value.empty();
}

/// Calls `visit(kind, node)` for every member of every object; it returns false to stop.
template <class Visit> void walk(const Json& tree, const Visit& visit) {
  std::vector<const Json*> open = {&tree};
  while (!open.empty()) {
    const auto& node = *open.back();
    open.pop_back();
    if (node.is_object())
      for (const auto& [kind, member] : node.items())
        if (member.is_structured() && !visit(kind, member))
          return;
    for (const auto& child : node)
      if (child.is_structured())
        open.push_back(&child);
  }
}

std::vector<std::string> named_tables(const Json& statement) {
  std::vector<std::string> tables;
  std::unordered_set<std::string> common; // names of WITH
  walk(statement, [&](const std::string& kind, const Json& node) {
    if (kind == "CommonTableExpr")
      common.insert(text_at(node, "ctename"));
    else if (kind == "RangeVar")
      tables.push_back(text_at(node, "relname"));
    return true;
  });
  std::erase_if(tables, [&](const auto& name) { return common.contains(name); });
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return tables;
}

} // namespace

void Gate::open(const Connection& connection) {
  // 2281 is the type internal, 2275 cstring: functions that take them are not for SQL.
  const auto functions = connection.rows(
      "SELECT proname FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
      "GROUP BY proname HAVING bool_and(provolatile <> 'v') "
      "AND bool_or(NOT proargtypes::oid[] && '{2281,2275}'::oid[])");
  for (const auto& row : functions)
    if (!is_forbidden(row[0]))
      functions_.insert(row[0]);
  functions_.insert("pg_typeof");
  for (const auto& row : connection.rows("SELECT relname FROM pg_catalog.pg_class "
                                         "WHERE relnamespace = 'pg_catalog'::regnamespace"))
    system_tables_.insert(row[0]);
}

Verdict Gate::check(const std::string& sql, std::vector<std::string>* tables) const {
  if (const auto nul = sql.find('\0'); nul != std::string::npos)
    return blocked(Cause::syntax, fmt::format("NUL byte at offset {}", nul));
  if (auto excess = excess_of(sql); !excess.empty())
    return blocked(Cause::syntax, std::move(excess));
  const auto text = sql::local_grammar()(sql);
  if (!text.ok())
    return blocked(Cause::syntax, text.failure().what);
  Json tree;
  try {
    tree = parse_json(text.value(), "statement", kTreeDepthMax);
  } catch (const Error& error) {
    return blocked(Cause::syntax, error.text().what);
  }
  const auto statements = tree.find("stmts");
  if (statements == tree.end() || !statements->is_array() || statements->empty())
    return blocked(Cause::syntax, "empty statement");
  if (statements->size() > 1)
    return blocked(Cause::multiple, "more than one statement");
  const auto& first = statements->at(0);
  if (!first.contains("stmt") || !first.at("stmt").contains("SelectStmt"))
    return blocked(Cause::forbidden, "only a SELECT may run");
  return check_tree(first.at("stmt"), tables);
}

Verdict Gate::check_tree(const Json& statement, std::vector<std::string>* tables) const {
  Verdict verdict;
  walk(statement, [&](const std::string& kind, const Json& node) {
    verdict = check_node(kind, node);
    return verdict.passed();
  });
  if (verdict.passed() && tables)
    *tables = named_tables(statement);
  return verdict;
}

Verdict Gate::check_node(const std::string& kind, const Json& node) const {
  if (is_statement(kind) && kind != "SelectStmt")
    return blocked(Cause::forbidden, "only a SELECT may run, also inside a WITH");
  if (kind == "intoClause" || kind == "IntoClause")
    return blocked(Cause::forbidden, "SELECT INTO is not allowed");
  if ((kind == "lockingClause" && is_filled(node)) || kind == "LockingClause")
    return blocked(Cause::forbidden, "FOR UPDATE and FOR SHARE are not allowed");
  if (kind == "RangeTableSample")
    return blocked(Cause::forbidden, "a sample is not allowed: its rows do not repeat");
  if (kind == "ParamRef")
    return blocked(Cause::syntax, "parameters are not bound");
  if (kind == "FuncCall")
    return check_function(node);
  if (kind == "RangeVar")
    return check_table(node);
  return {};
}

Verdict Gate::check_function(const Json& call) const {
  const auto names = names_of(call, "funcname");
  if (names.empty() || names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog"))
    return blocked(Cause::forbidden, "only PostgreSQL's own functions may be called");
  if (functions_.contains(names.back()))
    return {};
  return blocked(Cause::forbidden,
                 fmt::format("the function {}() is not allowed: it is volatile, reads the server's "
                             "state, or is not PostgreSQL's own",
                             names.back()));
}

Verdict Gate::check_table(const Json& table) const {
  const auto schema = text_at(table, "schemaname");
  const auto name = text_at(table, "relname");
  const bool system = schema == "pg_catalog" || schema == "information_schema" ||
                      schema.starts_with("pg_") ||
                      (schema.empty() && system_tables_.contains(name));
  if (!system)
    return {};
  return blocked(Cause::forbidden, fmt::format("reading \"{}\" is not allowed", name));
}

} // namespace quill::engine::postgres
