#include "quill/core/git_hash.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill {

std::string git_blob_id_of(std::string_view content) {
  const std::string head = fmt::format("blob {}", content.size()) + '\0';
  const std::string blob = head + std::string(content);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  QUILL_CHECK(EVP_Digest(blob.data(), blob.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1,
              "OpenSSL has no SHA-1");
  std::string hex;
  for (unsigned i = 0; i < size; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string git_blob_id(const std::filesystem::path& path) {
  return git_blob_id_of(read_file(path));
}

} // namespace quill
