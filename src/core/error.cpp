#include "quill/core/error.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include <fmt/format.h>

#include "core/text.hpp"

namespace quill {

namespace {

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Levenshtein distance, case folded, two rows at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, swap});
    }
  }
  return row[b.size()];
}

} // namespace

Error::Error(Exit exit, ErrorText text) : exit_(exit), text_(std::move(text)) {}

std::string Error::format() const {
  std::string lines = fmt::format("error: {}\n", text::printable(text_.what));
  if (!text_.where.empty())
    lines += fmt::format("  where: {}\n", text::printable(text_.where));
  if (!text_.fix.empty())
    lines += fmt::format("  fix:   {}\n", text::printable(text_.fix));
  return lines;
}

void raise_bug(const char* condition, const char* file, int line, std::string_view message) {
  throw Bug(fmt::format("{} (broken: {}) at {}:{}", message, condition, file, line));
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  // A stranger's word may be a megabyte: nothing that long is a typing error of a known word.
  constexpr std::size_t kWordBytesMax = 256;
  if (word.size() > kWordBytesMax)
    return "";
  std::string nearest;
  std::size_t best = 2 + word.size() / 3;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kWordBytesMax)
      continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

} // namespace quill
