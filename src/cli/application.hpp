// From words to an exit code: choose the command, read the settings, run it.
#pragma once

#include <string>
#include <vector>

#include "quill/core/error.hpp"

namespace quill::cli {

struct TorchRooms;

/// `words` = argv without the program's name. Results go to stdout; throws what the command throws.
/// A command that needs a model runs with `torch`, in this process, or else as quill-torch.
[[nodiscard]] Exit run_application(const std::vector<std::string>& words,
                                   const TorchRooms* torch = nullptr);

/// How a command ended that threw: prints the exception that is in flight to stderr, three lines,
/// keys redacted. Call only inside a catch block.
[[nodiscard]] Exit report_exception() noexcept;

} // namespace quill::cli
