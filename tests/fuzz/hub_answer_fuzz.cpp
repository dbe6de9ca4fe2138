// Any bytes as what a Hub says of a repository: the Hub's fault, or files that stay in their
// folder.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "quill/hub/pull.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace quill;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const auto repository = hub::parse_repository(parse_json(text, "hub"), "hub");
    for (const hub::RemoteFile& file : repository.files) {
      const auto place = (std::filesystem::path("/f") / file.name).lexically_normal().string();
      if (!place.starts_with("/f/") || file.bytes < 0 || file.hash.size() < 40)
        std::abort();
      (void)hub::is_wanted(file.name);
    }
  } catch (const Error& error) {
    if (error.exit() != Exit::usage && error.exit() != Exit::outside)
      std::abort();
  }
  return 0;
}
