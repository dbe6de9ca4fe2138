// quill data preview — a sample as it is trained on, with its loss mask.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/preview.hpp"

namespace quill::cli {

namespace {

/// Each line behind a mark: "+" where the loss looks, "|" where it does not.
std::string marked(const loop::Preview& preview) {
  std::string text;
  for (const loop::Span& span : preview.spans) {
    std::string piece = preview.text.substr(span.from, span.to - span.from);
    if (!piece.empty() && piece.back() == '\n')
      piece.pop_back();
    const char* mark = span.trained ? "+ " : "| ";
    for (std::size_t at = 0; !piece.empty() && at <= piece.size();) {
      const std::size_t end = std::min(piece.find('\n', at), piece.size());
      text += mark + piece.substr(at, end - at) + "\n";
      at = end + 1;
    }
  }
  return text;
}

} // namespace

Command data_preview_command() {
  auto config = std::make_shared<loop::PreviewConfig>();
  return {
      .name = "data preview",
      .group = "making training data",
      .summary = "show a sample with its loss mask",
      .details = "Lines behind + are trained on, lines behind | are context. JSON: {\"id\", "
                 "\"text\", \"spans\": [{\"from\", \"to\", \"trained\"}]}, in bytes.",
      .examples = {"quill data preview data/combined --sample 12"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::Preview preview = loop::preview(*config);
            context.out.result(to_json(preview), marked(preview));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
