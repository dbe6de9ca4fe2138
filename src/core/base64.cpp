#include "quill/core/base64.hpp"

#include <openssl/evp.h>

namespace quill {

std::string base64(std::string_view bytes) {
  constexpr std::size_t kPiece = 3U << 20U; // a multiple of 3, so that pieces need no padding
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::string_view piece = bytes.substr(at, kPiece);
    std::string encoded((piece.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL ends it with a zero
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(piece.data()),
                                     static_cast<int>(piece.size()));
    text.append(encoded, 0, static_cast<std::size_t>(size));
  }
  return text;
}

} // namespace quill
