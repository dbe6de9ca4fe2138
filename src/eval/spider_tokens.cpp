#include "eval/spider_tokens.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "eval/words.hpp"

namespace quill::eval {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/// Blanks that only Unicode knows, as spaces.
std::string with_plain_blanks(std::string text) {
  constexpr std::array<std::string_view, 18> kBlanks = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
      "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f"};
  for (const std::string_view blank : kBlanks)
    text = replaced(text, blank, " ");
  return replaced(text, "\u3000", " ");
}

/// Every occurrence of these gets a space on both sides.
std::string with_signs_apart(std::string text) {
  constexpr std::array<std::string_view, 32> kSigns = {
      ";",      "@",      "#",      "$",      "%",      "&",      "?",      "!",
      "*",      "(",      ")",      "[",      "]",      "{",      "}",      "<",
      ">",      "\u00ab", "\u00bb", "\u2018", "\u2019", "\u201c", "\u201d", "\u201e",
      "\u2012", "\u2013", "\u2014", "\u2015", "--",     "```",    "``",     "`"};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto* sign = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view one) {
      return rest.substr(0, one.size()) == one;
    });
    if (sign == kSigns.end()) {
      out += text[at++];
      continue;
    }
    out.append(" ").append(*sign).append(" ");
    at += sign->size();
  }
  return out;
}

/// A colon or comma parts from what is before it and behind it, unless a digit follows. The sign
/// behind it is taken along, so that of two commas in a row only the first is set apart.
std::string with_commas_apart(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comma = text[i] == ',' || text[i] == ':';
    const bool last = i + 1 == text.size();
    if (!comma || (!last && is_digit(text[i + 1]))) {
      out += text[i];
      continue;
    }
    out.append(" ").append(1, text[i]).append(" ");
    if (!last)
      out += text[++i];
  }
  return out;
}

/// Runs of two or more full stops stand apart.
std::string with_dots_apart(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of('.', i), text.size());
    if (end < i + 2) {
      out += text[i++];
      continue;
    }
    out.append(" ").append(end - i, '.').append(" ");
    i = end;
  }
  return out;
}

/// The full stop that ends the text parts from its word; brackets may follow it.
std::string with_last_stop_apart(std::string text) {
  const std::size_t last = text.find_last_not_of(" \t\n\r\f\v])}>");
  if (last == std::string::npos || last == 0 || text[last] != '.' || text[last - 1] == '.')
    return text;
  return text.substr(0, last) + " . " + text.substr(last + 1);
}

/// English contractions part in two and from what is beside them, also where they are a column's
/// name.
std::string with_contractions_apart(const std::string& word) {
  struct Contraction {
    std::string_view whole;
    std::size_t first;
  };
  constexpr std::array<Contraction, 6> kContractions = {
      {{"cannot", 3}, {"gimme", 3}, {"gonna", 3}, {"gotta", 3}, {"lemme", 3}, {"wanna", 3}}};
  const std::string plain = lower(word);
  for (const auto& [whole, first] : kContractions)
    if (plain == whole)
      return " " + word.substr(0, first) + " " + word.substr(first) + " ";
  return word;
}

/// Applies `change` to each run of letters, digits and underscores.
std::string each_word(const std::string& text,
                      const std::function<std::string(const std::string&)>& change) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* begin = text.data() + i;
    const auto* end = std::find_if_not(begin, text.data() + text.size(), is_word_char);
    if (begin == end) {
      out += text[i++];
      continue;
    }
    out += change({begin, end});
    i += static_cast<std::size_t>(end - begin);
  }
  return out;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (auto at = text.begin(); at != text.end();) {
    const auto end = std::find_if(at, text.end(), is_blank);
    if (end != at)
      words.emplace_back(at, end);
    at = end == text.end() ? end : end + 1;
  }
  return words;
}

std::vector<std::string> english_words(std::string text) {
  text = with_last_stop_apart(with_plain_blanks(std::move(text)));
  text = with_signs_apart(with_dots_apart(with_commas_apart(text)));
  return split(each_word(text, with_contractions_apart));
}

/// Quoted values as words that no rule of the tokenizer touches, and what they stand for.
struct Masked {
  std::string text;
  std::map<std::string, std::string> values;
};

Result<Masked> mask_values(const std::string& query) {
  Masked masked;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t open = query.find('"', at);
    masked.text += query.substr(at, open - at);
    if (open == std::string::npos)
      break;
    const std::size_t close = query.find('"', open + 1);
    if (close == std::string::npos)
      return Failure{"an odd number of quotes"};
    const std::string key = fmt::format("__val_{}_{}__", open, close);
    masked.values[key] = query.substr(open, close + 1 - open);
    masked.text += key;
    at = close + 1;
  }
  return masked;
}

/// `!` `=`, `>` `=` and `<` `=` were parted: put together again, the last first.
void join_comparisons(std::vector<std::string>& words) {
  for (std::size_t i = words.size(); i-- > 1;)
    if (words[i] == "=" && (words[i - 1] == "!" || words[i - 1] == ">" || words[i - 1] == "<")) {
      words[i - 1] += "=";
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

} // namespace

Result<std::vector<std::string>> spider_tokens(std::string_view query) {
  auto masked = mask_values(replaced(query, "'", "\""));
  if (!masked)
    return masked.failure();
  std::vector<std::string> words;
  for (const std::string& word : english_words(masked.value().text)) {
    const auto value = masked.value().values.find(lower(word));
    words.push_back(value == masked.value().values.end() ? lower(word) : value->second);
  }
  join_comparisons(words);
  return words;
}

} // namespace quill::eval
