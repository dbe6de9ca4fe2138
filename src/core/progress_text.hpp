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
};

/// "restem [########--------] 25/50 50 % 0:12 left  kept 12", at most `width` bytes. Pure.
[[nodiscard]] std::string progress_bar(const ProgressReading& reading, std::size_t width);

/// {"progress": what, "done", "total" or null, "elapsed_ms", "note"} on one line. Pure.
[[nodiscard]] std::string progress_json(const ProgressReading& reading);

} // namespace quill
