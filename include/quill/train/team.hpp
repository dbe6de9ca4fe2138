// The processes that train together; often one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

namespace quill::train {

class Team {
 public:
  virtual ~Team() = default;
  [[nodiscard]] virtual std::int64_t rank() const = 0;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  /// Each tensor becomes the sum of every process's.
  virtual void add_up(const std::vector<torch::Tensor>& tensors) = 0;
  [[nodiscard]] bool leads() const { return rank() == 0; }
};

/// A team of one.
[[nodiscard]] std::unique_ptr<Team> lone_team();

} // namespace quill::train
