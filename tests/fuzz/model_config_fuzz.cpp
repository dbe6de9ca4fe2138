// Any bytes as config.json and as messages: refused, or a shape that is written back the same.
#include <cstdint>
#include <cstdlib>

#include "quill/core/error.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace quill;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const bool messages : {false, true})
    try {
      const Json document = parse_json(text, "fuzz");
      if (messages) {
        const model::ChatTemplate chat(model::kChatmlTemplate, "fuzz");
        (void)chat.render(model::parse_messages(document, "fuzz"), true);
        continue;
      }
      const model::Shape shape = model::parse_shape(document, "fuzz");
      const Json written = model::shape_json(shape);
      if (model::shape_json(model::parse_shape(written, "fuzz")) != written ||
          shape.parameters() <= 0)
        std::abort();
      (void)model::parse_generation_defaults(document, "fuzz", shape.vocabulary);
    } catch (const Error& error) {
      if (error.exit() != Exit::usage)
        std::abort();
    }
  return 0;
}
