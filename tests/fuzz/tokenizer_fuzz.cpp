// Any bytes as a tokenizer.json, and any text through a good one: errors, or ids that decode to
// text which gives the same ids again.
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/model/tokenizer.hpp"

namespace {

using namespace quill;

/// One with byte fallback, as Llama 2's file is, without merges.
Json marked_file() {
  Json vocabulary = {{"<s>", 0}, {"a", 1}, {"\u2581", 2}, {"\u2581a", 3}};
  for (int byte = 0; byte < 256; ++byte)
    vocabulary[fmt::format("<0x{:02X}>", byte)] = 4 + byte;
  const Json mark = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
  const Json space = {{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}};
  const Json strip = {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}};
  const Json merges = Json::array({Json::array({"\u2581", "a"})});
  return {{"normalizer",
           {{"type", "Sequence"},
            {"normalizers", {{{"type", "Prepend"}, {"prepend", "\u2581"}}, mark}}}},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders", {space, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}, strip}}}},
          {"model",
           {{"type", "BPE"}, {"byte_fallback", true}, {"vocab", vocabulary}, {"merges", merges}}}};
}

/// With byte fallback a text comes back as it was, but for marks written out in it.
void check_marked(const model::Tokenizer& tokenizer, std::string_view text) {
  if (text.find("\u2581") == text.npos && tokenizer.decode(tokenizer.encode(text)) != text)
    std::abort();
}

void check_text(const model::Tokenizer& tokenizer, std::string_view text) {
  const auto ids = tokenizer.encode(text);
  if (tokenizer.encode(tokenizer.decode(ids)) != ids)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto good = model::Tokenizer::parse(
      model::train_tokenizer("low lower lowest aab aab", 300, {"<|end|>"}), "good");
  static const auto marked = model::Tokenizer::parse(marked_file(), "marked");
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    if (text.starts_with("{"))
      (void)model::Tokenizer::parse(parse_json(text, "fuzz"), "fuzz").encode(text);
    else
      check_text(good, text), check_marked(marked, text);
  } catch (const Error& error) {
    if (error.exit() != Exit::usage)
      std::abort();
  }
  return 0;
}
