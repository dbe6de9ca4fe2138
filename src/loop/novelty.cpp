#include "loop/novelty.hpp"

#include <algorithm>

#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

// FNV-1a (Fowler, Noll, Vo): https://www.rfc-editor.org/rfc/rfc9923.html
constexpr std::uint64_t kFnvStart = 14'695'981'039'346'656'037U;
constexpr std::uint64_t kFnvPrime = 1'099'511'628'211U;

std::uint64_t hashed(std::string_view text, std::uint64_t hash) {
  for (const char letter : text) {
    const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    hash = (hash ^ static_cast<unsigned char>(lower)) * kFnvPrime;
  }
  return hash;
}

std::uint64_t hash_of(const sql::Token& token) {
  using Kind = sql::TokenKind;
  const bool constant =
      token.kind == Kind::string || token.kind == Kind::number || token.kind == Kind::blob;
  return hashed(constant ? "?" : token.text, kFnvStart);
}

std::uint64_t joined(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return (((a * kFnvPrime) ^ b) * kFnvPrime) ^ c;
}

} // namespace

std::vector<std::uint64_t> token_triples(std::string_view sql) {
  const auto tokens = sql::tokenize(sql);
  if (!tokens)
    return {hashed(sql, kFnvStart)};
  std::vector<std::uint64_t> triples;
  std::uint64_t a = 0, b = 0;
  for (const sql::Token& token : tokens.value()) {
    const std::uint64_t c = hash_of(token);
    triples.push_back(joined(a, b, c));
    a = b;
    b = c;
  }
  std::sort(triples.begin(), triples.end());
  triples.erase(std::unique(triples.begin(), triples.end()), triples.end());
  return triples;
}

double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    shared += *x == *y;
    const bool step_x = *x <= *y, step_y = *y <= *x;
    x += step_x;
    y += step_y;
  }
  const std::size_t all = a.size() + b.size() - shared;
  return all == 0 ? 1 : static_cast<double>(shared) / static_cast<double>(all);
}

bool Novelty::is_new(std::string_view database, std::string_view before) const {
  const auto known = known_.find(database);
  if (known == known_.end())
    return true;
  const auto triples = token_triples(before);
  return std::none_of(known->second.begin(), known->second.end(),
                      [&](const auto& other) { return jaccard(triples, other) >= kNearDuplicate; });
}

void Novelty::add(std::string_view database, std::string_view before) {
  known_[std::string(database)].push_back(token_triples(before));
}

} // namespace quill::loop
