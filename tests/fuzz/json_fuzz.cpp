// Any bytes as JSON: taken or refused with an error, and what is taken reads back the same.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const quill::Json value = quill::parse_json(text, "fuzz");
    const std::string written = quill::dump_json(value);
    if (quill::dump_json(quill::parse_json(written, "again")) != written)
      std::abort();
  } catch (const quill::Error& error) {
    if (error.exit() != quill::Exit::usage)
      std::abort();
  }
  return 0;
}
