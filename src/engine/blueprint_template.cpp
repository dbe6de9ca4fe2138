#include "engine/blueprint_template.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {

constexpr std::int64_t kWordsMax = 1'000;
constexpr std::int64_t kDigitsMax = 100;

[[noreturn]] void refuse(std::string_view placeholder, std::string_view reason,
                         const std::string& where, std::string fix) {
  throw Error{Exit::usage,
              {.what = fmt::format("placeholder {{{}}}: {}", placeholder, reason),
               .where = where,
               .fix = std::move(fix)}};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end == text.npos ? text.npos : end - start));
    if (end == text.npos)
      return parts;
    start = end + 1;
  }
}

/// "7" as 7-7, "3-9" as 3-9.
std::optional<std::pair<std::int64_t, std::int64_t>> range_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::string_view low = text.substr(0, dash);
  const std::string_view high = dash == text.npos ? low : text.substr(dash + 1);
  std::pair<std::int64_t, std::int64_t> range;
  const auto whole = [](std::string_view digits, std::int64_t& value) {
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end && !digits.empty();
  };
  if (!whole(low, range.first) || !whole(high, range.second) || range.first > range.second)
    return std::nullopt;
  return range;
}

Piece counted(Piece::Kind kind, std::string_view placeholder, std::string_view argument,
              std::int64_t most, const std::string& where) {
  const auto range = range_of(argument);
  if (!range || range->first < 1 || range->second > most)
    refuse(placeholder, fmt::format("needs a count from 1 to {}", most), where,
           "write for example {words:3-9} or {digits:4}");
  Piece piece;
  piece.kind = kind;
  piece.low = range->first;
  piece.high = range->second;
  return piece;
}

WordList list_named(const Vocabulary& vocabulary, std::string_view name) {
  const auto own = vocabulary.find(name);
  if (own != vocabulary.end())
    return own->second;
  const auto common = common_vocabulary().find(name);
  return common == common_vocabulary().end() ? nullptr : common->second;
}

Piece from_list(std::string_view placeholder, const Vocabulary& vocabulary,
                const std::string& where) {
  const WordList list = list_named(vocabulary, placeholder);
  if (list == nullptr) {
    std::vector<std::string> known = {"row",     "pick",   "words", "digits",
                                      "letters", "column", "slug"};
    for (const auto* lists : {&vocabulary, &common_vocabulary()})
      for (const auto& entry : *lists)
        known.push_back(entry.first);
    const std::string near = nearest_word(placeholder, known);
    refuse(placeholder, "there is no such list or kind", where,
           near.empty() ? "add the list to \"vocabulary\""
                        : fmt::format("did you mean {{{}}}?", near));
  }
  Piece piece;
  piece.kind = Piece::Kind::pick;
  piece.options = list;
  return piece;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string slug(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    result += plain ? lower : '.';
  }
  return result;
}

/// At most kTextBytesMax bytes, ending with a whole UTF-8 character.
std::string cut(std::string text) {
  if (text.size() <= kTextBytesMax)
    return text;
  std::size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text;
}

std::string several(const Piece& piece, Rng& rng) {
  std::string text;
  for (std::int64_t left = rng.between(piece.low, piece.high); left > 0; --left) {
    switch (piece.kind) {
    case Piece::Kind::words:
      text += (text.empty() ? "" : " ") + rng.pick(*piece.options);
      break;
    case Piece::Kind::digits:
      text += static_cast<char>('0' + rng.below(10));
      break;
    default:
      text += static_cast<char>('A' + rng.below(26));
      break;
    }
  }
  return piece.kind == Piece::Kind::words ? capitalised(std::move(text)) : text;
}

} // namespace

Template Template::parse(std::string_view pattern, const Vocabulary& vocabulary,
                         const std::function<std::size_t(std::string_view)>& column_of,
                         const std::string& where) {
  const auto piece_of = [&](std::string_view placeholder) {
    const std::size_t colon = placeholder.find(':');
    const std::string_view kind = placeholder.substr(0, colon);
    const std::string_view argument =
        colon == placeholder.npos ? std::string_view{} : placeholder.substr(colon + 1);
    Piece piece;
    if (placeholder == "row") {
      piece.kind = Piece::Kind::row;
    } else if (kind == "pick") {
      piece.kind = Piece::Kind::pick;
      piece.options = std::make_shared<std::vector<std::string>>(split(argument, '|'));
    } else if (kind == "words") {
      piece = counted(Piece::Kind::words, placeholder, argument, kWordsMax, where);
      piece.options = list_named(vocabulary, "word");
    } else if (kind == "digits") {
      piece = counted(Piece::Kind::digits, placeholder, argument, kDigitsMax, where);
    } else if (kind == "letters") {
      piece = counted(Piece::Kind::letters, placeholder, argument, kDigitsMax, where);
    } else if (kind == "column" || kind == "slug") {
      piece.kind = kind == "slug" ? Piece::Kind::slug : Piece::Kind::column;
      piece.column = column_of(argument);
    } else {
      piece = from_list(placeholder, vocabulary, where);
    }
    return piece;
  };

  Template result;
  const auto add_literal = [&](std::string_view text) {
    if (text.empty())
      return;
    Piece piece;
    piece.text = text;
    result.pieces_.push_back(std::move(piece));
  };
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    add_literal(pattern.substr(0, open));
    if (open == pattern.npos)
      break;
    const std::size_t close = pattern.find('}', open);
    if (close == pattern.npos)
      refuse(pattern.substr(open + 1), "its closing brace is missing", where, "add \"}\"");
    result.pieces_.push_back(piece_of(pattern.substr(open + 1, close - open - 1)));
    pattern.remove_prefix(close + 1);
  }
  return result;
}

std::string Template::render(std::int64_t row, Rng& rng,
                             const std::function<std::string(std::size_t)>& column_text) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (text.size() > kTextBytesMax)
      break;
    switch (piece.kind) {
    case Piece::Kind::literal:
      text += piece.text;
      break;
    case Piece::Kind::row:
      text += std::to_string(row + 1);
      break;
    case Piece::Kind::pick:
      text += rng.pick(*piece.options);
      break;
    case Piece::Kind::column:
      text += column_text(piece.column);
      break;
    case Piece::Kind::slug:
      text += slug(column_text(piece.column));
      break;
    case Piece::Kind::words:
    case Piece::Kind::digits:
    case Piece::Kind::letters:
      text += several(piece, rng);
      break;
    }
  }
  return cut(std::move(text));
}

std::vector<std::size_t> Template::columns() const {
  std::vector<std::size_t> columns;
  for (const Piece& piece : pieces_)
    if (piece.kind == Piece::Kind::column || piece.kind == Piece::Kind::slug)
      columns.push_back(piece.column);
  return columns;
}

bool Template::has_row() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.kind == Piece::Kind::row; });
}

} // namespace quill::engine::seed
