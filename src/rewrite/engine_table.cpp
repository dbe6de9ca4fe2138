#include "rewrite/engine_table.hpp"

#include <algorithm>
#include <array>

namespace quill::rewrite {

namespace {

struct Standing {
  std::string_view rule;
  bool duckdb, postgres;
};

// Measured with tests/rewrite/engine_pairs.json, beside what is published. What is false here was
// neutral or slower there, or does not hold: a prefix is no range of texts where PostgreSQL sorts
// by a language, and DuckDB compares no row with a sub-query.

constexpr std::array kTable{
    Standing{"date-function-to-range", true, true},
    Standing{"prefix-to-range", true, false},
    Standing{"arithmetic-off-column", false, true},
    Standing{"coalesce-off-column", true, true},
    Standing{"count-to-exists", true, true},
    Standing{"exists-to-in", true, false},
    Standing{"correlated-in-to-row-in", false, true},
    Standing{"scalar-aggregate-to-join", true, true},
    Standing{"greatest-per-group-to-in", true, true},
    Standing{"scalar-scans-to-one", false, true},
    Standing{"repeated-subquery-to-cte", false, true},
    Standing{"filter-into-cte", true, true},
    Standing{"cte-self-join-to-pivot", true, true},
    Standing{"distinct-join-to-in", true, true},
    Standing{"foreign-key-join", true, true},
    Standing{"partial-aggregates-first", true, true},
    Standing{"needed-groups-only", false, true},
    Standing{"late-materialisation", true, true},
    Standing{"scalar-aggregate-to-window", true, true},
    Standing{"running-aggregate-to-window", true, true},
    Standing{"newer-row-to-window", true, false},
    Standing{"self-join-to-window", true, true},
    Standing{"self-pairs-to-groups", true, true},
    Standing{"redundant-distinct", true, true},
    Standing{"inner-order-by", true, true},
    Standing{"union-to-union-all", true, false},
    Standing{"or-to-union-all", true, true},
};

} // namespace

bool pays_on(std::string_view rule, sql::Dialect dialect) {
  if (dialect == sql::Dialect::sqlite)
    return true;
  const auto* found = std::ranges::find(kTable, rule, &Standing::rule);
  return found != kTable.end() &&
         (dialect == sql::Dialect::duckdb ? found->duckdb : found->postgres);
}

std::vector<std::string> engines_of(std::string_view rule) {
  std::vector<std::string> names;
  for (const auto dialect : {sql::Dialect::sqlite, sql::Dialect::duckdb, sql::Dialect::postgres})
    if (pays_on(rule, dialect))
      names.emplace_back(sql::name_of(dialect));
  return names;
}

} // namespace quill::rewrite
