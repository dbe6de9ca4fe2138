#include "quill/train/batches.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "quill/core/error.hpp"
#include "quill/core/random.hpp"

namespace quill::train {

namespace {

std::vector<std::size_t> longest_first(const std::vector<std::int64_t>& lengths) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  return order;
}

} // namespace

std::vector<Row> best_fit(const std::vector<std::int64_t>& lengths, std::int64_t capacity) {
  std::vector<Row> rows;
  std::set<std::pair<std::int64_t, std::size_t>> room; // (tokens left, row)
  for (const std::size_t sample : longest_first(lengths)) {
    const std::int64_t length = lengths[sample];
    QUILL_CHECK(length <= capacity, "a sample longer than a row");
    const auto best = room.lower_bound({length, 0});
    if (best == room.end()) {
      room.emplace(capacity - length, rows.size());
      rows.push_back({sample});
      continue;
    }
    const auto [left, row] = *best;
    room.erase(best);
    room.emplace(left - length, row);
    rows[row].push_back(sample);
  }
  return rows;
}

BatchPlan::BatchPlan(BatchConfig config, std::vector<std::int64_t> lengths,
                     std::vector<std::size_t> sources)
    : config_(std::move(config)), lengths_(std::move(lengths)), sources_(std::move(sources)) {
  QUILL_CHECK(!lengths_.empty(), "a plan without samples");
  QUILL_CHECK(lengths_.size() == sources_.size(), "a sample without a source");
}

std::vector<std::size_t> BatchPlan::samples_of(std::int64_t epoch) const {
  std::vector<std::size_t> order(lengths_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (config_.order == "curriculum")
    return order;
  Rng rng = Rng(config_.seed).child("epoch", static_cast<std::uint64_t>(epoch));
  if (config_.order == "shuffled") {
    rng.shuffle(order);
    return order;
  }
  std::vector<std::vector<std::size_t>> of_source(config_.weights.size());
  for (const std::size_t sample : order)
    of_source[sources_[sample]].push_back(sample);
  for (std::size_t& drawn : order)
    drawn = rng.pick(of_source[rng.weighted(config_.weights)]);
  return order;
}

std::vector<Row> BatchPlan::rows_of(std::int64_t epoch) const {
  const std::vector<std::size_t> order = samples_of(epoch);
  std::vector<Row> rows;
  if (!config_.packed) {
    for (const std::size_t sample : order)
      rows.push_back({sample});
    return rows;
  }
  // Within a window, so that packing does not undo the order of a curriculum.
  constexpr std::size_t kWindow = 1024;
  for (std::size_t begin = 0; begin < order.size(); begin += kWindow) {
    const std::size_t end = std::min(begin + kWindow, order.size());
    std::vector<std::int64_t> lengths;
    for (std::size_t i = begin; i < end; ++i)
      lengths.push_back(lengths_[order[i]]);
    std::vector<Row> packed = best_fit(lengths, config_.capacity);
    for (Row& row : packed)
      for (std::size_t& at : row)
        at = order[begin + at];
    // Full rows come out first: mixed, so that no step is all long samples.
    if (config_.order != "curriculum")
      Rng(config_.seed)
          .child("rows", static_cast<std::uint64_t>(epoch))
          .child("window", begin)
          .shuffle(packed);
    rows.insert(rows.end(), packed.begin(), packed.end());
  }
  return rows;
}

void BatchPlan::reach_row(std::size_t count, std::int64_t last_epoch) {
  while (rows_.size() < count) {
    const auto epoch = static_cast<std::int64_t>(epoch_ends_.size());
    if (last_epoch > 0 && epoch >= last_epoch)
      return;
    for (Row& row : rows_of(epoch))
      rows_.push_back(std::move(row));
    epoch_ends_.push_back(rows_.size());
  }
}

std::int64_t BatchPlan::steps_of(std::int64_t epochs) {
  while (static_cast<std::int64_t>(epoch_ends_.size()) < epochs)
    reach_row(rows_.size() + 1, epochs);
  const auto rows = static_cast<std::int64_t>(epoch_ends_[static_cast<std::size_t>(epochs - 1)]);
  const std::int64_t per_step = config_.rows_per_batch * config_.batches_per_step;
  return (rows + per_step - 1) / per_step;
}

std::vector<std::vector<std::size_t>> BatchPlan::step(std::int64_t number,
                                                      std::int64_t last_epoch) {
  const auto per_batch = static_cast<std::size_t>(config_.rows_per_batch);
  const std::size_t per_step = per_batch * static_cast<std::size_t>(config_.batches_per_step);
  const std::size_t begin = static_cast<std::size_t>(number) * per_step;
  reach_row(begin + per_step, last_epoch);
  std::size_t end = std::min(begin + per_step, rows_.size());
  if (last_epoch > 0 && epoch_ends_.size() >= static_cast<std::size_t>(last_epoch))
    end = std::min(end, epoch_ends_[static_cast<std::size_t>(last_epoch - 1)]);
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t from = begin; from < end; from += per_batch) {
    std::vector<std::size_t> batch;
    for (std::size_t row = from; row < std::min(from + per_batch, end); ++row)
      batch.insert(batch.end(), rows_[row].begin(), rows_[row].end());
    batches.push_back(std::move(batch));
  }
  return batches;
}

double BatchPlan::epoch_at(std::int64_t step) {
  const auto row =
      static_cast<std::size_t>(step * config_.rows_per_batch * config_.batches_per_step);
  reach_row(row, 0);
  std::size_t begin = 0;
  for (std::size_t epoch = 0; epoch < epoch_ends_.size(); ++epoch) {
    if (row < epoch_ends_[epoch])
      return static_cast<double>(epoch) +
             static_cast<double>(row - begin) / static_cast<double>(epoch_ends_[epoch] - begin);
    begin = epoch_ends_[epoch];
  }
  return static_cast<double>(epoch_ends_.size());
}

} // namespace quill::train
