// Comparisons of a column with a constant, and when SQLite compares two values plainly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quill/sql/resolve.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// The value of a literal, signs included; nullopt for everything else.
[[nodiscard]] std::optional<std::int64_t> integer_value(const sql::Expr& expr);
[[nodiscard]] std::optional<double> number_value(const sql::Expr& expr); ///< integer or real
[[nodiscard]] const std::string* text_value(const sql::Expr& expr);      ///< null when no string
[[nodiscard]] bool is_literal(const sql::Expr& expr); ///< signs included, NULL too
[[nodiscard]] bool is_null(const sql::Expr& expr);

[[nodiscard]] bool is_comparison(std::string_view op);  ///< = <> < <= > >=
[[nodiscard]] std::string flipped(std::string_view op); ///< "<" → ">": operands change sides

/// `left op right` with the constant on the right, wherever it was written.
struct Comparison {
  const sql::Expr* left;
  std::string op;
  const sql::Expr* right;
};
/// Any comparison, as written.
[[nodiscard]] std::optional<Comparison> comparison(const sql::Expr& expr);
/// A comparison with a literal, turned so that the literal is on the right.
[[nodiscard]] std::optional<Comparison> comparison_with_literal(const sql::Expr& expr);

/// How a declared type compares: what affinity SQLite gives it, numbers taken together.
enum class Domain { number, text, blob };
[[nodiscard]] Domain domain(const sql::ColumnInfo& column);
/// BINARY collation: text compares byte by byte.
[[nodiscard]] bool is_binary(const sql::ColumnInfo& column);
/// Is `column op literal` free of conversions: a number with a number, text with text, BINARY?
[[nodiscard]] bool compares_plainly(const sql::ColumnInfo& column, const sql::Expr& literal);
/// Is `a = b` the same relation as GROUP BY and IN use: same domain, BINARY on both sides? A real
/// with another number is not, on servers: two decimals can equal one real and not each other.
[[nodiscard]] bool compares_plainly(const sql::ColumnInfo& a, const sql::ColumnInfo& b);

} // namespace quill::rewrite
