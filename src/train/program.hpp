// A program of the user's: text in, text out, a time limit.
#pragma once

#include <cstdint>
#include <string>

#include "quill/core/error.hpp"

namespace quill::train {

/// Runs `command` in /bin/sh with `input` as its standard input and returns what it wrote to its
/// standard output, at most `bytes_max`; its stderr is ours. After `timeout_ms` it is killed with
/// all it started. A failure says what became of it.
[[nodiscard]] Result<std::string> run_program(const std::string& command, const std::string& input,
                                              std::int64_t timeout_ms, std::size_t bytes_max);

} // namespace quill::train
