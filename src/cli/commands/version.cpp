// quill version — which Quill this is.
#include "cli/command.hpp"

namespace quill::cli {

Command version_command() {
  return {
      .name = "version",
      .group = "about Quill",
      .summary = "print the version",
      .details = "`quill --version` does the same.",
      .examples = {"quill version"},
      .run =
          [](Context& context) {
            context.out.text("quill " QUILL_VERSION "\n");
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
