// quill data import — questions of Spider, BIRD or any rows, as `quill eval sql` reads them.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/import.hpp"

namespace quill::cli {

Command data_import_command() {
  auto config = std::make_shared<loop::ImportConfig>();
  return {
      .name = "data import",
      .group = "making training data",
      .summary = "take over questions and gold queries of another data set",
      .details = "Writes one line a question: {\"id\", \"db_id\", \"question\", \"gold\", …}. "
                 "JSON: {\"source\", \"path\", \"questions\", \"databases\"}.",
      .examples = {"quill data import spider spider --split train --out data/questions.jsonl",
                   "quill data import hf rows.jsonl"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::ImportSummary summary = loop::import_questions(*config);
            context.out.result(to_json(summary),
                               fmt::format("{}: {} questions over {} databases, from {}\n",
                                           summary.path.string(), summary.questions,
                                           summary.databases, summary.source.string()));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
