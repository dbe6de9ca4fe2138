// Rows on their way to the parent: collected into frames, counted against the limits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "engine/worker/engine_service.hpp"
#include "engine/worker/stopwatch.hpp"

namespace quill::engine {

class RowFrames {
 public:
  RowFrames(Stopwatch& watch, const Limits& limits, const SendFrame& send)
      : watch_(watch), limits_(limits), send_(send),
        bytes_max_(std::min(limits.result_mb, kNoLimitMb) << 20) {
    out_.number(std::uint32_t{0});
  }

  /// True when one row more would be too many: the reader asked for no more than that.
  [[nodiscard]] bool full() {
    if (limits_.rows <= 0 || rows_ < limits_.rows)
      return false;
    message_ = fmt::format("more than {} rows", limits_.rows);
    return true;
  }
  /// False when the row would pass a limit of bytes.
  bool add(const Row& row) {
    const auto bytes = bytes_of(row);
    bytes_ += bytes;
    const bool too_wide = bytes > static_cast<std::int64_t>(kFrameMax / 2);
    if (too_wide || (limits_.result_mb > 0 && bytes_ > bytes_max_)) {
      message_ = fmt::format("more than {} MB of rows",
                             too_wide ? std::int64_t{kFrameMax >> 21U} : limits_.result_mb);
      return false;
    }
    write(row);
    return true;
  }
  /// Sends what waits. The clock stands still meanwhile.
  void flush() {
    if (in_frame_ == 0)
      return;
    out_.patch(0, std::exchange(in_frame_, 0U));
    watch_.pause();
    send_(out_);
    watch_.resume();
    out_.clear();
    out_.number(std::uint32_t{0});
  }
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 private:
  static constexpr std::int64_t kNoLimitMb = 1 << 20;

  static std::int64_t bytes_of(const Row& row) {
    std::size_t bytes = 4;
    for (const auto& cell : row) {
      bytes += 9;
      if (const auto* text = std::get_if<std::string>(&cell))
        bytes += text->size();
      else if (const auto* blob = std::get_if<Blob>(&cell))
        bytes += blob->bytes.size();
    }
    return static_cast<std::int64_t>(bytes);
  }
  void write(const Row& row) {
    out_.number(static_cast<std::uint32_t>(row.size()));
    for (const auto& cell : row)
      encode(out_, cell);
    ++rows_;
    ++in_frame_;
    if (out_.size() >= kRowsFrameBytes)
      flush();
  }

  Stopwatch& watch_;
  const Limits& limits_;
  const SendFrame& send_;
  std::int64_t bytes_max_;
  Encoder out_;
  std::string message_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
  std::uint32_t in_frame_ = 0;
};

} // namespace quill::engine
