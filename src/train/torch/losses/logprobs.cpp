#include "quill/train/losses/logprobs.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace quill::train {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Calls `visit` with the first row and the one behind the last of each chunk.
template <class Visit>
void each_chunk(const torch::Tensor& rows, const torch::Tensor& output, std::int64_t chunk_bytes,
                const Visit& visit) {
  constexpr std::int64_t kFloatBytes = 4;
  const std::int64_t size = std::max<std::int64_t>(1, chunk_bytes / (output.size(0) * kFloatBytes));
  for (std::int64_t begin = 0; begin < rows.size(0); begin += size)
    visit(begin, std::min(begin + size, rows.size(0)));
}

torch::Tensor log_softmax(const torch::Tensor& rows, const torch::Tensor& output,
                          double temperature) {
  return at::log_softmax(at::linear(rows, output).to(torch::kFloat32).div_(temperature), -1);
}

class Logprobs : public torch::autograd::Function<Logprobs> {
 public:
  static tensor_list forward(AutogradContext* context, const torch::Tensor& rows,
                             const torch::Tensor& output, const torch::Tensor& targets,
                             double temperature, std::int64_t chunk_bytes) {
    auto values = at::empty({rows.size(0)}, rows.options().dtype(torch::kFloat32));
    auto entropies = at::empty_like(values);
    each_chunk(rows, output, chunk_bytes, [&](std::int64_t begin, std::int64_t end) {
      const auto logs = log_softmax(rows.slice(0, begin, end), output, temperature); // (r, V)
      const auto chosen = logs.gather(-1, targets.slice(0, begin, end).unsqueeze(-1));
      values.slice(0, begin, end).copy_(chosen.squeeze(-1));
      entropies.slice(0, begin, end).copy_(logs.exp().mul_(logs).sum(-1).neg_());
    });
    context->save_for_backward({rows, output, targets});
    context->saved_data["temperature"] = temperature;
    context->saved_data["chunk_bytes"] = chunk_bytes;
    context->mark_non_differentiable({entropies});
    return {values, entropies};
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &rows = saved[0], &output = saved[1], &targets = saved[2];
    const double temperature = context->saved_data["temperature"].toDouble();
    const bool by_rows = context->needs_input_grad(0), by_output = context->needs_input_grad(1);
    auto of_rows = by_rows ? at::empty_like(rows) : torch::Tensor();
    auto of_output = by_output ? at::zeros_like(output) : torch::Tensor();
    each_chunk(rows, output, context->saved_data["chunk_bytes"].toInt(),
               [&](std::int64_t begin, std::int64_t end) {
                 const auto part = rows.slice(0, begin, end);
                 const auto factor = gradients[0].slice(0, begin, end).unsqueeze(-1) / temperature;
                 // d log p(target) / d logits = (one-hot − p) / temperature
                 auto of_logits = log_softmax(part, output, temperature).exp_().mul_(factor).neg_();
                 of_logits.scatter_add_(-1, targets.slice(0, begin, end).unsqueeze(-1), factor);
                 of_logits = of_logits.to(rows.scalar_type());
                 if (by_rows)
                   of_rows.slice(0, begin, end).copy_(at::mm(of_logits, output));
                 if (by_output)
                   of_output.addmm_(of_logits.t(), part);
               });
    return {of_rows, of_output, {}, {}, {}};
  }
};

} // namespace

TokenLogprobs token_logprobs(const torch::Tensor& rows, const torch::Tensor& output,
                             const torch::Tensor& targets, double temperature,
                             std::int64_t chunk_bytes) {
  const auto both = Logprobs::apply(rows, output, targets, temperature, chunk_bytes);
  return {both[0], both[1]};
}

} // namespace quill::train
