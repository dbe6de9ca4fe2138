#include "model/unicode.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>

#include "quill/core/error.hpp"

namespace quill::model {

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    utf8proc_int32_t code = 0;
    const auto length =
        ::utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (length <= 0)
      return at;
    at += static_cast<std::size_t>(length);
  }
  return std::nullopt;
}

namespace {

struct Range {
  std::int32_t first, last;
};
/// Characters with a combining class or a composition that Unicode 9 did not have: those of
/// utf8proc 2.8 (Unicode 15) that the tokenizers library neither reorders nor composes.
constexpr Range kLaterMarks[] = {
    {0x07FD, 0x07FD},   {0x0898, 0x089F},   {0x08CA, 0x08D3},   {0x09FE, 0x09FE},
    {0x0C3C, 0x0C3C},   {0x0D3B, 0x0D3C},   {0x0EBA, 0x0EBA},   {0x1715, 0x1715},
    {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
    {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
    {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
    {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
    {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1},
    {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
    {0x1E4EC, 0x1E4EF},
};

bool came_later(std::int32_t code) {
  const auto* range =
      std::lower_bound(std::begin(kLaterMarks), std::end(kLaterMarks), code,
                       [](const Range& each, std::int32_t c) { return each.last < c; });
  return range != std::end(kLaterMarks) && code >= range->first;
}

void append_nfc(std::string_view text, std::string& out) {
  utf8proc_uint8_t* normal = nullptr;
  const auto size =
      ::utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &normal,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(normal, &std::free);
  QUILL_CHECK(size >= 0, ::utf8proc_errmsg(size)); // valid UTF-8 has a normal form
  out.append(reinterpret_cast<const char*>(normal), static_cast<std::size_t>(size));
}

} // namespace

std::string_view to_nfc(std::string_view text, std::string& out) {
  // Every character below U+0300 is its own normal form; in UTF-8 those begin with less than 0xCC.
  const bool stays = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
  if (stays)
    return text;
  out.clear();
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t begin = 0; // of what is normalised together
  for (std::size_t at = 0; at < text.size();) {
    std::int32_t code = 0;
    const auto length = static_cast<std::size_t>(
        ::utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code));
    if (came_later(code)) {
      append_nfc(text.substr(begin, at - begin), out);
      out += text.substr(at, length);
      begin = at + length;
    }
    at += length;
  }
  append_nfc(text.substr(begin), out);
  return out;
}

} // namespace quill::model
