// From argv to a command and the texts of its flags. Values are checked later, by Settings.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace quill::cli {

/// The command that `words` begin with (two-word names first) and what follows it.
/// \throws Error{usage} with the nearest known name
struct Chosen {
  const Command* command;
  std::vector<std::string> arguments;
};
[[nodiscard]] Chosen choose_command(const std::vector<Command>& commands,
                                    const std::vector<std::string>& words);

struct Arguments {
  bool help = false;
  std::vector<std::pair<std::string, std::string>> flags; ///< flag → text, in the order given
};
/// \throws Error{usage}: unknown option (with the nearest known one), missing value, one word too
/// many
[[nodiscard]] Arguments parse_arguments(const std::string& command,
                                        const std::vector<const FieldList*>& lists,
                                        const std::vector<std::string>& arguments);

} // namespace quill::cli
