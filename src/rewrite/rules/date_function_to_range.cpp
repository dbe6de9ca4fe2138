// strftime('%Y-%m', c) = '2024-03'  →  c >= '2024-03-01' AND c < '2024-04-01'
//
// Matches: date(c), strftime of '%Y', '%Y-%m' or '%Y-%m-%d' of a column, or CAST(strftime('%Y', c)
// AS INTEGER), compared by = <> < <= > >=, BETWEEN or IN with literals.
// Of DuckDB and PostgreSQL: strftime and to_char of these formats, year(c), extract(year FROM c),
// where the type of the column is DATE or TIMESTAMP; what follows speaks of SQLite, which has no
// such type. Must hold: the column is text with BINARY collation; every value is a date that SQLite
// itself would print, 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS' (looked up in the data: no schema can
// promise it, and '2023-1-5' or a Julian day would sort elsewhere); the literal is zero-padded and
// exists; a text literal meets text and an integer meets the CAST (strftime(…) = 2023 is always
// false). Why the rows are the same: such dates sort as text in the order of time, so a period is
// the half-open range from its first day to the day after its last. NULL stays NULL on both sides.
#include "rewrite/calendar.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/range.hpp"
#include "rewrite/slot_rule.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "date-function-to-range", "redundancy",
    "a date function around a compared column becomes a half-open range of the column",
    "2.5x measured without an index (no call a row), 10x and more with one",
    "nowhere known; it must be dropped when dates of another format come in"};

constexpr const char* kWhy =
    "The date function around the column became a half-open range of the column itself: "
    "every date stored there is of a date's type, or ISO text (looked up in this database) that "
    "sorts as time does.";

/// A date function of a column, and what part of the date it gives.
struct DatePart {
  const sql::Column* column;
  PeriodUnit unit;
  bool as_integer = false;
};

std::optional<PeriodUnit> unit_of(const std::string& format) {
  if (format == "%Y")
    return PeriodUnit::year;
  if (format == "%Y-%m")
    return PeriodUnit::month;
  return format == "%Y-%m-%d" ? std::optional(PeriodUnit::day) : std::nullopt;
}

std::optional<PeriodUnit> unit_of_name(const std::string* name) {
  return name != nullptr && *name == "year" ? std::optional(PeriodUnit::year) : std::nullopt;
}

/// As DuckDB and PostgreSQL write it: the year as a number, or a format with the column first.
std::optional<DatePart> foreign_part(const sql::Call& call, sql::Dialect dialect) {
  if (call.name == "year" && call.args.size() == 1 && dialect == sql::Dialect::duckdb)
    return DatePart{call.args[0]->as<sql::Column>(), PeriodUnit::year, true};
  if (call.args.size() != 2)
    return std::nullopt;
  if (call.name == "extract" || call.name == "date_part") {
    const auto unit = unit_of_name(text_value(*call.args[0]));
    return unit ? std::optional(DatePart{call.args[1]->as<sql::Column>(), *unit, true})
                : std::nullopt;
  }
  const auto* format = text_value(*call.args[1]);
  std::optional<PeriodUnit> unit;
  if (format != nullptr && call.name == "strftime" && dialect == sql::Dialect::duckdb)
    unit = unit_of(*format);
  if (format != nullptr && call.name == "to_char" && dialect == sql::Dialect::postgres)
    unit = *format == "YYYY"         ? std::optional(PeriodUnit::year)
           : *format == "YYYY-MM"    ? std::optional(PeriodUnit::month)
           : *format == "YYYY-MM-DD" ? std::optional(PeriodUnit::day)
                                     : std::nullopt;
  return unit ? std::optional(DatePart{call.args[0]->as<sql::Column>(), *unit}) : std::nullopt;
}

std::optional<DatePart> date_part_of_call(const sql::Call& call) {
  if (call.name == "date" && call.args.size() == 1)
    return DatePart{call.args[0]->as<sql::Column>(), PeriodUnit::day};
  if (call.name != "strftime" || call.args.size() != 2)
    return std::nullopt;
  const auto* format = text_value(*call.args[0]);
  const auto unit = format == nullptr ? std::nullopt : unit_of(*format);
  return unit ? std::optional(DatePart{call.args[1]->as<sql::Column>(), *unit}) : std::nullopt;
}

/// A column of a type for dates needs no look at its rows.
std::optional<DatePart> typed_part(const sql::Expr& expr, const Subject& subject,
                                   const sql::Scope& scope) {
  const auto* call = expr.as<sql::Call>();
  auto part = call == nullptr ? std::nullopt : foreign_part(*call, subject.dialect);
  const auto* info = part && part->column ? scope.info(*part->column) : nullptr;
  return info != nullptr && is_date_type(info->type) ? part : std::nullopt;
}

std::optional<DatePart> date_part(const sql::Expr& expr, const Subject& subject,
                                  const sql::Scope& scope) {
  if (subject.dialect != sql::Dialect::sqlite)
    return typed_part(expr, subject, scope);
  const auto* cast = expr.as<sql::Cast>();
  const bool as_integer = cast != nullptr && (cast->type == "INTEGER" || cast->type == "INT");
  const auto* call = (as_integer ? *cast->arg : expr).as<sql::Call>();
  auto part = call == nullptr ? std::nullopt : date_part_of_call(*call);
  if (!part || part->column == nullptr || (as_integer && part->unit != PeriodUnit::year))
    return std::nullopt;
  part->as_integer = as_integer;
  const auto* info = scope.info(*part->column);
  if (info == nullptr || domain(*info) != Domain::text || !is_binary(*info) ||
      !is_fact(subject.facts.dates, scope, *part->column))
    return std::nullopt;
  return part;
}

std::optional<Period> named_period(const DatePart& part, const sql::Expr& literal) {
  if (part.as_integer) {
    const auto year = integer_value(literal);
    const bool four_digits = year && *year >= 1000 && *year <= 9998;
    return four_digits ? period(std::to_string(*year), PeriodUnit::year) : std::nullopt;
  }
  const auto* text = text_value(literal);
  return text == nullptr ? std::nullopt : period(*text, part.unit);
}

sql::ExprPtr list_as_range(const sql::InList& in, const Subject& subject, const sql::Scope& scope) {
  const auto part = date_part(*in.arg, subject, scope);
  if (!part)
    return nullptr;
  return within_listed(*part->column, in,
                       [&](const sql::Expr& item) { return named_period(*part, item); });
}

sql::ExprPtr between_as_range(const sql::Between& between, const Subject& subject,
                              const sql::Scope& scope) {
  const auto part = date_part(*between.arg, subject, scope);
  const auto low = part ? named_period(*part, *between.low) : std::nullopt;
  const auto high = part ? named_period(*part, *between.high) : std::nullopt;
  if (!low || !high || between.negated)
    return nullptr;
  return within(*part->column, {low->low, high->high});
}

sql::ExprPtr as_range(const sql::Expr& expr, const Block& block, const Subject& subject) {
  const auto& scope = block.scope;
  if (const auto* in = expr.as<sql::InList>())
    return list_as_range(*in, subject, scope);
  if (const auto* between = expr.as<sql::Between>())
    return between_as_range(*between, subject, scope);
  const auto found = comparison_with_literal(expr);
  const auto part = found ? date_part(*found->left, subject, scope) : std::nullopt;
  const auto range = part ? named_period(*part, *found->right) : std::nullopt;
  return range ? compared(*part->column, found->op, *range) : nullptr;
}

} // namespace

RulePtr date_function_to_range() {
  return slot_rule(kWords, Slots::filters_and_items, as_range, kWhy);
}

} // namespace quill::rewrite
