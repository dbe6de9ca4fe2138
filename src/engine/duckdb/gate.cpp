#include "engine/duckdb/gate.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "engine/protocol.hpp"
#include "quill/core/error.hpp"
#include "quill/sql/name.hpp"

namespace quill::engine::duckdb {
namespace {

using sql::lower;

constexpr int kTreeDepthMax = 20'000; ///< DuckDB's own limit of 1000 expressions comes first
constexpr int kQueryDepthMax = 2;     ///< query('… query(…) …')

/// Built in and not marked volatile, and still not for strangers: they read settings, variables and
/// catalogues, take other SQL as text, or trust the bytes of their argument.
constexpr std::array kForbidden = std::to_array<std::string_view>({"combine",
                                                                   "current_catalog",
                                                                   "current_connection_id",
                                                                   "current_database",
                                                                   "current_query",
                                                                   "current_query_id",
                                                                   "current_role",
                                                                   "current_schema",
                                                                   "current_schemas",
                                                                   "current_setting",
                                                                   "current_transaction_id",
                                                                   "current_user",
                                                                   "finalize",
                                                                   "get_block_size",
                                                                   "getenv",
                                                                   "getvariable",
                                                                   "in_search_path",
                                                                   "json_deserialize_sql",
                                                                   "json_execute_serialized_sql",
                                                                   "json_serialize_plan",
                                                                   "json_serialize_sql",
                                                                   "parse_duckdb_log_message",
                                                                   "session_user",
                                                                   "stats",
                                                                   "txid_current",
                                                                   "user",
                                                                   "vector_type",
                                                                   "write_log"});
constexpr std::array kForbiddenPrefixes =
    std::to_array<std::string_view>({"__internal_", "duckdb_", "has_", "inet_", "pg_", "pragma_"});

/// How the names of DuckDB's own views begin.
constexpr std::array kSystemPrefixes =
    std::to_array<std::string_view>({"duckdb_", "pg_", "pragma_", "sqlite_"});

/// Functions of nearly every query, known without asking the catalogue.
constexpr std::array kOrdinary = std::to_array<std::string_view>(
    {"!~~",       "!~~*",       "%",      "&",           "*",           "+",          "-",
     "/",         "//",         "<<",     ">>",          "^",           "abs",        "avg",
     "ceil",      "coalesce",   "concat", "contains",    "count",       "count_star", "date_diff",
     "date_part", "date_trunc", "day",    "first",       "floor",       "greatest",   "last",
     "least",     "left",       "length", "like_escape", "list_value",  "lower",      "max",
     "min",       "mod",        "month",  "now",         "nullif",      "power",      "replace",
     "right",     "round",      "sqrt",   "stddev",      "stddev_samp", "strftime",   "string_agg",
     "substr",    "substring",  "sum",    "to_days",     "to_months",   "to_years",   "trim",
     "trunc",     "upper",      "year",   "|",           "||",          "~~",         "~~*"});

/// Functions in FROM that make rows from their arguments alone.
constexpr std::array kTableFunctions = std::to_array<std::string_view>(
    {"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"});

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_forbidden(std::string_view name) {
  return std::find(kForbidden.begin(), kForbidden.end(), name) != kForbidden.end() ||
         std::any_of(kForbiddenPrefixes.begin(), kForbiddenPrefixes.end(),
                     [&](auto prefix) { return starts_with(name, prefix); });
}

bool is_ordinary(std::string_view name) {
  return std::find(kOrdinary.begin(), kOrdinary.end(), name) != kOrdinary.end();
}

bool is_known_table_function(std::string_view name) {
  return std::find(kTableFunctions.begin(), kTableFunctions.end(), name) != kTableFunctions.end();
}

std::string text_at(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_blank(std::string_view sql) {
  return sql.find_first_not_of(" \t\r\n\f;") == std::string_view::npos;
}

std::string without_prefix(const std::string& message) {
  const auto at = message.find(" Error: ");
  return at > 30 ? message : message.substr(at + 8);
}

} // namespace

Verdict verdict_of(std::string message) {
  const auto is = [&](std::string_view prefix) { return starts_with(message, prefix); };
  const auto has = [&](std::string_view part) { return message.find(part) != std::string::npos; };
  if (is("INTERRUPT"))
    return {Status::timeout, Cause::none, ""};
  if (is("Out of Memory") || has("bad_alloc") || has("ailed to allocate") ||
      has("could not allocate") || has("Cannot allocate") || has("larger than 4GB"))
    return {Status::memory_limit, Cause::none, without_prefix(message)};
  if (is("Permission") || has("disabled by configuration") || has("configuration has been locked"))
    return blocked(Cause::forbidden, without_prefix(message));
  if (is("Parser") || is("Syntax") || has("Max expression depth limit"))
    return blocked(Cause::syntax, without_prefix(message));
  if (is("Catalog") || has("not found in FROM clause") || has("Referenced table"))
    return blocked(Cause::unknown_name, without_prefix(message));
  if (is("Binder") || is("Not implemented"))
    return blocked(Cause::syntax, without_prefix(message));
  if (is("FATAL") || is("INTERNAL")) // the database cannot be used any more
    message.insert(0, kEngineGone);
  return {Status::error, Cause::none, std::move(message)};
}

void Gate::learn() const {
  if (std::exchange(learnt_, true))
    return;
  const auto functions = database_->rows("SELECT DISTINCT lower(function_name), function_type, "
                                         "coalesce(stability, ''), internal FROM "
                                         "duckdb_functions()");
  for (const auto& row : functions) {
    const auto &name = row[0], &type = row[1], &stability = row[2];
    const bool own = row[3] == "false"; // a macro of the database's owner
    if (type == "pragma")
      continue;
    if (type == "table" || type == "table_macro") {
      const bool allowed = is_known_table_function(name) || own;
      table_functions_.emplace(name, allowed ? Standing::allowed : Standing::forbidden);
      continue;
    }
    const bool allowed = own || (stability != "VOLATILE" && !is_forbidden(name));
    auto& standing = functions_.try_emplace(name, Standing::allowed).first->second;
    if (!allowed)
      standing = Standing::forbidden;
  }
  functions_.try_emplace("unnest", Standing::allowed); // the binder's own
  for (const auto& row : database_->rows("SELECT DISTINCT lower(view_name) FROM duckdb_views() "
                                         "WHERE internal"))
    system_views_.insert(row[0]);
}

void Gate::open(const Database& database) {
  database_ = &database;
  passed_.clear();
}

Verdict Gate::check(const std::string& sql) const {
  constexpr std::size_t kPassedMax = 400; // a proof asks about a hundred
  constexpr std::size_t kBytesMax = 64U << 10U;
  if (passed_.contains(sql))
    return {};
  auto verdict = check_nested(sql, 0);
  if (!verdict.passed() || sql.size() > kBytesMax)
    return verdict;
  if (passed_.size() >= kPassedMax)
    passed_.clear();
  passed_.insert(sql);
  return verdict;
}

Verdict Gate::check_count(const std::string& sql) const {
  if (const auto nul = sql.find('\0'); nul != std::string::npos)
    return blocked(Cause::syntax, fmt::format("NUL byte at offset {}", nul));
  if (is_blank(sql))
    return blocked(Cause::syntax, "empty statement");
  ExtractedHandle extracted;
  const auto count =
      ::duckdb_extract_statements(database_->connection(), sql.c_str(), extracted.out());
  if (count > 1)
    return blocked(Cause::multiple, "more than one statement");
  if (count == 1)
    return {};
  const char* error = ::duckdb_extract_statements_error(extracted.get());
  if (!error || *error == '\0')
    return blocked(Cause::syntax, "empty statement"); // comments alone
  auto verdict = verdict_of(error);
  if (verdict.status == Status::error)
    verdict = blocked(Cause::syntax, std::move(verdict.message));
  return verdict;
}

/// DuckDB's own parser gives the tree: what is looked at is what will run.
Verdict Gate::check_nested(const std::string& sql, int depth) const {
  if (auto verdict = check_count(sql); !verdict.passed())
    return verdict;
  const auto text = database_->cell("SELECT json_serialize_sql(?::VARCHAR, skip_null := true, "
                                    "skip_empty := true, skip_default := true)",
                                    sql);
  if (!text.ok())
    return verdict_of(text.failure().what);
  Json tree;
  try {
    tree = parse_json(text.value(), "statement", kTreeDepthMax);
  } catch (const Error& error) {
    return blocked(Cause::syntax, error.text().what);
  }
  const auto error = tree.find("error");
  if (error == tree.end() || !error->is_boolean() || error->get<bool>()) {
    if (text_at(tree, "error_type") == "parser")
      return blocked(Cause::syntax, text_at(tree, "error_message"));
    return blocked(Cause::forbidden, "only a SELECT may run");
  }
  return check_tree(tree, depth);
}

Verdict Gate::check_tree(const Json& tree, int depth) const {
  std::vector<const Json*> open = {&tree}; // no recursion: the tree is as deep as strangers like
  while (!open.empty()) {
    const auto& node = *open.back();
    open.pop_back();
    if (node.is_object())
      if (auto verdict = check_node(node, depth); !verdict.passed())
        return verdict;
    if (node.is_structured())
      for (const auto& child : node)
        if (child.is_structured())
          open.push_back(&child);
  }
  return {};
}

Verdict Gate::check_node(const Json& node, int depth) const {
  const auto type = text_at(node, "type");
  const auto kind = text_at(node, "class");
  if (node.contains("sample") && node.at("sample").is_object())
    return blocked(Cause::forbidden, "a sample is not allowed: its rows do not repeat");
  if (kind == "PARAMETER")
    return blocked(Cause::syntax, "parameters are not bound");
  if (kind == "FUNCTION" && node.contains("function_name"))
    return check_function(text_at(node, "function_name"));
  if (kind == "WINDOW" && type == "WINDOW_AGGREGATE")
    return check_function(text_at(node, "function_name"));
  if (type == "SHOW_REF")
    return blocked(Cause::forbidden, "SHOW, DESCRIBE and SUMMARIZE are not allowed");
  if (type == "TABLE_FUNCTION" && node.contains("function"))
    return check_table_function(node.at("function"), depth);
  if (type == "BASE_TABLE")
    return check_table(node);
  return {};
}

Verdict Gate::check_function(std::string_view name) const {
  const auto known = lower(name);
  if (is_ordinary(known))
    return {};
  learn();
  // Of the functions in FROM the same names are called with the same node.
  if (const auto found = functions_.find(known); found != functions_.end()) {
    if (found->second == Standing::allowed)
      return {};
    return blocked(Cause::forbidden, fmt::format("the function {}() is not allowed", name));
  }
  if (const auto found = table_functions_.find(known); found != table_functions_.end())
    return found->second == Standing::allowed || known == "query"
               ? Verdict{}
               : blocked(Cause::forbidden, fmt::format("the function {}() is not allowed", name));
  return blocked(Cause::unknown_name, fmt::format("no such function: {}", name));
}

/// query() runs its text: a constant one is looked at like the statement itself.
Verdict Gate::check_table_function(const Json& function, int depth) const {
  const auto name = lower(text_at(function, "function_name"));
  if (name != "query") {
    if (is_known_table_function(name))
      return {};
    learn();
    const auto found = table_functions_.find(name);
    if (found == table_functions_.end())
      return blocked(Cause::unknown_name, fmt::format("no such table function: {}", name));
    if (found->second == Standing::allowed)
      return {};
    return blocked(Cause::forbidden, fmt::format("the table function {}() is not allowed", name));
  }
  const auto children = function.find("children");
  if (depth >= kQueryDepthMax || children == function.end() || children->size() != 1 ||
      text_at(children->at(0), "class") != "CONSTANT")
    return blocked(Cause::forbidden, "query() is not allowed: its text is not a constant");
  const auto value = children->at(0).find("value");
  if (value == children->at(0).end() || !value->is_object())
    return blocked(Cause::forbidden, "query() is not allowed: its text is not a constant");
  return check_nested(text_at(*value, "value"), depth + 1);
}

Verdict Gate::check_table(const Json& table) const {
  const auto name = lower(text_at(table, "table_name"));
  const auto schema = lower(text_at(table, "schema_name"));
  const auto catalog = lower(text_at(table, "catalog_name"));
  const bool suspect = std::any_of(kSystemPrefixes.begin(), kSystemPrefixes.end(),
                                   [&](auto prefix) { return starts_with(name, prefix); });
  if (suspect)
    learn();
  const bool system = schema == "information_schema" || schema == "pg_catalog" ||
                      catalog == "system" || catalog == "temp" ||
                      (suspect && system_views_.contains(name));
  if (!system)
    return {};
  return blocked(Cause::forbidden, fmt::format("reading \"{}\" is not allowed", name));
}

} // namespace quill::engine::duckdb
