// Any status and body from any kind of model server: a reply or a failure, never more.
#include <cstdint>
#include <string>

#include "quill/llm/client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0)
    return 0;
  constexpr long kStatuses[] = {200, 200, 200, 400, 402, 429, 500, 307};
  const std::string body(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const auto api = static_cast<quill::llm::Api>(bytes[0] / 8 % 3);
  static_cast<void>(quill::llm::parse_reply(api, kStatuses[bytes[0] % 8], body));
  return 0;
}
