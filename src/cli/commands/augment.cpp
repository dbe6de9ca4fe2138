// quill augment — the same examples under other names, run again.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/progress.hpp"
#include "quill/loop/augment.hpp"

namespace quill::cli {

Command augment_command() {
  auto config = std::make_shared<loop::AugmentConfig>();
  return {
      .name = "augment",
      .group = "making training data",
      .summary = "write each example under other names of tables and columns, run again",
      .details = "Each schema is renamed consistently in a copy of its database; an example is "
                 "written when both its queries give the same rows there. JSON: {\"source\", "
                 "\"path\", \"examples\", \"verified\", \"dropped\"}. Exit code 1 when some were "
                 "dropped.",
      .examples = {"quill augment --run data/stage2 --out data/augmented"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            Progress progress(context.progress, "examples", 0);
            const loop::AugmentSummary summary = loop::augment(*config, context.cancel, &progress);
            context.out.result(to_json(summary),
                               fmt::format("{}: {} verified of {} examples, {} dropped\n",
                                           summary.path.string(), summary.verified,
                                           summary.examples, summary.dropped));
            return summary.dropped == 0 ? Exit::ok : Exit::negative;
          },
  };
}

} // namespace quill::cli
