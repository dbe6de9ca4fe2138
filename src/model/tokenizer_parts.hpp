// What a tokenizer is made of.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/marked_spaces.hpp"
#include "model/merges.hpp"
#include "model/pattern.hpp"
#include "model/tokenizer_frame.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::model {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Tokens that are found in the text before anything else happens to it.
class AddedTokens {
 public:
  void add(const std::string& text, TokenId id);
  /// The leftmost added token in `text` from `from` on, of those the longest; nullopt when none.
  struct Found {
    std::size_t begin, end;
    TokenId id;
  };
  [[nodiscard]] std::optional<Found> find(std::string_view text, std::size_t from) const;
  [[nodiscard]] const TextMap<TokenId>& all() const noexcept { return ids_; }

 private:
  TextMap<TokenId> ids_;
  std::array<std::vector<std::size_t>, 256> lengths_; ///< by first byte, longest first
};

/// Ids of words seen before. Bounded; who does not get the lock does without.
class WordCache {
 public:
  std::mutex mutex;
  struct Range {
    std::uint32_t begin, count;
  };
  /// Appends the ids of `word`, or returns false.
  bool take(std::string_view word, std::vector<TokenId>& ids) const;
  void put(std::string_view word, std::span<const TokenId> ids);

 private:
  TextMap<Range> ranges_;
  std::vector<TokenId> ids_;
};

struct Token {
  std::string bytes;
  bool special = false;
  bool lone_byte = false; ///< of byte fallback: part of a character, or of none
};

struct Tokenizer::Parts {
  explicit Parts(std::size_t merge_count) : merges(merge_count) {}
  bool nfc = false;
  std::optional<Pattern> pattern;     ///< of byte-level files
  std::optional<MarkedSpaces> spaces; ///< of those with byte fallback
  Merges merges;
  bool whole_words = false; ///< a word that is a token is not merged up from its bytes
  std::array<TokenId, 256> byte_ids = {};
  std::vector<Token> tokens; ///< by id; ids that stand for nothing have no bytes
  TextMap<TokenId> ids;      ///< of the vocabulary, by bytes; with byte fallback as written
  Frame frame;
  AddedTokens added;
  mutable WordCache cache;

  void encode_word(std::string_view word, std::vector<TokenId>& ids, WordCache* words) const;
  /// What stands between added tokens; `first` when nothing is before it.
  void encode_section(std::string_view text, bool first, std::vector<TokenId>& ids,
                      WordCache* words) const;
  std::vector<TokenId> encode(std::string_view text, bool first) const;

 private:
  /// The smallest tokens of a word: its bytes, or its characters as far as they have a token.
  void append_symbols(std::string_view word, std::vector<TokenId>& symbols) const;
};

} // namespace quill::model
