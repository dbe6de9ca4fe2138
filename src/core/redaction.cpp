#include "core/redaction.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "core/text.hpp"
#include "quill/core/json.hpp"
#include "quill/core/log.hpp"

namespace quill {

namespace {

constexpr std::size_t kSecretBytesMin = 8; // shorter ones would blank ordinary words
constexpr std::string_view kBlank = "***";

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string url_encoded(std::string_view text, bool upper_hex) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c))
      encoded += c;
    else
      encoded += upper_hex ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                           : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string json_escaped(std::string_view text) {
  const std::string quoted = dump_json(Json(std::string(text)));
  return quoted.substr(1, quoted.size() - 2);
}

/// Only the characters that `text` alone decides when `lead` unknown bytes come before it and any
/// come after.
std::string base64_inside(std::string_view text, std::size_t lead) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t first_bit = lead * 8;
  const std::size_t end_bit = first_bit + text.size() * 8;
  const auto bit = [&](std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[(at - first_bit) / 8]);
    return (byte >> (7U - at % 8)) & 1U;
  };
  std::string encoded;
  for (std::size_t at = (first_bit + 5) / 6 * 6; at + 6 <= end_bit; at += 6) {
    unsigned index = 0;
    for (std::size_t i = 0; i < 6; ++i)
      index = index << 1U | bit(at + i);
    encoded += kAlphabet[index];
  }
  return encoded;
}

struct Registry {
  std::mutex mutex;
  std::vector<std::string> spellings;
};

/// Never destroyed: threads may log while the process ends.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

void sort_longest_first(std::vector<std::string>& spellings) {
  std::sort(spellings.begin(), spellings.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  spellings.erase(std::unique(spellings.begin(), spellings.end()), spellings.end());
}

} // namespace

std::vector<std::string> spellings_of(std::string_view secret) {
  const std::string escaped = json_escaped(secret);
  std::vector<std::string> spellings = {std::string(secret), url_encoded(secret, true),
                                        url_encoded(secret, false), escaped,
                                        text::replaced(escaped, "/", "\\/")};
  for (const std::size_t lead : {0U, 1U, 2U}) {
    const std::string encoded = base64_inside(secret, lead);
    spellings.push_back(encoded);
    spellings.push_back(text::replaced(text::replaced(encoded, "+", "-"), "/", "_"));
  }
  sort_longest_first(spellings);
  return spellings;
}

void redact_in_logs(std::string_view secret) {
  if (secret.size() < kSecretBytesMin)
    return;
  auto spellings = spellings_of(secret);
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  known.spellings.insert(known.spellings.end(), spellings.begin(), spellings.end());
  sort_longest_first(known.spellings);
}

std::string redacted(std::string_view text) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  std::string clean(text);
  for (const auto& spelling : known.spellings)
    if (clean.find(spelling) != std::string::npos)
      clean = text::replaced(clean, spelling, kBlank);
  return clean;
}

} // namespace quill
