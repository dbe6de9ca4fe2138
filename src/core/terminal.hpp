// stderr is shared by log lines and the progress bar: one lock, and whoever writes a line first
// wipes the bar.
#pragma once

#include <string_view>

namespace quill {

/// Writes `line` and a newline; wipes a bar that stands there.
void write_stderr_line(std::string_view line);

/// Draws `bar` on the terminal's last line, over the one before; "" only wipes it.
void draw_stderr_bar(std::string_view bar);

} // namespace quill
