#include "train/torch/peak.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include "quill/core/clock.hpp"

namespace quill::train {

double machine_peak(const model::Network& network) {
  const torch::NoGradGuard no_grad;
  const std::int64_t width = network.device().is_cpu() ? 1024 : 8192;
  const auto matrix = at::ones({width, width}, network.embedding().options());
  constexpr int kTries = 4; // the first one warms up
  double shortest_ms = 1e9;
  for (int i = 0; i < kTries; ++i) {
    const double begin_ms = system_clock().now_ms();
    (void)at::mm(matrix, matrix)[0][0].item<double>(); // waits for the device
    shortest_ms = std::min(shortest_ms, system_clock().now_ms() - begin_ms);
  }
  const auto size = static_cast<double>(width);
  return 2 * size * size * size / (shortest_ms / 1000);
}

} // namespace quill::train
