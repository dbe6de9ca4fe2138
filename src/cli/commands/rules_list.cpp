// quill rules list — the rules that make queries faster.
#include "cli/command.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::cli {

Command rules_list_command() {
  return {
      .name = "rules list",
      .group = "judging and looking",
      .summary = "list the built-in rules that make queries faster",
      .details = "JSON: [{\"name\", \"summary\", \"engines\", \"pays\", \"hurts\"}].",
      .examples = {"quill rules list", "quill rules list --json"},
      .formats = Formats::any,
      .run =
          [](Context& context) {
            const Json rules = rewrite::rules_json();
            Table table{.columns = {{"rule"}, {"summary"}}, .rows = {}};
            for (const Json& rule : rules)
              table.rows.push_back({rule.at("name"), rule.at("summary")});
            context.out.result(rules, format_table(table, context.out.styled(), 100));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
