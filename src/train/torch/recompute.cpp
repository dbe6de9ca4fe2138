// LibTorch has no activation checkpointing in C++ (pytorch#52744): a function that runs a part
// twice.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include "quill/train/trainee.hpp"

namespace quill::train {

namespace {

using model::Calculation;
using model::Part;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

struct Kept final : torch::CustomClassHolder {
  explicit Kept(Calculation calculation) : part(std::move(calculation)) {}
  Calculation part;
};

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const Calculation& part) {
    context->save_for_backward({x});
    context->saved_data["part"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(part));
    // As it will run again: with gradients on, what dropout leaves out is left out here too.
    const torch::AutoGradMode with_gradients(true);
    return part(x.detach()).detach();
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto kept =
        c10::static_intrusive_pointer_cast<Kept>(context->saved_data["part"].toCapsule());
    const auto x = context->get_saved_variables()[0].detach().requires_grad_();
    const torch::AutoGradMode with_gradients(true);
    torch::autograd::backward({kept->part(x)}, gradients);
    return {x.grad(), {}};
  }
};

} // namespace

model::RunPart recomputation(const std::string& what) {
  if (what == "none")
    return {};
  const Part wanted = what == "mlp" ? Part::mlp : Part::block;
  return [wanted](Part part, const torch::Tensor& x, const Calculation& calculation) {
    if (part != wanted || !c10::GradMode::is_enabled())
      return calculation(x);
    // Of an input without a gradient the node would have none, and its weights would get none.
    return Recomputed::apply(x.requires_grad() ? x : x.detach().requires_grad_(), calculation);
  };
}

} // namespace quill::train
