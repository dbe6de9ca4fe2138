// Facts about the data that some rules stand on, looked up in the database itself.
#pragma once

#include "quill/engine/session.hpp"
#include "quill/rewrite/rule.hpp"
#include "quill/sql/resolve.hpp"

namespace quill::rewrite {

/// Asks the database what rules may want to know about the columns of `tree`: one bounded look a
/// column. What is `known` already is not asked again.
[[nodiscard]] Facts look_up_facts(const sql::Query& tree, engine::Session& session, Facts known);

/// Does text compare by code point (UTF-8 or UTF-16BE)? In a UTF-16LE database it does not, and no
/// range stands for a prefix.
[[nodiscard]] bool text_orders_by_code_point(engine::Session& session);

/// A type of DuckDB or PostgreSQL that holds days or moments of no zone.
[[nodiscard]] bool is_date_type(std::string_view type);

/// "table.column" in lower case.
[[nodiscard]] std::string fact_name(std::string_view table, std::string_view column);
/// Is the fact known of the base column behind `column`?
[[nodiscard]] bool is_fact(const std::set<std::string>& facts, const sql::Scope& scope,
                           const sql::Column& column);

} // namespace quill::rewrite
