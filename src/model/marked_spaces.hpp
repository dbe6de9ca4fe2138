// SentencePiece's way of words: spaces are written as "▁", a text may begin with one, and there are
// no words apart from that (google/sentencepiece; crate tokenizers, normalizers/prepend.rs and
// pre_tokenizers/metaspace.rs).
#pragma once

#include <string>
#include <string_view>

#include "quill/core/json.hpp"

namespace quill::model {

inline constexpr std::string_view kSpaceMark = "\u2581";

struct MarkedSpaces {
  /// Where a mark is put that no space stands for.
  enum class Begin {
    never,
    text,     ///< the whole text, unless it begins with one
    sections, ///< each stretch between added tokens, unless it begins with one
    always,   ///< each stretch
  };
  Begin begin = Begin::never;
  bool words = false;       ///< each mark begins a word that merges do not cross
  bool strips_first = true; ///< decoding takes one space off the beginning

  /// `section` with its marks; `first` when nothing stands before it.
  [[nodiscard]] std::string marked(std::string_view section, bool first) const;
  /// Calls `piece` for each word of a marked text.
  template <class Piece> void split(std::string_view text, Piece piece) const {
    if (!words)
      return piece(text);
    for (std::size_t begin_at = 0; begin_at < text.size();) {
      const std::size_t next = text.find(kSpaceMark, begin_at + 1);
      piece(text.substr(begin_at, next - begin_at));
      begin_at = next == std::string_view::npos ? text.size() : next;
    }
  }
};

/// What normalizer, pre_tokenizer and decoder of a tokenizer.json with byte fallback say.
/// \throws Error{usage} for what is not the way of Llama 2 or Mistral
[[nodiscard]] MarkedSpaces read_marked_spaces(const JsonObject& file);

/// "<0x0A>": the token of a byte that no other token covers.
[[nodiscard]] std::string fallback_token(unsigned char byte);

} // namespace quill::model
