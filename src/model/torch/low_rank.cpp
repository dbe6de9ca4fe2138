#include "model/torch/low_rank.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/custom_function.h>

#include "quill/model/nf4.hpp"

namespace quill::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// What of x the low-rank part sees: all of it, or what dropout leaves, scaled to the same mean.
torch::Tensor seen(const torch::Tensor& x, double dropout, std::uint64_t seed) {
  if (dropout == 0)
    return x;
  const auto mask = at::empty(x.sizes(), x.options().device(torch::kCPU));
  mask.bernoulli_(1 - dropout, at::detail::createCPUGenerator(seed)).div_(1 - dropout);
  return x * mask.to(x.device());
}

/// A weight that gets no gradient, kept as it lies: packed codes are not unpacked until backward.
struct FrozenWeight final : torch::CustomClassHolder {
  explicit FrozenWeight(const Linear& linear) : map{linear.weight, {}, nullptr, linear.packed} {}
  Linear map;
};

void keep_weight(AutogradContext* context, const Linear& linear) {
  context->saved_data["weight"] =
      c10::IValue::make_capsule(c10::make_intrusive<FrozenWeight>(linear));
}

torch::Tensor kept_weight(AutogradContext* context, torch::ScalarType type) {
  const auto capsule = context->saved_data["weight"].toCapsule();
  return c10::static_intrusive_pointer_cast<FrozenWeight>(capsule)->map.values(type);
}

/// y = x Wᵀ + b + s x' Aᵀ Bᵀ, with x' what dropout leaves of x. In fp32 the low-rank part is added
/// into y where it lies; else A and B stay in their own type.
class LowRankLinear : public torch::autograd::Function<LowRankLinear> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& a, const torch::Tensor& b,
                               const Linear& linear) {
    const LowRank& part = *linear.adapter;
    const auto own_type = a.scalar_type();
    const auto low = at::linear(seen(x, part.dropout, part.dropout_seed).to(own_type), a); // (N, r)
    auto y = at::linear(x, linear.values(x.scalar_type()), linear.bias); // (N, out)
    if (y.scalar_type() == own_type)
      y.addmm_(low, b.t(), 1, part.scale);
    else
      y += at::linear(low, b).mul_(part.scale).to(y.scalar_type());
    context->save_for_backward({x, a, b, low});
    keep_weight(context, linear);
    context->saved_data["scale"] = part.scale;
    context->saved_data["dropout"] = part.dropout;
    context->saved_data["seed"] = static_cast<std::int64_t>(part.dropout_seed);
    return y;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &a = saved[1], &b = saved[2], &low = saved[3];
    const double scale = context->saved_data["scale"].toDouble();
    const double dropout = context->saved_data["dropout"].toDouble();
    const auto seed = static_cast<std::uint64_t>(context->saved_data["seed"].toInt());
    const auto& g = gradients[0];                                 // (N, out)
    const auto own = g.to(a.scalar_type());                       //
    const auto to_low = at::mm(own, b).mul_(scale);               // (N, r)
    const auto of_b = at::mm(own.t(), low).mul_(scale);           // (out, r)
    const auto left = seen(x, dropout, seed).to(a.scalar_type()); // (N, in)
    const auto of_a = at::mm(to_low.t(), left);                   // (r, in)
    if (!context->needs_input_grad(0))
      return {{}, of_a, of_b, {}};
    auto of_x = at::mm(g, kept_weight(context, g.scalar_type())); // (N, in)
    if (dropout > 0)
      of_x += seen(at::mm(to_low, a).to(of_x.scalar_type()), dropout, seed);
    else if (of_x.scalar_type() == a.scalar_type())
      of_x.addmm_(to_low, a);
    else
      of_x += at::mm(to_low, a).to(of_x.scalar_type());
    return {of_x, of_a, of_b, {}};
  }
};

class UnpackedProduct : public torch::autograd::Function<UnpackedProduct> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const Linear& linear) {
    keep_weight(context, linear);
    return at::linear(x, linear.values(x.scalar_type()), linear.bias); // (N, out)
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto& g = gradients[0]; // (N, out)
    return {at::matmul(g, kept_weight(context, g.scalar_type())), {}};
  }
};

} // namespace

torch::Tensor unpacked_product(const Linear& linear, const torch::Tensor& x) {
  return UnpackedProduct::apply(x, linear);
}

torch::Tensor trained_low_rank(const Linear& linear, const torch::Tensor& x) {
  return LowRankLinear::apply(x, linear.adapter->a, linear.adapter->b, linear);
}

} // namespace quill::model
