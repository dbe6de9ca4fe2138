// The slow path of *same rows*: taken only when the digests of the timed runs do not agree.
#pragma once

#include <string>

#include "judge/outline.hpp"
#include "judge/pair_clock.hpp"
#include "quill/engine/session.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge {

enum class Sameness { same, different, unknown };

struct RowFinding {
  Sameness sameness = Sameness::unknown;
  std::string reason;   ///< the first difference, or why it cannot be told
  double engine_ms = 0; ///< of the runs made for it
};

/// What is asked: do these two statements give the same rows under `needs`? Both ran to their end.
struct RowQuestion {
  Statement before, after;
  const engine::Sample& before_sample; ///< both outlive the call
  const engine::Sample& after_sample;
  const sql::Needs& needs;
  Outline outline; ///< of before
  engine::Limits limits;
};

/// Bytes of rows of one side held in memory at once.
inline constexpr std::size_t kHeldBytesMax = 128U << 20U;

[[nodiscard]] RowFinding compare_rows(engine::Session& session, const RowQuestion& question,
                                      std::size_t held_bytes_max = kHeldBytesMax);

} // namespace quill::judge
