#include "quill/train/team.hpp"

namespace quill::train {

namespace {

class Lone final : public Team {
 public:
  [[nodiscard]] std::int64_t rank() const override { return 0; }
  [[nodiscard]] std::int64_t size() const override { return 1; }
  void add_up(const std::vector<torch::Tensor>&) override {}
};

} // namespace

std::unique_ptr<Team> lone_team() {
  return std::make_unique<Lone>();
}

} // namespace quill::train
