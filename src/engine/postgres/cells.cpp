#include "engine/postgres/cells.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

namespace quill::engine::postgres {
namespace {

/// Numbers of built-in types: they never change (src/include/catalog/pg_type.dat of PostgreSQL).
enum Oid : unsigned {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kNumeric = 1700,
};

/// The text as an integer when it is all of one.
bool is_integer(std::string_view text, std::int64_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

Value real(std::string_view text) {
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  if (std::isnan(value))
    return std::string("NaN");
  return value;
}

/// "12.500" is a real, "12.000" the integer 12.
Value numeric(std::string_view text) {
  auto whole = text;
  if (const auto point = text.find('.'); point != std::string_view::npos)
    if (text.find_first_not_of('0', point + 1) == std::string_view::npos)
      whole = text.substr(0, point);
  std::int64_t value = 0;
  if (is_integer(whole, value))
    return value;
  auto number = real(text);
  const auto* finite = std::get_if<double>(&number);
  // Whole numbers beyond 64 bits, and what no double holds, keep their digits.
  if (whole.find('.') == std::string_view::npos || (finite && !std::isfinite(*finite)))
    return std::string(whole);
  return number;
}

unsigned digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// "\x0aff".
Value bytes(std::string_view text) {
  Blob blob;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2)
    blob.bytes += static_cast<char>(digit(text[i]) << 4U | digit(text[i + 1]));
  return blob;
}

} // namespace

Value cell(const PGresult* result, int row, int column) {
  if (::PQgetisnull(result, row, column) != 0)
    return {};
  const std::string_view text(::PQgetvalue(result, row, column),
                              static_cast<std::size_t>(::PQgetlength(result, row, column)));
  std::int64_t integer = 0;
  switch (::PQftype(result, column)) {
  case kBool:
    return std::int64_t{text == "t"};
  case kBytea:
    return bytes(text);
  case kInt8:
  case kInt4:
  case kInt2:
  case kOid:
    return is_integer(text, integer) ? Value(integer) : Value(std::string(text));
  case kFloat4:
  case kFloat8:
    return real(text);
  case kNumeric:
    return numeric(text);
  default:
    return std::string(text);
  }
}

} // namespace quill::engine::postgres
