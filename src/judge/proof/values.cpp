#include "judge/proof/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace quill::judge::proof {

namespace {

using engine::Value;

template <class T> std::optional<T> parsed(std::string_view text) {
  T value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<Value> number_value(std::string_view text) {
  if (const auto integer = parsed<std::int64_t>(text))
    return *integer;
  if (const auto real = parsed<double>(text); real && std::isfinite(*real))
    return *real;
  return std::nullopt;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return c >= '0' && c <= '9'; });
}

/// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": days of the civil calendar.
long days_from_civil(long year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const long era = (year >= 0 ? year : year - 399) / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + static_cast<long>(of_era * 365 + of_era / 4 - of_era / 100 + of_year) -
         719468;
}

struct Civil {
  long year;
  unsigned month, day;
};
Civil civil_from_days(long days) {
  days += 719468;
  const long era = (days >= 0 ? days : days - 146096) / 146097;
  const auto of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  const unsigned part = (5 * of_year + 2) / 153;
  const unsigned month = part < 10 ? part + 3 : part - 9;
  return {static_cast<long>(year) + era * 400 + (month <= 2 ? 1 : 0), month,
          of_year - (153 * part + 2) / 5 + 1};
}

void add_day(Values& out, long day, Kind kind, bool typed_date) {
  const auto text = day_text(day);
  if (kind != Kind::moment || !typed_date)
    out.emplace_back(text);
  if (kind != Kind::day)
    for (const char* time : {" 00:00:00", " 12:30:00", " 23:59:59"})
      out.emplace_back(text + time);
}

/// A date of less than ten characters, completed: "2024", "2024-05".
std::optional<long> day_of_prefix(std::string_view text) {
  if (text.size() == 4 && is_digits(text) && text >= "1800" && text <= "2200")
    return day_number(fmt::format("{}-01-01", text));
  if (text.size() == 7 && text[4] == '-')
    return day_number(fmt::format("{}-01", text));
  return day_number(text);
}

Values dates_near(long day, Kind kind, bool typed_date) {
  Values out;
  const auto civil = civil_from_days(day);
  const long month = days_from_civil(civil.year, civil.month, 1);
  const long next_month = civil.month == 12 ? days_from_civil(civil.year + 1, 1, 1)
                                            : days_from_civil(civil.year, civil.month + 1, 1);
  const long year = days_from_civil(civil.year, 1, 1);
  const long next_year = days_from_civil(civil.year + 1, 1, 1);
  for (const long each : {day, day - 1, day + 1, month, month - 1, next_month, next_month - 1, year,
                          year - 1, next_year, next_year - 1})
    add_day(out, each, kind, typed_date);
  return out;
}

std::string other_case(std::string text) {
  for (auto& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(std::isupper(byte) != 0 ? std::tolower(byte) : std::toupper(byte));
  }
  return text;
}

Values texts_near(const std::string& text) {
  Values out{text, other_case(text), text + " ", text + "a", "a" + text, " " + text};
  if (!text.empty()) {
    out.emplace_back(text.substr(0, text.size() - 1));
    auto next = text;
    if (static_cast<unsigned char>(next.back()) < 0x7e)
      next.back() = static_cast<char>(next.back() + 1);
    out.emplace_back(next);
    auto head = text;
    head[0] = other_case(head.substr(0, 1))[0];
    out.emplace_back(head);
  }
  return out;
}

Values integers(double at) {
  Values out;
  if (std::abs(at) > 9e15)
    return {static_cast<std::int64_t>(std::clamp(at, -9e18, 9e18))};
  const auto floor = static_cast<std::int64_t>(std::floor(at));
  for (const std::int64_t delta : {0, 1, -1, 2})
    out.emplace_back(floor + delta);
  return out;
}

Values reals(double at) {
  return {at, at + 0.5, at - 0.5, at + 1, at - 1, at + 0.01, at - 0.01, at + 0.001, at - 0.001};
}

Values numbers_near(double at, Kind kind) {
  if (kind == Kind::integer || kind == Kind::boolean)
    return integers(at);
  Values out = reals(at);
  if (kind != Kind::real)
    for (auto& value : integers(at))
      out.push_back(std::move(value));
  return out;
}

bool is_date_kind(Kind kind) {
  return kind == Kind::day || kind == Kind::moment;
}

/// Neighbours on one side of a value, by the value's own order.
Values one_side(const Value& value, Kind kind, bool typed_date, bool above) {
  Values out;
  for (auto& each : near(value, kind, typed_date)) {
    const auto a = number_of(each);
    const auto b = number_of(value);
    const auto* x = std::get_if<std::string>(&each);
    const auto* y = std::get_if<std::string>(&value);
    const bool greater = a && b ? *a > *b : x && y && *x > *y;
    const bool less = a && b ? *a < *b : x && y && *x < *y;
    if (above ? greater : less)
      out.push_back(std::move(each));
  }
  return out;
}

} // namespace

bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

std::optional<Value> value_of_token(const sql::Token& token) {
  if (token.kind == sql::TokenKind::number)
    return number_value(token.text);
  if (token.kind != sql::TokenKind::string || token.text.size() < 2)
    return std::nullopt;
  std::string text;
  const auto inner = token.text.substr(1, token.text.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    text += inner[i];
    if (inner[i] == '\'' && i + 1 < inner.size() && inner[i + 1] == '\'')
      ++i;
  }
  return Value(std::move(text));
}

std::optional<Value> value_of_literal(const sql::Literal& literal) {
  using Of = sql::Literal::Kind;
  switch (literal.kind) {
  case Of::null:
    return Value{};
  case Of::integer:
  case Of::real:
    return number_value(literal.text);
  case Of::string:
    return Value(literal.text);
  case Of::boolean:
    return Value(std::int64_t{literal.text == "true" ? 1 : 0});
  case Of::blob:
    break;
  }
  return std::nullopt;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value))
    return *real;
  return std::nullopt;
}

std::optional<long> day_number(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const auto year = parsed<long>(text.substr(0, 4));
  const auto month = parsed<unsigned>(text.substr(5, 2));
  const auto day = parsed<unsigned>(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31)
    return std::nullopt;
  return days_from_civil(*year, *month, *day);
}

std::string day_text(long day) {
  const auto civil = civil_from_days(day);
  return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

bool is_date_text(std::string_view text) {
  return day_number(text).has_value() &&
         (text.size() == 10 || (text.size() > 11 && (text[10] == ' ' || text[10] == 'T')));
}

std::optional<Value> as_kind(const Value& value, Kind kind, bool typed_date) {
  if (is_null(value) || kind == Kind::any)
    return value;
  const auto number = number_of(value);
  const auto* text = std::get_if<std::string>(&value);
  switch (kind) {
  case Kind::integer:
  case Kind::boolean:
    if (number && std::floor(*number) == *number && std::abs(*number) < 9e18)
      return Value(static_cast<std::int64_t>(*number));
    if (text && is_digits(*text))
      return number_value(*text);
    return std::nullopt;
  case Kind::real:
    return number ? std::optional<Value>(*number) : std::nullopt;
  case Kind::decimal:
    return number ? std::optional<Value>(value) : std::nullopt;
  case Kind::text:
    if (text)
      return value;
    return number ? std::optional<Value>(literal(value)) : std::nullopt;
  case Kind::day:
  case Kind::moment:
    if (!text || !is_date_text(*text))
      return std::nullopt;
    if (kind == Kind::day)
      return Value(text->substr(0, 10));
    return text->size() == 10 && typed_date ? Value(*text + " 00:00:00") : value;
  case Kind::any:
    break;
  }
  return value;
}

Values near(const Value& value, Kind kind, bool typed_date) {
  Values out;
  const auto* text = std::get_if<std::string>(&value);
  if (const auto number = number_of(value); number && !is_date_kind(kind)) {
    out = numbers_near(*number, kind);
    if (kind == Kind::text)
      for (auto& each : out)
        each = Value(literal(each));
  } else if (text && is_date_kind(kind)) {
    if (const auto day = day_of_prefix(*text)) {
      if (const auto itself = as_kind(value, kind, typed_date))
        out.push_back(*itself);
      for (auto& each : dates_near(*day, kind, typed_date))
        out.push_back(std::move(each));
    }
  } else if (text) {
    for (auto& each : texts_near(*text))
      if (auto fits = as_kind(each, kind, typed_date))
        out.push_back(std::move(*fits));
  }
  return out;
}

Values just_above(const Value& value, Kind kind, bool typed_date) {
  return one_side(value, kind, typed_date, true);
}

Values just_below(const Value& value, Kind kind, bool typed_date) {
  return one_side(value, kind, typed_date, false);
}

const Values& plain_values(Kind kind, bool typed_date) {
  const auto i = [](std::int64_t value) { return Value(value); };
  const auto t = [](const char* value) { return Value(std::string(value)); };
  static const Values integers{i(1), i(2), i(0), i(3), i(-1), i(5), i(10)};
  static const Values reals{Value(1.0),  Value(2.5),  Value(0.0), Value(10.0),
                            Value(-1.5), Value(3.25), Value(2.0)};
  static const Values decimals{i(1), Value(2.5), i(0), i(10), Value(-1.5), i(3)};
  static const Values booleans{i(0), i(1)};
  static const Values texts{t("a"), t("b"), t("A"), t("ab"), t(""), t("a "), t("B"), t("c")};
  static const Values days{t("2024-01-01"), t("2023-12-31"), t("2024-02-29"), t("2024-06-15")};
  static const Values moments{t("2024-01-01 00:00:00"), t("2023-12-31 23:59:59"),
                              t("2024-02-29 12:30:00"), t("2024-06-15 08:00:00")};
  static const Values both{t("2024-01-01 00:00:00"), t("2023-12-31 23:59:59"), t("2024-01-01"),
                           t("2024-02-29 12:30:00"), t("2024-06-15")};
  static const Values anything{i(1), i(2), i(0), Value(1.5), t("a"), t("b")};
  switch (kind) {
  case Kind::integer:
    return integers;
  case Kind::real:
    return reals;
  case Kind::decimal:
    return decimals;
  case Kind::boolean:
    return booleans;
  case Kind::text:
    return texts;
  case Kind::day:
    return days;
  case Kind::moment:
    return typed_date ? moments : both;
  case Kind::any:
    break;
  }
  return anything;
}

Values matching(std::string_view pattern, bool glob, Rng& rng) {
  const char many = glob ? '*' : '%';
  const char one = glob ? '?' : '_';
  std::string shortest;
  std::string longer;
  for (const char c : pattern) {
    if (c == many) {
      longer += rng.chance(0.5) ? "x" : "yz";
    } else if (c == one) {
      shortest += 'q';
      longer += 'w';
    } else {
      shortest += c;
      longer += c;
    }
  }
  return {shortest,           longer,         other_case(shortest),
          other_case(longer), "a" + shortest, longer + " b"};
}

Values almost_matching(std::string_view pattern, bool glob, Rng& rng) {
  Values out;
  for (const auto& value : matching(pattern, glob, rng)) {
    const auto& text = std::get<std::string>(value);
    out.emplace_back("z" + text);
    out.emplace_back(text + "z");
    if (!text.empty()) {
      out.emplace_back(text.substr(1));
      out.emplace_back(text.substr(0, text.size() - 1));
    }
  }
  return out;
}

} // namespace quill::judge::proof
