// Counting what happened: pure functions from outcomes and examples to metrics.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quill/llm/client.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// One candidate, as the tally sees it.
struct Outcome {
  enum class Kind { kept, slow, wrong, blocked, timed_out, failed, unparsable, dropped };
  Kind kind = Kind::failed;
  bool duplicate = false, added = false;
  std::optional<double> reward, speedup;
  std::string type;
  std::optional<bool> judges_agree = {}; ///< on its readability, when a model was asked
  llm::Usage judge_usage = {};           ///< of that model
};

/// Adds one to the count of `name`, keeping names sorted.
void count_up(Counts& counts, const std::string& name);
/// The bands of speedup in their order, all of them, with zeros.
[[nodiscard]] Counts empty_bands();
void count_band(Counts& bands, double speedup);

/// Success, rewards and distributions of one iteration; diversity and examples are not touched.
void tally(IterationMetrics& metrics, const std::vector<Outcome>& outcomes);

struct Diversity {
  std::optional<double> before, after; ///< distinct / examples; null without examples
};
/// Grows one example at a time, so that each iteration costs what it added.
class DiversityCount {
 public:
  void add(const Example& example);
  [[nodiscard]] Diversity get() const;
  [[nodiscard]] std::int64_t examples() const noexcept { return examples_; }

 private:
  std::set<std::string> befores_, afters_; ///< fingerprints
  std::set<std::string> before_texts_;     ///< most repeat to the letter: no need to look closer
  std::int64_t examples_ = 0;
};

/// Of iterations 0..n and the data set they made.
[[nodiscard]] Totals totals(const std::vector<IterationMetrics>& iterations,
                            const std::vector<Example>& examples);
/// The same when their diversity is counted already, which is the dear part.
[[nodiscard]] Totals totals(const std::vector<IterationMetrics>& iterations,
                            const std::vector<Example>& examples, const DiversityCount& diversity);
/// kept / asked over iterations first..last (inclusive); null when nothing was asked there.
[[nodiscard]] std::optional<double> success_rate(const std::vector<IterationMetrics>& iterations,
                                                 std::int64_t first, std::int64_t last);

} // namespace quill::loop
