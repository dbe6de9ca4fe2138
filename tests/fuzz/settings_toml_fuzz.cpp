// Any bytes as a TOML file and as .env: assignments, or an error with file and line.
#include <cstdint>
#include <cstdlib>

#include "core/settings_layers.hpp"
#include "quill/core/error.hpp"

namespace {

template <class Parse> void expect_value_or_usage_error(Parse parse) {
  try {
    for (const auto& found : parse())
      if (found.place.rfind("f:", 0) != 0)
        std::abort();
  } catch (const quill::Error& error) {
    if (error.exit() != quill::Exit::usage || error.text().where.rfind("f:", 0) != 0)
      std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  expect_value_or_usage_error([&] { return quill::parse_toml(text, "f"); });
  expect_value_or_usage_error([&] { return quill::parse_dotenv(text, "f"); });
  return 0;
}
