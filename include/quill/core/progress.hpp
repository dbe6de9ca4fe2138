// Progress on stderr: a bar on a terminal, JSON lines for machines, silence elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace quill {

enum class ProgressStyle { none, bar, json };

/// Thread-safe; draws at most ten times a second and once at the end.
class Progress {
 public:
  Progress(ProgressStyle style, std::string_view what, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `note` is shown behind the bar ("kept 12, success 80 %").
  void advance(std::int64_t done, std::string_view note = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace quill
