// quill completion — a completion script for a shell.
#include <memory>

#include "cli/command.hpp"
#include "cli/help.hpp"

namespace quill::cli {

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  return {
      .name = "completion",
      .group = "about Quill",
      .summary = "print a completion script for bash, zsh or fish",
      .details = "",
      .examples = {"source <(quill completion bash)"},
      .fields =
          [shell](FieldList& list) {
            list.add_positional("shell", shell.get(), "the shell it is for")
                .one_of({"bash", "zsh", "fish"})
                .needed();
          },
      .run =
          [shell](Context& context) {
            context.out.text(completion_script(context.commands, *shell));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
