#include "sql/keywords.hpp"

#include <algorithm>
#include <array>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::binary_search(words, std::string_view(lower(word)));
}

// pg_get_keywords() of PostgreSQL 15 and duckdb_keywords() of DuckDB 1.4, by what they may be.
constexpr auto kReserved = std::to_array<std::string_view>({
    "all",          "analyse",
    "analyze",      "and",
    "any",          "array",
    "as",           "asc",
    "asymmetric",   "both",
    "case",         "cast",
    "check",        "collate",
    "column",       "constraint",
    "create",       "current_catalog",
    "current_date", "current_role",
    "current_time", "current_timestamp",
    "current_user", "default",
    "deferrable",   "desc",
    "distinct",     "do",
    "else",         "end",
    "except",       "false",
    "fetch",        "for",
    "foreign",      "from",
    "grant",        "group",
    "having",       "in",
    "initially",    "intersect",
    "into",         "lateral",
    "leading",      "limit",
    "localtime",    "localtimestamp",
    "not",          "null",
    "offset",       "on",
    "only",         "or",
    "order",        "placing",
    "primary",      "references",
    "returning",    "select",
    "session_user", "some",
    "symmetric",    "table",
    "then",         "to",
    "trailing",     "true",
    "union",        "unique",
    "user",         "using",
    "variadic",     "when",
    "where",        "window",
    "with",
});
// May be functions and types, not columns and tables.
constexpr auto kFunctions = std::to_array<std::string_view>({
    "authorization", "binary", "collation", "concurrently", "cross",   "current_schema",
    "freeze",        "full",   "ilike",     "inner",        "is",      "isnull",
    "join",          "left",   "like",      "natural",      "notnull", "outer",
    "overlaps",      "right",  "similar",   "tablesample",  "verbose",
});
// May be columns and tables; as functions they are grammar.
constexpr auto kColumns = std::to_array<std::string_view>({
    "between",    "bigint",       "bit",       "boolean",       "char",          "character",
    "coalesce",   "dec",          "decimal",   "exists",        "extract",       "float",
    "greatest",   "grouping",     "inout",     "int",           "integer",       "interval",
    "least",      "national",     "nchar",     "none",          "normalize",     "nullif",
    "numeric",    "out",          "overlay",   "position",      "precision",     "real",
    "row",        "setof",        "smallint",  "substring",     "time",          "timestamp",
    "treat",      "trim",         "values",    "varchar",       "xmlattributes", "xmlconcat",
    "xmlelement", "xmlexists",    "xmlforest", "xmlnamespaces", "xmlparse",      "xmlpi",
    "xmlroot",    "xmlserialize", "xmltable",
});
constexpr auto kOfDuckdb = std::to_array<std::string_view>({
    "anti",         "asof",        "at",          "by",      "columns", "describe",
    "generated",    "glob",        "grouping_id", "lambda",  "map",     "pivot",
    "pivot_longer", "pivot_wider", "positional",  "qualify", "semi",    "show",
    "struct",       "summarize",   "try_cast",    "unpack",  "unpivot",
});
// Unreserved, yet not plain where a window or a call goes on.
constexpr auto kRisky = std::to_array<std::string_view>({
    "filter",
    "following",
    "groups",
    "over",
    "partition",
    "preceding",
    "range",
    "rows",
    "unbounded",
    "within",
    "without",
});
constexpr auto kGrammarCalls =
    std::to_array<std::string_view>({"coalesce", "greatest", "grouping", "least", "nullif"});
constexpr auto kBareCalls = std::to_array<std::string_view>({
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "user",
});

} // namespace

bool is_keyword(std::string_view word, Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return is_keyword(word);
  return among(kReserved, word) || among(kFunctions, word) || among(kColumns, word) ||
         among(kRisky, word) || (dialect == Dialect::duckdb && among(kOfDuckdb, word));
}

bool is_reserved_function(std::string_view word, Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return is_keyword(word);
  return among(kReserved, word) || among(kColumns, word) ||
         (dialect == Dialect::duckdb && among(kOfDuckdb, word));
}

bool is_call_of_grammar(std::string_view word) {
  return among(kGrammarCalls, word);
}

bool is_bare_call(std::string_view word) {
  return among(kBareCalls, word);
}

} // namespace quill::sql
