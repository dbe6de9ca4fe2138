// quill help — the overview, and the two documents that are made from the table of commands.
#include <memory>

#include "cli/command.hpp"
#include "cli/help.hpp"

namespace quill::cli {

namespace {

struct HelpConfig {
  bool markdown = false, man = false;
};

} // namespace

Command help_command() {
  auto config = std::make_shared<HelpConfig>();
  return {
      .name = "help",
      .group = "about Quill",
      .summary = "print the overview, the reference or the man page",
      .details = "",
      .examples = {},
      .fields =
          [config](FieldList& list) {
            list.add("markdown", &config->markdown, "print docs/reference.md");
            list.add("man", &config->man, "print the man page");
          },
      .run =
          [config](Context& context) {
            if (config->markdown)
              context.out.text(reference_markdown(context.commands));
            else if (config->man)
              context.out.text(man_page(context.commands));
            else
              context.out.text(overview(context.commands));
            return Exit::ok;
          },
      .hidden = true,
  };
}

} // namespace quill::cli
