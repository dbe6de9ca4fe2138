// Help for people, in four shapes, all from the table of commands and their field lists.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace quill::cli {

/// What stands behind a flag: "N", "X", "PATH", "TEXT", "rules|openai", "" for a switch.
[[nodiscard]] std::string placeholder(const Field& field);
/// "default 5000 ms, 1 to 60000", "required", "may repeat"; "" when there is nothing to say.
[[nodiscard]] std::string facts(const Field& field);
/// "quill rules show NAME [options]".
[[nodiscard]] std::string usage_line(const Command& command);

/// `quill --help`: every command in one line.
[[nodiscard]] std::string overview(const std::vector<Command>& commands);
/// `quill COMMAND --help`.
[[nodiscard]] std::string command_help(const Command& command);
/// docs/reference.md.
[[nodiscard]] std::string reference_markdown(const std::vector<Command>& commands);
/// docs/quill.1 (troff, man macros).
[[nodiscard]] std::string man_page(const std::vector<Command>& commands);

/// A completion script. `shell` is bash, zsh or fish.
[[nodiscard]] std::string completion_script(const std::vector<Command>& commands,
                                            const std::string& shell);

} // namespace quill::cli
