#include "eval/python_value.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace quill::eval {

namespace {

/// What a first byte of UTF-8 asks for: how many bytes follow, and the range of the first of them.
struct Lead {
  std::size_t more = 0;
  unsigned char low = 0x80, high = 0xbf;
};

Lead lead_of(unsigned char byte) {
  if (byte >= 0xc2 && byte <= 0xdf)
    return {.more = 1};
  if (byte == 0xe0)
    return {.more = 2, .low = 0xa0};
  if (byte == 0xed) // surrogates are not text
    return {.more = 2, .high = 0x9f};
  if (byte >= 0xe1 && byte <= 0xef)
    return {.more = 2};
  if (byte == 0xf0)
    return {.more = 3, .low = 0x90};
  if (byte == 0xf4)
    return {.more = 3, .high = 0x8f};
  if (byte >= 0xf1 && byte <= 0xf3)
    return {.more = 3};
  return {};
}

struct Scanned {
  std::size_t bytes = 1; ///< the character, or what of it there is
  bool whole = false;
};

/// The character at the front of `text`; a broken one ends before the first byte that cannot
/// belong to it.
Scanned scan(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80)
    return {.bytes = 1, .whole = true};
  const Lead lead = lead_of(first);
  if (lead.more == 0)
    return {};
  for (std::size_t i = 1; i <= lead.more; ++i) {
    const unsigned char low = i == 1 ? lead.low : 0x80, high = i == 1 ? lead.high : 0xbf;
    if (i >= text.size())
      return {.bytes = i};
    const auto next = static_cast<unsigned char>(text[i]);
    if (next < low || next > high)
      return {.bytes = i};
  }
  return {.bytes = lead.more + 1, .whole = true};
}

/// `repr(bytes)`.
std::string python_bytes(const std::string& bytes) {
  const bool single = bytes.find('\'') != std::string::npos && bytes.find('"') == std::string::npos;
  const char quote = single ? '"' : '\'';
  std::string text = fmt::format("b{}", quote);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\')
      text += fmt::format("\\{}", c);
    else if (c == '\t' || c == '\n' || c == '\r')
      text += c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r";
    else if (byte < 0x20 || byte >= 0x7f)
      text += fmt::format("\\x{:02x}", byte);
    else
      text += c;
  }
  return text + quote;
}

struct SortKey {
  std::string operator()(std::monostate) const { return "None<class 'NoneType'>"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}<class 'int'>", value); }
  std::string operator()(double value) const { return python_float(value) + "<class 'float'>"; }
  std::string operator()(const std::string& value) const { return value + "<class 'str'>"; }
  std::string operator()(const engine::Blob& value) const {
    return python_bytes(value.bytes) + "<class 'bytes'>";
  }
};

/// The integer that a real equals exactly, when there is one in 64 bits.
bool is_integer(double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  return value >= -kTwoTo63 && value < kTwoTo63 && std::trunc(value) == value;
}

struct EqualityKey {
  std::string operator()(std::monostate) const { return "n"; }
  std::string operator()(std::int64_t value) const { return fmt::format("i{}", value); }
  std::string operator()(double value) const {
    return is_integer(value) ? (*this)(static_cast<std::int64_t>(value))
                             : "r" + python_float(value);
  }
  std::string operator()(const std::string& value) const { return "t" + value; }
  std::string operator()(const engine::Blob& value) const { return "b" + value.bytes; }
};

} // namespace

std::string decoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Scanned next = scan(bytes);
    if (next.whole)
      text += bytes.substr(0, next.bytes);
    bytes.remove_prefix(next.bytes);
  }
  return text;
}

bool all_utf8(const std::vector<engine::Row>& rows) {
  for (const engine::Row& row : rows)
    for (const engine::Value& value : row)
      if (const auto* text = std::get_if<std::string>(&value))
        if (decoded(*text).size() != text->size())
          return false;
  return true;
}

std::string python_float(double value) {
  if (std::isinf(value))
    return value > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};
  const auto end = [&](std::chars_format format) {
    return std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  };
  const double size = std::fabs(value);
  const bool plain = value == 0 || (size >= 1e-4 && size < 1e16);
  const char* last = end(plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer.data(), static_cast<std::size_t>(last - buffer.data()));
  if (plain && text.find('.') == std::string::npos)
    text += ".0";
  return text;
}

std::string python_sort_key(const engine::Value& value) {
  return std::visit(SortKey{}, value);
}

std::string python_equality_key(const engine::Value& value) {
  return std::visit(EqualityKey{}, value);
}

Cell CellNumbers::cell(const engine::Value& value) {
  const auto number = [](auto& map, std::string key) {
    return map.try_emplace(std::move(key), static_cast<std::uint32_t>(map.size()));
  };
  const auto [shown, fresh] = number(shown_, python_sort_key(value));
  if (fresh)
    keys_.push_back(&shown->first);
  return {.value = number(values_, python_equality_key(value)).first->second,
          .shown = shown->second};
}

Grid CellNumbers::grid(const std::vector<engine::Row>& rows) {
  Grid cells;
  cells.reserve(rows.size());
  for (const engine::Row& row : rows) {
    auto& line = cells.emplace_back();
    line.reserve(row.size());
    for (const engine::Value& value : row)
      line.push_back(cell(value));
  }
  return cells;
}

} // namespace quill::eval
