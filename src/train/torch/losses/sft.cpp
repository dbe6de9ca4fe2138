#include "quill/train/losses/sft.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace quill::train {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Logits of a chunk as e^(z − max), and what is left of each row to get probabilities.
struct Exponentials {
  torch::Tensor values; ///< (r, V) float32
  torch::Tensor sums;   ///< (r, 1)
  torch::Tensor losses; ///< (r): − log p(target)
};

Exponentials exponentials(const torch::Tensor& rows, const torch::Tensor& output,
                          const torch::Tensor& targets) {
  auto values = at::linear(rows, output).to(torch::kFloat32); // (r, V)
  const auto largest = values.amax(-1, true);                 // (r, 1)
  const auto chosen = values.gather(-1, targets.unsqueeze(-1)) - largest;
  values.sub_(largest).exp_();
  const auto sums = values.sum(-1, true);
  return {values, sums, (sums.log() - chosen).squeeze(-1)};
}

/// Adds the gradient of Σ losses by `output` to `sum` (V, D).
void add_output_gradient(torch::Tensor& sum, const Exponentials& chunk, const torch::Tensor& rows,
                         const torch::Tensor& targets) {
  const auto wide = rows.to(sum.scalar_type());
  sum.addmm_(chunk.values.t(), wide / chunk.sums);
  sum.index_add_(0, targets, wide, -1);
}

class CrossEntropy : public torch::autograd::Function<CrossEntropy> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& output, const torch::Tensor& targets,
                               double denominator, std::int64_t chunk_bytes, bool by_rows,
                               bool by_output) {
    auto of_rows = by_rows ? at::empty_like(rows) : torch::Tensor();
    auto of_output = by_output ? at::zeros_like(output, torch::kFloat32) : torch::Tensor();
    auto sum = at::zeros({}, rows.options().dtype(torch::kFloat64));
    const std::int64_t row_bytes = output.size(0) * 4;
    const std::int64_t step = std::max<std::int64_t>(1, chunk_bytes / row_bytes);
    for (std::int64_t begin = 0; begin < rows.size(0); begin += step) {
      const std::int64_t end = std::min(begin + step, rows.size(0));
      const auto part = rows.slice(0, begin, end);
      const auto wanted = targets.slice(0, begin, end);
      const Exponentials chunk = exponentials(part, output, wanted);
      sum += chunk.losses.sum(torch::kFloat64);
      if (by_rows) {
        const auto expected = at::mm(chunk.values.to(output.scalar_type()), output); // (r, D)
        of_rows.slice(0, begin, end).copy_(expected / chunk.sums - output.index_select(0, wanted));
      }
      if (by_output)
        add_output_gradient(of_output, chunk, part, wanted);
    }
    context->save_for_backward({of_rows, of_output});
    context->saved_data["denominator"] = denominator;
    return sum.div_(denominator).to(torch::kFloat32);
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto factor = gradients[0] / context->saved_data["denominator"].toDouble();
    const auto scaled = [&](const torch::Tensor& gradient) {
      return gradient.defined() ? gradient * factor.to(gradient.scalar_type()) : torch::Tensor();
    };
    return {scaled(saved[0]), scaled(saved[1]), {}, {}, {}, {}, {}};
  }
};

} // namespace

Loss sft_loss(const torch::Tensor& rows, const torch::Tensor& output, const torch::Tensor& targets,
              double denominator, std::int64_t chunk_bytes) {
  const bool learns = c10::GradMode::is_enabled();
  return {CrossEntropy::apply(rows, output, targets, denominator, chunk_bytes,
                              learns && rows.requires_grad(), learns && output.requires_grad())};
}

} // namespace quill::train
