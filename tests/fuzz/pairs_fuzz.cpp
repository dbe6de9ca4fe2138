// A file of pairs is written by anybody: whatever its bytes, it is pairs or a three-line error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quill/core/error.hpp"
#include "quill/judge/pairs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const auto pairs = quill::judge::parse_pairs(text, "fuzz.jsonl");
    QUILL_CHECK(!pairs.empty(), "a file without a pair must be refused");
  } catch (const quill::Error& error) {
    QUILL_CHECK(error.exit() == quill::Exit::usage && !error.text().where.empty(),
                "a bad file is a usage error that names its place");
  }
  return 0;
}
