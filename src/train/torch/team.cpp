#include "quill/train/team.hpp"

#include <algorithm>

namespace quill::train {

namespace {

class Lone final : public Team {
 public:
  [[nodiscard]] std::int64_t rank() const override { return 0; }
  [[nodiscard]] std::int64_t size() const override { return 1; }
  void add_up(const std::vector<torch::Tensor>&) override {}
};

} // namespace

bool Team::any(bool mine) {
  return sum(mine ? 1 : 0) > 0;
}

double Team::sum(double mine) {
  const auto total = torch::full({1}, mine, torch::kFloat64);
  add_up({total});
  return total.item<double>();
}

double Team::largest(double mine) {
  const auto values = torch::zeros({size()}, torch::kFloat64);
  values[rank()] = mine;
  add_up({values});
  return values.max().item<double>();
}

std::vector<std::string> Team::gather(const std::string& mine) {
  const auto lengths = torch::zeros({size()}, torch::kInt64);
  lengths[rank()] = static_cast<std::int64_t>(mine.size());
  add_up({lengths});
  const auto ends = lengths.cumsum(0);
  // Each process writes where nobody else does: the sum is everybody's text, one after the other.
  const auto bytes = torch::zeros({ends[-1].item<std::int64_t>()}, torch::kUInt8);
  auto* text = bytes.mutable_data_ptr<std::uint8_t>();
  std::copy(mine.begin(), mine.end(), text + ends[rank()].item<std::int64_t>() - mine.size());
  add_up({bytes});
  std::vector<std::string> all;
  for (std::int64_t other = 0; other < size(); ++other)
    all.emplace_back(text + (ends[other] - lengths[other]).item<std::int64_t>(),
                     text + ends[other].item<std::int64_t>());
  return all;
}

std::unique_ptr<Team> lone_team() {
  return std::make_unique<Lone>();
}

} // namespace quill::train
