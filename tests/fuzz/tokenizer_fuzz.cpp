// Any bytes as a tokenizer.json, and any text through a good one: errors, or ids that decode to
// text which gives the same ids again.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "quill/model/tokenizer.hpp"

namespace {

using namespace quill;

void check_text(const model::Tokenizer& tokenizer, std::string_view text) {
  const auto ids = tokenizer.encode(text);
  if (tokenizer.encode(tokenizer.decode(ids)) != ids)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto good = model::Tokenizer::parse(
      model::train_tokenizer("low lower lowest aab aab", 300, {"<|end|>"}), "good");
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    if (text.starts_with("{"))
      (void)model::Tokenizer::parse(parse_json(text, "fuzz"), "fuzz").encode(text);
    else
      check_text(good, text);
  } catch (const Error& error) {
    if (error.exit() != Exit::usage)
      std::abort();
  }
  return 0;
}
