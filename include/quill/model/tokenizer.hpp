// Text to token ids and back, as a model's tokenizer.json says: BPE over bytes, or over characters
// with bytes for those that have no token.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::model {

using TokenId = std::int32_t;

struct Token;

/// Byte-level BPE behind NFC, a pattern that splits words, and added tokens (Qwen2.5, Llama 3); or
/// BPE with byte fallback over spaces written as marks (Llama 2, Mistral): the same ids as the
/// tokenizers library. Immutable but for a cache of words; one object serves many threads.
class Tokenizer {
 public:
  /// \throws Error{usage} naming the key, for anything this cannot do (other models, normalisers,
  /// pre-tokenizers) as for anything that is damaged
  static Tokenizer parse(const Json& document, const std::string& where);
  /// FOLDER/tokenizer.json
  static Tokenizer read(const std::filesystem::path& folder);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Added tokens written out in the text become one id each. \throws Error{usage} for a text that
  /// is not UTF-8, or that the pattern cannot be matched against within its limits
  [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const;
  /// The same for a text that goes on behind another: it gets no mark of a beginning.
  [[nodiscard]] std::vector<TokenId> encode_rest(std::string_view text) const;
  /// The same with what the file puts around a text that is given to a model alone (<s>).
  [[nodiscard]] std::vector<TokenId> encode_alone(std::string_view text) const;
  /// The text of tokens, as the library says it. Byte-level: their bytes one after the other, of
  /// encode(t) NFC(t) exactly; tokens may end inside a character. With byte fallback: a space that
  /// marked the beginning is left out, and lone bytes that are no character become U+FFFD each.
  /// \throws Error{usage} for an id outside the vocabulary
  [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skip_special = false) const;
  /// The bytes of one token wherever it stands.
  [[nodiscard]] std::string bytes_of(TokenId id, bool skip_special = false) const;
  /// Whether decode() leaves out a space at the beginning.
  [[nodiscard]] bool strips_first_space() const;

  /// The id of a token by its text (of added ones as written), or -1.
  [[nodiscard]] TokenId id_of(std::string_view token) const;
  /// One more than the largest id.
  [[nodiscard]] std::int64_t size() const;
  [[nodiscard]] std::int64_t merges() const;
  [[nodiscard]] std::int64_t added() const;

  struct Parts; ///< of this room alone

 private:
  [[nodiscard]] const Token& token_of(TokenId id) const;
  explicit Tokenizer(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

/// The pattern of Qwen2.5's tokenizer.json, for tokenizers made here.
extern const std::string_view kQwenPattern;

/// A tokenizer.json of `vocabulary_size` ids in all: 256 bytes, merges learned from `text` (the
/// most frequent pair first, of equals the one with the smaller ids), then `added` tokens. Fewer
/// ids when no pair stands twice. \throws Error{usage} when the size is too small
[[nodiscard]] Json train_tokenizer(std::string_view text, std::int64_t vocabulary_size,
                                   const std::vector<std::string>& added);

} // namespace quill::model
