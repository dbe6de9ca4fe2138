// What a progress line says, apart from when and where it is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quill {

struct ProgressReading {
  std::string_view what;
  std::int64_t done = 0;
  std::int64_t total = 0; ///< 0: unknown
  double elapsed_ms = 0;
  std::string_view note;
  std::int64_t already = 0; ///< done when the pace began to be counted
  double already_ms = 0;    ///< elapsed by then
};

/// "restem [########--------] 25/50 50 % 0:12 left  kept 12", at most `width` bytes. Pure.
[[nodiscard]] std::string progress_bar(const ProgressReading& reading, std::size_t width);

/// {"progress": what, "done", "total" or null, "elapsed_ms", "left_ms" or null, "note"} on one
/// line. Pure.
[[nodiscard]] std::string progress_json(const ProgressReading& reading);

} // namespace quill
