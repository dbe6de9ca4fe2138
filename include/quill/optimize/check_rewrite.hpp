// Does a known rewrite hold what it says: the same rows, and as much faster or slower?
#pragma once

#include <cstdint>
#include <string>

#include "quill/engine/session.hpp"
#include "quill/optimize/knowledge.hpp"

namespace quill::optimize {

struct Checked {
  std::string problem;   ///< why it could not be told; "" when both ran
  bool same = false;     ///< the same rows, in the same order where `before` gives one
  std::int64_t rows = 0; ///< of before
  double before_ms = 0;  ///< the least of the runs
  double after_ms = 0;   ///< the same of after
  [[nodiscard]] double speedup() const { return before_ms / after_ms; }
};

/// Runs both in turn, `runs` times each (once more as a warm-up). `session` holds the rewrite's
/// schema_script(). Never throws for what a rewrite contains.
[[nodiscard]] Checked check_rewrite(const KnownRewrite& rewrite, engine::Session& session,
                                    int runs = 5);

/// A session on the rewrite's own database; `server` is PostgreSQL's connection string.
/// \throws Error{usage}, Error{outside} as the engine's door does
[[nodiscard]] std::unique_ptr<engine::Session> open_schema_of(const KnownRewrite& rewrite,
                                                              const std::filesystem::path& folder,
                                                              std::string_view server,
                                                              const Cancel* cancel = nullptr);

} // namespace quill::optimize
