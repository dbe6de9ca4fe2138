// substr(c, 1, 7) = '2024-03'  →  c >= '2024-03' AND c < '2024-04'      c LIKE '2024-%' likewise
//
// Matches: substr(c, 1, n) compared by = <> < <= > >= or IN with literals of exactly n characters;
// c LIKE 'p%' with no other wildcard.
// Must hold: the column is text with BINARY collation (with NOCASE the order is another one); the
// literal is ASCII (its successor is then one step of the last character); for LIKE, which does not
// mind case, the prefix holds no letter, and every value is text (looked up: LIKE reads a blob as
// text, an order does not).
// Why the rows are the same: under byte order the texts that begin with p are those from p to the
// successor of p; a blob compares greater than any text on both sides; NULL stays NULL.
#include <algorithm>

#include "rewrite/comparison.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/range.hpp"
#include "rewrite/slot_rule.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "prefix-to-range", "redundancy",
    "a prefix test by substr or LIKE becomes a half-open range of the column",
    "32x measured with an index on the column, 1.1x without", "nowhere known"};

constexpr const char* kWhy =
    "The test of the first characters became a half-open range of the column: under byte "
    "order the texts with a prefix lie between it and its successor.";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The texts that begin with `prefix`; nullopt when it is empty or not plain ASCII.
std::optional<Period> texts_with_prefix(const std::string& prefix) {
  const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
  if (prefix.empty() || !std::all_of(prefix.begin(), prefix.end(), plain))
    return std::nullopt;
  std::string next = prefix;
  next.back() = static_cast<char>(next.back() + 1);
  if (next.back() == '\x7f') // the successor of '~' is no printable character
    return std::nullopt;
  return Period{prefix, next};
}

/// The column whose first `length` characters are taken.
struct Prefix {
  const sql::Column* column;
  std::int64_t length;
};

std::optional<Prefix> prefix_call(const sql::Expr& expr, const sql::Scope& scope) {
  const auto* call = expr.as<sql::Call>();
  if (call == nullptr || (call->name != "substr" && call->name != "substring") ||
      call->args.size() != 3 || integer_value(*call->args[1]) != 1)
    return std::nullopt;
  const auto* column = call->args[0]->as<sql::Column>();
  const auto length = integer_value(*call->args[2]);
  const auto* info = column == nullptr ? nullptr : scope.info(*column);
  if (info == nullptr || !length || domain(*info) != Domain::text || !is_binary(*info))
    return std::nullopt;
  return Prefix{column, *length};
}

std::optional<Period> named_range(const Prefix& prefix, const sql::Expr& literal) {
  const auto* text = text_value(literal);
  if (text == nullptr || static_cast<std::int64_t>(text->size()) != prefix.length)
    return std::nullopt;
  return texts_with_prefix(*text);
}

sql::ExprPtr list_as_range(const sql::InList& in, const sql::Scope& scope) {
  const auto prefix = prefix_call(*in.arg, scope);
  if (!prefix)
    return nullptr;
  return within_listed(*prefix->column, in,
                       [&](const sql::Expr& item) { return named_range(*prefix, item); });
}

sql::ExprPtr like_as_range(const sql::Match& like, const Subject& subject,
                           const sql::Scope& scope) {
  const auto* column = like.arg->as<sql::Column>();
  const auto* pattern = text_value(*like.pattern);
  const auto* info = column == nullptr ? nullptr : scope.info(*column);
  if (like.op != "LIKE" || like.negated || like.escape || pattern == nullptr || info == nullptr ||
      domain(*info) != Domain::text || !is_binary(*info) ||
      !is_fact(subject.facts.texts, scope, *column))
    return nullptr;
  if (pattern->empty() || pattern->find_first_of("%_") != pattern->size() - 1 ||
      pattern->back() != '%')
    return nullptr;
  const auto prefix = pattern->substr(0, pattern->size() - 1);
  const auto range = texts_with_prefix(prefix);
  if (!range || std::any_of(prefix.begin(), prefix.end(), is_letter))
    return nullptr;
  return within(*column, *range);
}

sql::ExprPtr as_range(const sql::Expr& expr, const Block& block, const Subject& subject) {
  const auto& scope = block.scope;
  if (const auto* like = expr.as<sql::Match>())
    return like_as_range(*like, subject, scope);
  if (const auto* in = expr.as<sql::InList>())
    return list_as_range(*in, scope);
  const auto found = comparison_with_literal(expr);
  const auto prefix = found ? prefix_call(*found->left, scope) : std::nullopt;
  const auto range = prefix ? named_range(*prefix, *found->right) : std::nullopt;
  return range ? compared(*prefix->column, found->op, *range) : nullptr;
}

} // namespace

RulePtr prefix_to_range() {
  return slot_rule(kWords, Slots::filters_and_items, as_range, kWhy);
}

} // namespace quill::rewrite
