// quill analyze — a run read back: success over time, rewards, diversity, distributions.
#include <memory>

#include "cli/command.hpp"
#include "cli/run_text.hpp"
#include "quill/loop/analyze.hpp"

namespace quill::cli {

Command analyze_command() {
  auto config = std::make_shared<loop::AnalyzeConfig>();
  return {
      .name = "analyze",
      .group = "making training data",
      .summary = "success over time, rewards, diversity, distribution by type and speedup",
      .details = "Reads a run folder, also while the run goes on.",
      .examples = {"quill analyze data/stage1", "quill analyze data/stage1 --json"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::Analysis analysis = loop::analyze(*config);
            context.out.result(to_json(analysis), analysis_text(analysis, context.out.styled()));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
