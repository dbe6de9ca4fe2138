// What a proof has cost so far, counted so that a busy machine does not change a verdict.
#pragma once

#include "quill/engine/session.hpp"

namespace quill::judge {

/// Processor time of this thread and of the session's worker since the beginning. A PostgreSQL
/// session works in a server's process that is not ours to look at: there it is the wall clock.
class Spending {
 public:
  /// `session` must outlive it.
  explicit Spending(const engine::Session& session);
  /// Of the thread that made it; a fifth of the wall clock when that is more, so that a proof ends
  /// on a machine that gives it next to nothing.
  [[nodiscard]] double ms();

 private:
  [[nodiscard]] double worker_ms();

  const engine::Session& session_;
  double wall_start_ms_, thread_start_ms_;
  int worker_ = -1; ///< process id
  double worker_last_ms_ = 0, worker_spent_ms_ = 0;
};

} // namespace quill::judge
