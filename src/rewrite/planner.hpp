// Asking an engine's planner which indexes it would use, without building them over all rows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::rewrite {

/// What the planner would do.
struct Choice {
  bool ok = false;
  std::vector<std::string> indexes_used;
  double effort =
      0; ///< a rough sum over the plan's lines: scans, searches, sorts; for ordering only
};

/// PostgreSQL plans with indexes that are not there (HypoPG); `effort` is then its cost. SQLite:
/// without ANALYZE's statistics it plans from the schema alone: then an empty database with the
/// same schema answers the same, and its indexes cost nothing to build. With statistics (or views)
/// the database itself is asked.
class Planner {
 public:
  /// `session` must outlive this.
  explicit Planner(engine::Session& session);
  /// "" when the planner tells of indexes that are not there, else what is missing.
  [[nodiscard]] std::string why_blind(const std::string& statement);
  /// The plan of `statement` with these indexes there.
  [[nodiscard]] Choice choose(const std::string& statement,
                              const std::vector<std::string>& create_index);

 private:
  engine::Session& session_;
  std::unique_ptr<engine::Session> empty_; ///< null: ask the session itself
};

} // namespace quill::rewrite
