#include "engine/row_receiver.hpp"

#include <utility>

namespace quill::engine {

bool RowReceiver::take(std::string_view payload) {
  if (stopped_)
    return true; // on their way when we asked to stop
  std::vector<Row> rows;
  if (!decode_whole(payload, rows))
    return false;
  bytes_ += static_cast<std::int64_t>(payload.size());
  // The worker counts a little more per cell than it sends, so an honest one stays below.
  if (limits_.result_mb > 0 && (bytes_ >> 20) > limits_.result_mb + 1)
    return false;
  for (auto& row : rows) {
    if (limits_.rows > 0 && count_ >= limits_.rows)
      return false;
    hand_over(std::move(row));
    if (stopped_)
      break;
  }
  return true;
}

void RowReceiver::hand_over(Row&& row) {
  ++count_;
  if (!sink_)
    rows_.push_back(std::move(row));
  else
    stopped_ = !sink_(std::move(row));
}

} // namespace quill::engine
