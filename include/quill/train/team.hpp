// The processes that train together; often one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "quill/train/place.hpp"

namespace quill::train {

class Team {
 public:
  virtual ~Team() = default;
  [[nodiscard]] virtual std::int64_t rank() const = 0;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  /// Each tensor becomes the sum of every process's; all of one type. Every process calls it with
  /// tensors of the same shapes, in the same order. \throws Error{outside} when one is gone
  virtual void add_up(const std::vector<torch::Tensor>& tensors) = 0;
  [[nodiscard]] bool leads() const { return rank() == 0; }
  /// Whether any process says so.
  [[nodiscard]] bool any(bool mine);
  [[nodiscard]] double sum(double mine);
  [[nodiscard]] double largest(double mine);
  /// Every process's text, by rank.
  [[nodiscard]] std::vector<std::string> gather(const std::string& mine);
  /// Waits for the others.
  void meet() { (void)any(false); }
};

/// A team of one.
[[nodiscard]] std::unique_ptr<Team> lone_team();
/// The team of this place, when all of its processes have come; they speak through NCCL when
/// `device` is a GPU, else through Gloo. \throws Error{outside} when they do not; Error{usage} when
/// this build cannot (CMake says so when Gloo's headers are missing)
[[nodiscard]] std::unique_ptr<Team> make_team(const Place& place,
                                              torch::Device device = torch::kCPU);

} // namespace quill::train
