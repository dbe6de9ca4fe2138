// A hash of a file of any size in bounded memory.
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill {

std::string sha256_file(const std::filesystem::path& path) {
  const auto refuse = [&](const char* step) {
    throw Error{Exit::storage,
                {.what = fmt::format("cannot hash the file: {}: {}", step, std::strerror(errno)),
                 .where = path.string(),
                 .fix = "check the path and the disk"}};
  };
  std::ifstream file(path, std::ios::binary);
  if (!file)
    refuse("open");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  QUILL_CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1,
              "OpenSSL has no SHA-256");
  std::array<char, 1U << 16U> buffer;
  while (file) {
    file.read(buffer.data(), buffer.size());
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof())
    refuse("read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

} // namespace quill
