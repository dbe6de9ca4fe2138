// Text to tree and back. SQLite's spellings are taken to libpg_query's grammar at token level;
// PostgreSQL's are its own; of DuckDB's those are understood that differ by a token.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "quill/core/error.hpp"
#include "quill/sql/dialect.hpp"
#include "quill/sql/text.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

/// SQL text in PostgreSQL's grammar → libpg_query's JSON parse tree. Injected, because strangers'
/// text is parsed inside quill-worker (engine::Session::grammar) and our own in process.
using Grammar = std::function<Result<std::string>(std::string_view)>;
/// In process: for text we wrote ourselves, tests, and the worker.
[[nodiscard]] Grammar local_grammar();

/// One SELECT (or WITH … SELECT, or VALUES). A failure says what is not understood; the query is
/// then opaque.
[[nodiscard]] Result<QueryPtr> parse(std::string_view sql, const Grammar& grammar,
                                     const TextCaps& caps = {});
/// The same from any dialect. Names come folded to lower case from PostgreSQL, as it folds them.
[[nodiscard]] Result<QueryPtr> parse(Dialect dialect, std::string_view sql, const Grammar& grammar,
                                     const TextCaps& caps = {});

/// On one line in the dialect's spelling. What the dialect has no words for is printed as it stands
/// in the tree. Spelling only: where dialects give one spelling two meanings (LIKE and case, the
/// division of integers, where NULLs sort) the meaning is the printing dialect's.
[[nodiscard]] std::string print(const Query& query, Dialect dialect);
[[nodiscard]] std::string print(const Expr& expr, Dialect dialect);
/// The same over several lines, clauses on their own line, two blanks of indent: for people and
/// data sets.
[[nodiscard]] std::string print_pretty(const Query& query, Dialect dialect);

/// SQLite's dialect, one line, minimal parentheses that keep the tree, names quoted only when
/// needed.
[[nodiscard]] std::string print_sqlite(const Query& query);
[[nodiscard]] std::string print_sqlite(const Expr& expr);
[[nodiscard]] std::string print_sqlite_pretty(const Query& query);
/// An identifier as SQLite must see it ("order" → "\"order\"").
[[nodiscard]] std::string quoted_name(std::string_view name);
/// The same for any dialect: PostgreSQL's keeps its letter case by quotes.
[[nodiscard]] std::string quoted_name(std::string_view name, Dialect dialect);
[[nodiscard]] std::string quoted_text(std::string_view text);

} // namespace quill::sql
