// quill data grammar — questions and queries over random names, to learn NL→SQL from nothing.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/grammar.hpp"

namespace quill::cli {

Command data_grammar_command() {
  auto config = std::make_shared<loop::GrammarConfig>();
  return {
      .name = "data grammar",
      .group = "making training data",
      .summary = "write questions and queries of a grammar over schemas with random names",
      .details = "Lines to train on, a text to learn a tokenizer from, and questions with their "
                 "databases to evaluate on; no name of theirs is in the lines.\nJSON: {\"train\", "
                 "\"corpus\", \"questions\", \"databases\", \"lines\", \"eval_questions\", "
                 "\"eval_databases\"}.",
      .examples = {"quill data grammar --out data/grammar --train 40000 --eval 1000"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const auto summary = loop::write_grammar_data(*config, context.cancel);
            context.out.result(to_json(summary),
                               fmt::format("{}: {} lines\n{}: {} questions about {} databases\n",
                                           summary.train.string(), summary.lines,
                                           summary.questions.string(), summary.eval_questions,
                                           summary.eval_databases));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
