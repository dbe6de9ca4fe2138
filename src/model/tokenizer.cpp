#include "quill/model/tokenizer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "model/tokenizer_parts.hpp"
#include "model/unicode.hpp"
#include "quill/core/files.hpp"

namespace quill::model {

void AddedTokens::add(const std::string& text, TokenId id) {
  if (!ids_.emplace(text, id).second)
    return;
  auto& lengths = lengths_[static_cast<unsigned char>(text[0])];
  if (std::find(lengths.begin(), lengths.end(), text.size()) == lengths.end())
    lengths.push_back(text.size());
  std::sort(lengths.rbegin(), lengths.rend());
}

std::optional<AddedTokens::Found> AddedTokens::find(std::string_view text, std::size_t from) const {
  for (std::size_t at = from; at < text.size(); ++at)
    for (const std::size_t length : lengths_[static_cast<unsigned char>(text[at])])
      if (length <= text.size() - at)
        if (const auto found = ids_.find(text.substr(at, length)); found != ids_.end())
          return Found{at, at + length, found->second};
  return std::nullopt;
}

namespace {

constexpr std::size_t kCachedWordBytesMax = 64;
constexpr std::size_t kCachedWordsMax = 200'000;

} // namespace

bool WordCache::take(std::string_view word, std::vector<TokenId>& ids) const {
  const auto found = ranges_.find(word);
  if (found == ranges_.end())
    return false;
  const auto begin = ids_.begin() + found->second.begin;
  ids.insert(ids.end(), begin, begin + found->second.count);
  return true;
}

void WordCache::put(std::string_view word, std::span<const TokenId> ids) {
  if (word.size() > kCachedWordBytesMax || ranges_.size() >= kCachedWordsMax)
    return;
  ranges_.emplace(std::string(word), Range{static_cast<std::uint32_t>(ids_.size()),
                                           static_cast<std::uint32_t>(ids.size())});
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

void Tokenizer::Parts::encode_word(std::string_view word, std::vector<TokenId>& out,
                                   WordCache* words) const {
  if (words != nullptr && words->take(word, out))
    return;
  std::vector<TokenId> symbols;
  const auto whole = whole_words ? ids.find(word) : ids.end();
  if (whole != ids.end()) {
    symbols = {whole->second};
  } else {
    symbols.reserve(word.size());
    for (const char byte : word)
      symbols.push_back(byte_ids[static_cast<unsigned char>(byte)]);
    merges.apply(symbols);
  }
  if (words != nullptr)
    words->put(word, symbols);
  out.insert(out.end(), symbols.begin(), symbols.end());
}

void Tokenizer::Parts::encode_section(std::string_view text, std::vector<TokenId>& out,
                                      WordCache* words) const {
  std::string buffer;
  const std::string_view normal = nfc ? to_nfc(text, buffer) : text;
  pattern.split(normal, [&](std::string_view word) { encode_word(word, out, words); });
}

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  if (const auto bad = first_invalid_utf8(text))
    refuse(
        fmt::format("the text is not UTF-8: byte {:#04x}", static_cast<unsigned char>(text[*bad])),
        fmt::format("byte {} of the text", *bad), "convert it to UTF-8");
  const std::unique_lock lock(parts_->cache.mutex, std::try_to_lock);
  WordCache* const words = lock.owns_lock() ? &parts_->cache : nullptr;
  std::vector<TokenId> ids;
  std::size_t at = 0;
  while (const auto found = parts_->added.find(text, at)) {
    parts_->encode_section(text.substr(at, found->begin - at), ids, words);
    ids.push_back(found->id);
    at = found->end;
  }
  parts_->encode_section(text.substr(at), ids, words);
  return ids;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  std::string bytes;
  for (const TokenId id : ids) {
    if (id < 0 || id >= size())
      refuse(fmt::format("there is no token {}; allowed: 0 to {}", id, size() - 1), "ids",
             "take ids that this model's tokenizer made");
    const Token& token = parts_->tokens[static_cast<std::size_t>(id)];
    if (!token.special || !skip_special)
      bytes += token.bytes;
  }
  return bytes;
}

TokenId Tokenizer::id_of(std::string_view token) const {
  const auto added = parts_->added.all().find(token);
  if (added != parts_->added.all().end())
    return added->second;
  const auto found = parts_->ids.find(token);
  return found == parts_->ids.end() ? -1 : found->second;
}

std::int64_t Tokenizer::size() const {
  return static_cast<std::int64_t>(parts_->tokens.size());
}

std::int64_t Tokenizer::merges() const {
  return static_cast<std::int64_t>(parts_->merges.size());
}

std::int64_t Tokenizer::added() const {
  return static_cast<std::int64_t>(parts_->added.all().size());
}

Tokenizer Tokenizer::read(const std::filesystem::path& folder) {
  const auto path = folder / "tokenizer.json";
  return parse(parse_json(read_file(path), path.string()), path.string());
}

} // namespace quill::model
