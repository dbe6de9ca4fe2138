// Text to tree and back. parse() takes SQLite's spellings to libpg_query's grammar at token level.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "quill/core/error.hpp"
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

/// SQLite's dialect, one line, minimal parentheses that keep the tree, names quoted only when
/// needed.
[[nodiscard]] std::string print_sqlite(const Query& query);
[[nodiscard]] std::string print_sqlite(const Expr& expr);
/// The same over several lines, clauses on their own line, two blanks of indent: for people and
/// data sets.
[[nodiscard]] std::string print_sqlite_pretty(const Query& query);
/// An identifier as SQLite must see it ("order" → "\"order\"").
[[nodiscard]] std::string quoted_name(std::string_view name);
[[nodiscard]] std::string quoted_text(std::string_view text);

} // namespace quill::sql
