// What the commands of batches share: the suite's place, lines while it runs, the leaderboard.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "quill/llm/config.hpp"
#include "quill/optimize/batch.hpp"
#include "quill/optimize/leaderboard.hpp"

namespace quill::cli {

/// The suite's sessions, with nobody to ask. `suite` and `context` must outlive it.
[[nodiscard]] optimize::BatchPlace place_of(const optimize::Suite& suite, const Context& context);

/// The table that grows while a batch runs: a line a query on stderr, and the counts so far behind
/// the bar.
class BatchTable {
 public:
  BatchTable(ProgressStyle style, std::string_view what, std::size_t total);
  void add(const optimize::BatchEvent& event);

 private:
  Progress progress_;
  std::int64_t wins_ = 0, improved_ = 0, errors_ = 0;
};

[[nodiscard]] std::string leaderboard_text(const optimize::Leaderboard& board, bool styled);
[[nodiscard]] std::string history_text(const std::vector<optimize::StateSummary>& states,
                                       bool styled);
/// One HTML file. \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string leaderboard_html(const optimize::Leaderboard& board,
                                           const std::vector<optimize::StateSummary>& states);

} // namespace quill::cli
