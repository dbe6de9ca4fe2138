// quill export — the kept examples as a training set for others.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/export.hpp"

namespace quill::cli {

Command export_command() {
  auto config = std::make_shared<loop::ExportConfig>();
  return {
      .name = "export",
      .group = "making training data",
      .summary = "write the kept examples as a training set",
      .details = "JSON: {\"source\", \"path\", \"examples\", \"bytes\", \"sha256\"}.",
      .examples = {"quill export --stage stage1 --format openai"},
      .formats = Formats::json_only,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::ExportSummary summary = loop::export_dataset(*config);
            context.out.result(to_json(summary),
                               fmt::format("{}: {} examples, {} bytes, from {}\n",
                                           summary.path.string(), summary.examples, summary.bytes,
                                           summary.source.string()));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
