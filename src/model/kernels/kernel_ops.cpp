#include "model/kernels/kernel_ops.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "model/kernels/launch.hpp"
#include "quill/core/error.hpp"

#ifdef QUILL_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace quill::model::kernel {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

kernels::Element element_of(const torch::Tensor& x) {
  const bool wide = x.scalar_type() == torch::kFloat32;
  QUILL_CHECK(wide || x.scalar_type() == torch::kBFloat16, "a kernel for another type");
  return wide ? kernels::Element::f32 : kernels::Element::bf16;
}

/// Queues a kernel on the current stream of the tensor's device.
template <class Work>
void queue(void (*kernel)(const Work&, kernels::Stream), const Work& work,
           const torch::Tensor& on) {
#ifdef QUILL_CUDA
  const c10::cuda::CUDAGuard device(on.device());
  kernel(work, at::cuda::getCurrentCUDAStream().stream());
  C10_CUDA_KERNEL_LAUNCH_CHECK();
#else
  (void)on;
  kernel(work, nullptr);
#endif
}

const void* pointer(const torch::Tensor& x) {
  return x.defined() ? x.const_data_ptr() : nullptr;
}

/// `sum` is written where delta is defined.
void run_norm(const torch::Tensor& x, const torch::Tensor& delta, const torch::Tensor& weight,
              double epsilon, torch::Tensor& sum, torch::Tensor& normal) {
  queue(kernels::add_norm,
        {.element = element_of(x),
         .x = pointer(x),
         .delta = pointer(delta),
         .weight = pointer(weight),
         .sum = delta.defined() ? sum.mutable_data_ptr() : nullptr,
         .normal = normal.mutable_data_ptr(),
         .rows = x.numel() / x.size(-1),
         .width = x.size(-1),
         .epsilon = static_cast<float>(epsilon)},
        x);
}

torch::Tensor norm_gradient(const torch::Tensor& of_normal, const torch::Tensor& of_sum,
                            const torch::Tensor& sum, const torch::Tensor& weight, double epsilon) {
  auto of_x = at::empty_like(sum);
  queue(kernels::norm_gradient,
        {.element = element_of(sum),
         .of_normal = pointer(of_normal),
         .of_sum = pointer(of_sum),
         .sum = pointer(sum),
         .weight = pointer(weight),
         .of_x = of_x.mutable_data_ptr(),
         .rows = sum.numel() / sum.size(-1),
         .width = sum.size(-1),
         .epsilon = static_cast<float>(epsilon)},
        sum);
  return of_x;
}

/// Only full training asks for it.
torch::Tensor norm_weight_gradient(const torch::Tensor& of_normal, const torch::Tensor& sum,
                                   double epsilon) {
  const auto wide = sum.to(torch::kFloat32);
  const auto scaled = wide * wide.square().mean(-1, true).add(epsilon).rsqrt();
  return (of_normal.to(torch::kFloat32) * scaled)
      .view({-1, sum.size(-1)})
      .sum(0)
      .to(sum.scalar_type());
}

/// x + delta and its norm; without delta, x and its norm.
class AddNorm : public torch::autograd::Function<AddNorm> {
 public:
  static tensor_list forward(AutogradContext* context, const torch::Tensor& x,
                             const std::optional<torch::Tensor>& delta, const torch::Tensor& weight,
                             double epsilon) {
    auto normal = at::empty_like(x);
    torch::Tensor sum = delta ? at::empty_like(x) : x;
    run_norm(x, delta.value_or(torch::Tensor()), weight, epsilon, sum, normal);
    context->save_for_backward({sum, weight});
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["both"] = delta.has_value();
    if (!delta)
      return {normal};
    return {normal, sum};
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const double epsilon = context->saved_data["epsilon"].toDouble();
    const bool both = context->saved_data["both"].toBool();
    const auto of_normal =
        gradients[0].defined() ? gradients[0].contiguous() : at::zeros_like(saved[0]);
    const auto of_sum =
        both && gradients[1].defined() ? gradients[1].contiguous() : torch::Tensor();
    const auto of_x = norm_gradient(of_normal, of_sum, saved[0], saved[1], epsilon);
    const auto of_weight = context->needs_input_grad(both ? 2 : 1)
                               ? norm_weight_gradient(of_normal, saved[0], epsilon)
                               : torch::Tensor();
    return {of_x, both ? of_x : torch::Tensor(), of_weight, {}};
  }
};

torch::Tensor run_rotation(const torch::Tensor& x, const torch::Tensor& cosines,
                           const torch::Tensor& sines, bool back) {
  auto out = at::empty_like(x);
  queue(kernels::rotate,
        {.element = element_of(x),
         .x = pointer(x),
         .cosines = pointer(cosines),
         .sines = pointer(sines),
         .out = out.mutable_data_ptr(),
         .rows = x.size(0),
         .heads = x.size(1),
         .width = x.size(2),
         .back = back},
        x);
  return out;
}

class Rotated : public torch::autograd::Function<Rotated> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& cosines, const torch::Tensor& sines) {
    context->save_for_backward({cosines, sines});
    return run_rotation(x, cosines, sines, /*back=*/false);
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    return {run_rotation(gradients[0].contiguous(), saved[0], saved[1], /*back=*/true), {}, {}};
  }
};

class Swiglu : public torch::autograd::Function<Swiglu> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& gate,
                               const torch::Tensor& up) {
    context->save_for_backward({gate, up});
    auto out = at::empty_like(gate);
    queue(kernels::swiglu,
          {.element = element_of(gate),
           .gate = pointer(gate),
           .up = pointer(up),
           .out = out.mutable_data_ptr(),
           .count = gate.numel()},
          gate);
    return out;
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &gate = saved[0], &up = saved[1];
    const auto of_out = gradients[0].contiguous();
    auto of_gate = at::empty_like(gate), of_up = at::empty_like(up);
    queue(kernels::swiglu_gradient,
          {.element = element_of(gate),
           .of_out = pointer(of_out),
           .gate = pointer(gate),
           .up = pointer(up),
           .of_gate = of_gate.mutable_data_ptr(),
           .of_up = of_up.mutable_data_ptr(),
           .count = gate.numel()},
          gate);
    return {of_gate, of_up};
  }
};

const float* floats(const torch::Tensor& x) {
  return x.defined() ? x.const_data_ptr<float>() : nullptr;
}

} // namespace

torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
  return AddNorm::apply(x, std::nullopt, weight, epsilon)[0];
}

Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta, const torch::Tensor& weight,
                double epsilon) {
  const auto both = AddNorm::apply(x, std::optional(delta), weight, epsilon);
  return {both[1], both[0]};
}

torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                      const torch::Tensor& sines) {
  return Rotated::apply(x, cosines, sines);
}

torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up) {
  return Swiglu::apply(gate, up);
}

torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count, torch::ScalarType type) {
  auto values = at::empty({count}, matrix.codes.options().dtype(type));
  queue(kernels::nf4_values,
        {.element = element_of(values),
         .codes = matrix.codes.const_data_ptr<std::uint8_t>(),
         .scales = pointer(matrix.scales),
         .nested_scales = floats(matrix.nested_scales),
         .nested_map = floats(matrix.nested_map),
         .nested_offset = matrix.nested_offset,
         .block = matrix.block,
         .nested_block = matrix.nested_block,
         .count = count,
         .values = values.mutable_data_ptr()},
        matrix.codes);
  return values;
}

torch::Tensor decode_attention(const torch::Tensor& queries, const torch::Tensor& keys,
                               const torch::Tensor& values, plain::CacheView& cache) {
  const std::int64_t B = queries.size(0), H = queries.size(1), K = keys.size(1),
                     C = queries.size(2);
  const std::int64_t parts = kernels::decode_parts(B, K);
  auto out = at::empty({B, H * C}, queries.options());
  auto scratch =
      parts > 1 ? at::empty({B, K, parts, H / K, C + 2}, queries.options().dtype(torch::kFloat32))
                : torch::Tensor();
  queue(kernels::decode_attention,
        {.element = element_of(queries),
         .queries = pointer(queries),
         .fresh_keys = pointer(keys),
         .fresh_values = pointer(values),
         .keys = cache.keys.mutable_data_ptr(),
         .values = cache.values.mutable_data_ptr(),
         .positions = cache.positions.const_data_ptr<std::int64_t>(),
         .out = out.mutable_data_ptr(),
         .sequences = B,
         .heads = H,
         .kv_heads = K,
         .width = C,
         .length = cache.keys.size(2),
         .window = cache.window,
         .parts = parts,
         .scratch = parts > 1 ? scratch.mutable_data_ptr<float>() : nullptr},
        queries);
  return out;
}

} // namespace quill::model::kernel
