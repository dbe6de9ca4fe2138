// A run in words: shared by restem's summary and analyze.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quill/loop/analyze.hpp"
#include "quill/loop/metrics.hpp"

namespace quill::cli {

/// "89.4 %"; "-" when not known.
[[nodiscard]] std::string percent(const std::optional<double>& share);
/// Totals as names and values.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
totals_facts(const loop::Totals& totals);
/// "a+b+b" counts once for a and once for b: which rules were at work, the busiest first.
[[nodiscard]] loop::Counts single_rules(const loop::Counts& compositions);
/// Totals as lines of two columns.
[[nodiscard]] std::string totals_text(const loop::Totals& totals, bool styled);
/// Success over time, distributions, and one line an iteration.
[[nodiscard]] std::string analysis_text(const loop::Analysis& analysis, bool styled);

/// Two runs side by side, span by span: what the first did better than the second.
[[nodiscard]] std::string beside_text(const loop::Analysis& analysis, const loop::Analysis& other,
                                      bool styled);

} // namespace quill::cli
