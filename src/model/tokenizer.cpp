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
constexpr std::string_view kReplacement = "\uFFFD";

/// Of valid UTF-8, by its first byte.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

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
    append_symbols(word, symbols);
    merges.apply(symbols);
  }
  if (words != nullptr)
    words->put(word, symbols);
  out.insert(out.end(), symbols.begin(), symbols.end());
}

void Tokenizer::Parts::append_symbols(std::string_view word, std::vector<TokenId>& symbols) const {
  std::size_t next = 0;
  for (std::size_t at = 0; at < word.size(); at = next) {
    next = spaces ? at + character_bytes(word[at]) : at + 1;
    const auto known = spaces ? ids.find(word.substr(at, next - at)) : ids.end();
    if (known != ids.end()) {
      symbols.push_back(known->second);
      continue;
    }
    for (const char byte : word.substr(at, next - at))
      symbols.push_back(byte_ids[static_cast<unsigned char>(byte)]);
  }
}

void Tokenizer::Parts::encode_section(std::string_view text, bool first, std::vector<TokenId>& out,
                                      WordCache* words) const {
  if (spaces) {
    spaces->split(spaces->marked(text, first),
                  [&](std::string_view word) { encode_word(word, out, words); });
    return;
  }
  std::string buffer;
  const std::string_view normal = nfc ? to_nfc(text, buffer) : text;
  pattern->split(normal, [&](std::string_view word) { encode_word(word, out, words); });
}

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::Parts::encode(std::string_view text, bool first) const {
  if (const auto bad = first_invalid_utf8(text))
    refuse(
        fmt::format("the text is not UTF-8: byte {:#04x}", static_cast<unsigned char>(text[*bad])),
        fmt::format("byte {} of the text", *bad), "convert it to UTF-8");
  const std::unique_lock lock(cache.mutex, std::try_to_lock);
  WordCache* const words = lock.owns_lock() ? &cache : nullptr;
  std::vector<TokenId> found_ids;
  std::size_t at = 0;
  while (const auto found = added.find(text, at)) {
    encode_section(text.substr(at, found->begin - at), first && at == 0, found_ids, words);
    found_ids.push_back(found->id);
    at = found->end;
  }
  encode_section(text.substr(at), first && at == 0, found_ids, words);
  return found_ids;
}

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  return parts_->encode(text, true);
}

std::vector<TokenId> Tokenizer::encode_rest(std::string_view text) const {
  return parts_->encode(text, false);
}

std::vector<TokenId> Tokenizer::encode_alone(std::string_view text) const {
  std::vector<TokenId> ids = parts_->frame.before;
  const auto inside = encode(text);
  ids.insert(ids.end(), inside.begin(), inside.end());
  ids.insert(ids.end(), parts_->frame.after.begin(), parts_->frame.after.end());
  return ids;
}

const Token& Tokenizer::token_of(TokenId id) const {
  if (id < 0 || id >= size())
    refuse(fmt::format("there is no token {}; allowed: 0 to {}", id, size() - 1), "ids",
           "take ids that this model's tokenizer made");
  return parts_->tokens[static_cast<std::size_t>(id)];
}

std::string Tokenizer::bytes_of(TokenId id, bool skip_special) const {
  const Token& token = token_of(id);
  return token.special && skip_special ? "" : token.bytes;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  std::string text, run; // bytes that stand alone are a character together, or none
  const auto end_run = [&] {
    if (first_invalid_utf8(run))
      for (std::size_t i = 0; i < run.size(); ++i)
        text += kReplacement;
    else
      text += run;
    run.clear();
  };
  for (const TokenId id : ids) {
    const Token& token = token_of(id);
    if (token.special && skip_special)
      continue;
    if (!token.lone_byte)
      end_run();
    (token.lone_byte ? run : text) += token.bytes;
  }
  end_run();
  return strips_first_space() && text.starts_with(' ') ? text.substr(1) : text;
}

bool Tokenizer::strips_first_space() const {
  return parts_->spaces && parts_->spaces->strips_first;
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
