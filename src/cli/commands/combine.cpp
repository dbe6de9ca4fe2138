// quill combine — stage 1 and stage 2 as one data set.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/combine.hpp"

namespace quill::cli {

Command combine_command() {
  auto config = std::make_shared<loop::CombineConfig>();
  return {
      .name = "combine",
      .group = "making training data",
      .summary = "put the stages together, in an order to learn in, with schemas kept apart",
      .details = "Writes training_data.json, eval_data.json, metrics.json and "
                 "preference_pairs.json. JSON: {\"path\", \"stage1\", \"stage2\", \"examples\", "
                 "\"eval_examples\", \"eval_schemas\", \"duplicates\", \"preferences\"}.",
      .examples = {"quill combine", "quill combine --order weighted --eval-share 0.1"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::CombineSummary summary = loop::combine(*config);
            context.out.result(
                to_json(summary),
                fmt::format("{}: {} examples ({} of stage 1, {} of stage 2), {} duplicates left "
                            "out\nkept for evaluation: {} examples of {} schemas\npreference "
                            "pairs: {}\n",
                            summary.path.string(), summary.examples, summary.stage1, summary.stage2,
                            summary.duplicates, summary.eval_examples, summary.eval_schemas,
                            summary.preferences));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
