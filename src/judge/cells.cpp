#include "judge/cells.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace quill::judge {

namespace {

using engine::Blob;
using engine::Row;
using engine::Value;

constexpr std::size_t kShownCellMax = 60;
constexpr std::size_t kShownCells = 12;

template <class T> int sign(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

/// Exact: every 64-bit integer is either below, above or equal to a real, whatever its digits.
int order_of_numbers(std::int64_t a, double b) {
  if (b >= 0x1p63)
    return -1;
  if (b < -0x1p63)
    return 1;
  const auto whole = static_cast<std::int64_t>(b); // truncates towards zero, in range
  if (a != whole)
    return sign(a, whole);
  return sign(0.0, b - static_cast<double>(whole));
}

int rank(const Value& value) {
  switch (value.index()) {
  case 0:
    return 0; // NULL
  case 1:
  case 2:
    return 1; // numbers
  case 3:
    return 2; // text
  default:
    return 3; // blob
  }
}

bool is_number(const Value& value) {
  return rank(value) == 1;
}

int order_of_numbers(const Value& a, const Value& b) {
  if (const auto* i = std::get_if<std::int64_t>(&a)) {
    if (const auto* j = std::get_if<std::int64_t>(&b))
      return sign(*i, *j);
    return order_of_numbers(*i, std::get<double>(b));
  }
  if (const auto* j = std::get_if<std::int64_t>(&b))
    return -order_of_numbers(*j, std::get<double>(a));
  return sign(std::get<double>(a), std::get<double>(b));
}

long double wide(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value))
    return static_cast<long double>(*i);
  return static_cast<long double>(std::get<double>(value));
}

bool near(const Value& a, const Value& b) {
  const long double x = wide(a);
  const long double y = wide(b);
  if (!std::isfinite(x) || !std::isfinite(y))
    return x == y;
  const long double larger = std::max(std::fabs(x), std::fabs(y));
  return std::fabs(x - y) <= static_cast<long double>(kRelativeTolerance) * larger;
}

/// Two reals with the same 31 leading bits differ by at most 2^-31 / 0.5 = 9.3e-10 of themselves.
double rounded(const Value& value) {
  const auto number = static_cast<double>(wide(value));
  if (!std::isfinite(number))
    return number;
  int exponent = 0;
  const double mantissa = std::frexp(number, &exponent);
  return std::ldexp(std::round(std::ldexp(mantissa, 31)), exponent - 31);
}

std::string shown_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text.substr(0, kShownCellMax)) {
    out += c;
    if (c == '\'')
      out += c;
  }
  out += text.size() > kShownCellMax ? "…'" : "'";
  return out;
}

std::string shown_blob(const Blob& blob) {
  std::string out = "x'";
  for (const char c : blob.bytes.substr(0, kShownCellMax / 2))
    out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  out += blob.bytes.size() > kShownCellMax / 2 ? "…'" : "'";
  return out;
}

/// All digits, and ".0" so that a real never reads as an integer.
std::string shown_real(double value) {
  auto out = fmt::format("{}", value);
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos)
    out += ".0";
  return out;
}

} // namespace

int order_of(const Value& a, const Value& b) {
  if (rank(a) != rank(b))
    return sign(rank(a), rank(b));
  if (is_number(a))
    return order_of_numbers(a, b);
  if (const auto* text = std::get_if<std::string>(&a))
    return sign(*text, std::get<std::string>(b));
  if (const auto* blob = std::get_if<Blob>(&a))
    return sign(blob->bytes, std::get<Blob>(b).bytes);
  return 0;
}

bool same_cell(const Value& a, const Value& b, bool approximate) {
  const bool one_is_real = std::holds_alternative<double>(a) || std::holds_alternative<double>(b);
  if (approximate && one_is_real && is_number(a) && is_number(b))
    return near(a, b);
  return order_of(a, b) == 0;
}

bool approximate_at(const std::vector<bool>& approximate, std::size_t column) {
  return column < approximate.size() && approximate[column];
}

bool same_row(const Row& a, const Row& b, const std::vector<bool>& approximate) {
  if (a.size() != b.size())
    return false;
  for (std::size_t c = 0; c < a.size(); ++c)
    if (!same_cell(a[c], b[c], approximate_at(approximate, c)))
      return false;
  return true;
}

int rounded_order_of(const Row& a, const Row& b, const std::vector<bool>& approximate) {
  for (std::size_t c = 0; c < std::min(a.size(), b.size()); ++c) {
    const bool round = approximate_at(approximate, c) && is_number(a[c]) && is_number(b[c]);
    const int order = round ? sign(rounded(a[c]), rounded(b[c])) : order_of(a[c], b[c]);
    if (order != 0)
      return order;
  }
  return sign(a.size(), b.size());
}

std::string shown(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value))
    return shown_real(*real);
  if (const auto* text = std::get_if<std::string>(&value))
    return shown_text(*text);
  if (const auto* blob = std::get_if<Blob>(&value))
    return shown_blob(*blob);
  return "NULL";
}

std::string shown(const Row& row) {
  std::string out = "(";
  for (std::size_t c = 0; c < std::min(row.size(), kShownCells); ++c)
    out += (c == 0 ? "" : ", ") + shown(row[c]);
  return out + (row.size() > kShownCells ? ", …)" : ")");
}

} // namespace quill::judge
