#include "quill/core/progress.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/progress_text.hpp"
#include "core/terminal.hpp"
#include "core/text.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/json.hpp"

namespace quill {

namespace {

constexpr std::int64_t kCells = 24;

double share_done(const ProgressReading& reading) {
  return std::clamp(static_cast<double>(reading.done) / static_cast<double>(reading.total), 0.0,
                    1.0);
}

std::string cells(double share) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kCells));
  return std::string(full, '#') + std::string(static_cast<std::size_t>(kCells) - full, '-');
}

/// At the pace so far; nothing before there is a pace, and when all is done.
std::optional<double> ms_left(const ProgressReading& reading) {
  if (reading.done <= reading.already || reading.done >= reading.total)
    return std::nullopt;
  const double ms_each = (reading.elapsed_ms - reading.already_ms) /
                         static_cast<double>(reading.done - reading.already);
  return ms_each * static_cast<double>(reading.total - reading.done);
}

/// Minutes and seconds.
std::string time_left(const ProgressReading& reading) {
  const auto left = ms_left(reading);
  if (!left)
    return "";
  constexpr double kLongest = 359'999.0; // 99:59:59
  const auto seconds = static_cast<std::int64_t>(std::ceil(std::min(*left / 1000, kLongest)));
  return fmt::format(" {}:{:02} left", seconds / 60, seconds % 60);
}

std::size_t terminal_width() {
  constexpr std::size_t kUnknown = 80;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return kUnknown;
  return size.ws_col;
}

} // namespace

std::string progress_bar(const ProgressReading& reading, std::size_t width) {
  std::string line = reading.total > 0
                         ? fmt::format("{} [{}] {}/{} {:.0f} %{}", reading.what,
                                       cells(share_done(reading)), reading.done, reading.total,
                                       std::floor(share_done(reading) * 100), time_left(reading))
                         : fmt::format("{} {}", reading.what, reading.done);
  if (!reading.note.empty())
    line += fmt::format("  {}", reading.note);
  constexpr std::size_t kEllipsisBytes = 3;
  const std::size_t room = std::max<std::size_t>(width, kEllipsisBytes + 1);
  line = text::printable(line);
  return line.size() <= room ? line : text::clipped(line, room - kEllipsisBytes);
}

std::string progress_json(const ProgressReading& reading) {
  const auto left = ms_left(reading);
  return dump_json({{"progress", std::string(reading.what)},
                    {"done", reading.done},
                    {"total", reading.total > 0 ? Json(reading.total) : Json(nullptr)},
                    {"elapsed_ms", std::round(reading.elapsed_ms)},
                    {"left_ms", left ? Json(std::round(*left)) : Json(nullptr)},
                    {"note", std::string(reading.note)}});
}

struct Progress::State {
  State(ProgressStyle its_style, std::string_view its_what, std::int64_t its_total)
      : style(its_style), what(its_what), total(its_total) {}

  ProgressStyle style;
  std::string what;
  std::int64_t total;
  double start_ms = system_clock().now_ms();
  std::mutex mutex;
  std::int64_t done = 0, already = 0;
  double already_ms = 0;
  std::string note;
  double drawn_ms = -1e9;

  [[nodiscard]] double elapsed_ms() const { return system_clock().now_ms() - start_ms; }

  /// What a first report finds done within this time of the start was done before: a resumed task.
  /// The pace does not count it.
  void begin_from(std::int64_t earlier) {
    constexpr double kAtOnceMs = 50;
    if (done != 0 || elapsed_ms() > kAtOnceMs)
      return;
    already = earlier;
    already_ms = elapsed_ms();
  }

  [[nodiscard]] ProgressReading reading() const {
    return {what, done, total, elapsed_ms(), note, already, already_ms};
  }

  void draw() {
    if (style == ProgressStyle::bar)
      draw_stderr_bar(progress_bar(reading(), terminal_width() - 1));
    else
      write_stderr_line(progress_json(reading()));
    drawn_ms = system_clock().now_ms();
  }

  /// The last word stays on the terminal as a line of its own.
  void finish() {
    if (style == ProgressStyle::bar)
      write_stderr_line(progress_bar(reading(), terminal_width() - 1));
    else
      draw();
  }
};

Progress::Progress(ProgressStyle style, std::string_view what, std::int64_t total)
    : state_(std::make_unique<State>(style, what, total)) {
  if (style != ProgressStyle::none)
    state_->draw();
}

Progress::~Progress() {
  const std::lock_guard lock(state_->mutex);
  if (state_->style != ProgressStyle::none)
    state_->finish();
}

void Progress::advance(std::int64_t done, std::string_view note) {
  constexpr double kDrawEveryMs = 100;
  const std::lock_guard lock(state_->mutex);
  state_->begin_from(done);
  state_->done = done;
  state_->note = note;
  if (state_->style != ProgressStyle::none &&
      system_clock().now_ms() - state_->drawn_ms >= kDrawEveryMs)
    state_->draw();
}

} // namespace quill
