// Rows of one statement, streamed, projected and held up to a cap.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "judge/pair_clock.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/compare.hpp"

namespace quill::judge {

struct FetchPlan {
  std::vector<std::size_t> columns; ///< cells to keep, in this order
  bool last_is_key = false;         ///< the last cell of each row is its tie key
  std::size_t held_bytes_max = 0;
  /// Asked before a row is kept; false ends the run. May be empty.
  std::function<bool(const Answer& so_far, const engine::Row& row)> wants;
};

struct Fetched {
  enum class End { complete, stopped, too_large, failed };
  End end = End::failed;
  Answer answer;
  std::string message; ///< when failed
  double engine_ms = 0;
  [[nodiscard]] bool usable() const { return end == End::complete || end == End::stopped; }
};

[[nodiscard]] Fetched fetch(engine::Session& session, const Statement& statement,
                            const engine::Limits& limits, const FetchPlan& plan);

} // namespace quill::judge
