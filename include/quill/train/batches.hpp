// Which samples are in which step: a pure function of the settings, the seed and the step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quill::train {

/// Samples that lie in one row, by number.
using Row = std::vector<std::size_t>;

/// Rows of at most `capacity` tokens by best fit, longest first: each sample goes where the least
/// room is left. Samples are never cut; none may be longer than `capacity`. Rows by first sample.
[[nodiscard]] std::vector<Row> best_fit(const std::vector<std::int64_t>& lengths,
                                        std::int64_t capacity);

struct BatchConfig {
  std::string order = "shuffled";    ///< shuffled | curriculum | weighted
  std::vector<double> weights;       ///< weighted: of each source
  bool packed = false;               ///< several samples a row
  std::int64_t capacity = 1024;      ///< tokens of a packed row
  std::int64_t rows_per_batch = 8;   ///< rows that go through the network together
  std::int64_t batches_per_step = 1; ///< batches whose gradients are added up
  std::uint64_t seed = 42;
};

/// Hands out the rows of epoch after epoch. `curriculum` keeps the order of the files, in every
/// epoch; `weighted` draws as many samples as there are, each from a source by weight.
class BatchPlan {
 public:
  BatchPlan(BatchConfig config, std::vector<std::int64_t> lengths,
            std::vector<std::size_t> sources);
  /// Steps of so many epochs; the last may be smaller.
  [[nodiscard]] std::int64_t steps_of(std::int64_t epochs);
  /// Batches of a step, each a list of samples in the order they lie.
  /// `last_epoch`: rows behind it are not taken; 0 for no end.
  [[nodiscard]] std::vector<std::vector<std::size_t>> step(std::int64_t number,
                                                           std::int64_t last_epoch);
  /// Epochs done when a step begins, with the part of the one it is in.
  [[nodiscard]] double epoch_at(std::int64_t step);

 private:
  void reach_row(std::size_t count, std::int64_t last_epoch);
  [[nodiscard]] std::vector<std::size_t> samples_of(std::int64_t epoch) const;
  [[nodiscard]] std::vector<Row> rows_of(std::int64_t epoch) const;

  BatchConfig config_;
  std::vector<std::int64_t> lengths_;
  std::vector<std::size_t> sources_;
  std::vector<Row> rows_;               ///< of the epochs so far, one after the other
  std::vector<std::size_t> epoch_ends_; ///< in rows_
};

} // namespace quill::train
