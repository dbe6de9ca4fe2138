// Takes rows as a worker sends them: into a list or a sink, never more than were asked for.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "engine/protocol.hpp"

namespace quill::engine {

class RowReceiver {
 public:
  RowReceiver(const Limits& limits, const std::function<bool(Row&&)>& sink)
      : limits_(limits), sink_(sink) {}

  /// The payload of one Answer::rows. False when it is no rows, or more than the limits allow.
  [[nodiscard]] bool take(std::string_view payload);
  [[nodiscard]] bool stopped() const noexcept { return stopped_; } ///< the sink had enough
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] std::vector<Row> release() { return std::move(rows_); }

 private:
  void hand_over(Row&& row);

  const Limits& limits_;
  const std::function<bool(Row&&)>& sink_;
  std::vector<Row> rows_;
  std::int64_t count_ = 0;
  std::int64_t bytes_ = 0;
  bool stopped_ = false;
};

} // namespace quill::engine
