#include "model/byte_alphabet.hpp"

#include <array>

namespace quill::model {

namespace {

constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<char, 2> text[256] = {}; ///< UTF-8; one byte below U+0080
  int length[256] = {};
  int byte_of[0x144] = {}; ///< by code point; -1 for those that stand for no byte
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (int& byte : alphabet.byte_of)
    byte = -1;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const int code = stands_for_itself(byte) ? byte : next++;
    alphabet.byte_of[code] = byte;
    alphabet.length[byte] = code < 0x80 ? 1 : 2;
    if (code < 0x80)
      alphabet.text[byte] = {static_cast<char>(code), 0};
    else
      alphabet.text[byte] = {static_cast<char>(0xC0 | (code >> 6)),
                             static_cast<char>(0x80 | (code & 0x3F))};
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

} // namespace

std::string_view character_of_byte(unsigned char byte) {
  return {kAlphabet.text[byte].data(), static_cast<std::size_t>(kAlphabet.length[byte])};
}

std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const auto lead = static_cast<unsigned char>(token[i]);
    unsigned code = lead;
    if (lead >= 0x80) { // only U+0080 to U+07FF can stand for a byte: two bytes of UTF-8
      if ((lead & 0xE0U) != 0xC0 || i + 1 == token.size())
        return std::nullopt;
      code = ((lead & 0x1FU) << 6U) | (static_cast<unsigned char>(token[++i]) & 0x3FU);
    }
    if (code >= std::size(kAlphabet.byte_of) || kAlphabet.byte_of[code] < 0)
      return std::nullopt;
    bytes += static_cast<char>(kAlphabet.byte_of[code]);
  }
  return bytes;
}

std::string token_of_bytes(std::string_view bytes) {
  std::string token;
  for (const char byte : bytes)
    token += character_of_byte(static_cast<unsigned char>(byte));
  return token;
}

} // namespace quill::model
