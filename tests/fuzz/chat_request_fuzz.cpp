// Any bytes as the body of POST /v1/chat/completions: refused by parameter, or a request within the
// limits that are promised.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "serve/chat_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace quill;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const auto request = serve::parse_chat_request(parse_json(text, "body"), 100);
    const model::Generation& wanted = request.wanted;
    if (request.messages.empty() || wanted.samples < 1 || wanted.samples > 128 ||
        wanted.tokens_max < 1 || wanted.top_logprobs > 20 || wanted.stops.size() > 16 ||
        !(wanted.sampling.temperature >= 0) || !(wanted.sampling.top_p >= 0))
      std::abort();
  } catch (const Error& error) {
    if (error.exit() != Exit::usage || error.text().what.empty())
      std::abort();
    (void)dump_json(
        serve::error_json(error.text().what, "invalid_request_error", error.text().where, ""));
  }
  return 0;
}
