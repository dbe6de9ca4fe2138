// Tables for people: columns by display width, numbers to the right.
#include <algorithm>
#include <array>
#include <cwchar>

#include "cli/output.hpp"

namespace quill::cli {

namespace {

struct Glyph {
  char32_t code = 0;
  std::size_t bytes = 1; ///< length in UTF-8
};

/// The first character; a byte that starts none counts as one character, U+FFFD.
Glyph first_glyph(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
    return {0xFFFD, 1};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U)
      return {0xFFFD, 1};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  return {code, length};
}

struct Range {
  char32_t first, last;
};

template <std::size_t N> bool within(char32_t code, const std::array<Range, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](Range r) { return code >= r.first && code <= r.last; });
}

// The blocks of UAX #11 (wide and fullwidth) and UAX #44 (Mn, Me, Cf) that occur in names and
// addresses; a rare character outside them may shift one cell, never a row.
constexpr std::array<Range, 12> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 7> kNone = {{{0x0300, 0x036F},
                                         {0x0483, 0x0489},
                                         {0x0591, 0x05BD},
                                         {0x064B, 0x065F},
                                         {0x200B, 0x200F},
                                         {0x20D0, 0x20FF},
                                         {0xFE00, 0xFE0F}}};

std::size_t glyph_width(char32_t code) {
  if (within(code, kNone))
    return 0;
  return within(code, kWide) ? 2 : 1;
}

/// Newlines and other controls would break the table (or the terminal): shown as escapes.
std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += "?";
    else
      out += c;
  }
  return out;
}

std::string cut(const std::string& text, std::size_t width_max) {
  if (display_width(text) <= width_max)
    return text;
  std::string out;
  std::size_t width = 1; // the ellipsis
  for (std::string_view rest = text; !rest.empty();) {
    const Glyph glyph = first_glyph(rest);
    width += glyph_width(glyph.code);
    if (width > width_max)
      break;
    out += rest.substr(0, glyph.bytes);
    rest.remove_prefix(glyph.bytes);
  }
  return out + "…";
}

std::string padded(const std::string& cell, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, display_width(cell)), ' ');
  return right ? blanks + cell : cell + blanks;
}

std::string line(const Table& table, const std::vector<std::string>& cells,
                 const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i)
    out += (i == 0 ? "" : "  ") + padded(cells[i], widths[i], table.columns[i].right);
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

} // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const Glyph glyph = first_glyph(utf8);
    width += glyph_width(glyph.code);
    utf8.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string format_table(const Table& table, bool styled, std::size_t cell_width_max) {
  std::vector<std::size_t> widths;
  std::vector<std::string> headings;
  for (const Table::Column& column : table.columns) {
    headings.push_back(cut(printable(column.heading), cell_width_max));
    widths.push_back(display_width(headings.back()));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : table.rows) {
    rows.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      rows.back().push_back(i < row.size() ? cut(printable(row[i]), cell_width_max) : "");
      widths[i] = std::max(widths[i], display_width(rows.back().back()));
    }
  }
  std::string out = line(table, headings, widths);
  if (styled)
    out = "\x1b[1m" + out.substr(0, out.size() - 1) + "\x1b[0m\n";
  for (const auto& row : rows)
    out += line(table, row, widths);
  return out;
}

} // namespace quill::cli
