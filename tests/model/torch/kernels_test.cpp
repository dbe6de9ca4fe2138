// Each kernel against its plain form, over device × type: on the GPU where this build and machine
// have one, else on the emulated one.
#include "catch.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "model/kernels/kernel_ops.hpp"
#include "model/kernels/launch.hpp"
#include "model/torch/normal_float.hpp"

#ifdef QUILL_CUDA
#include <ATen/cuda/CUDAContext.h>
#endif

using namespace quill::model;

namespace {

/// Where kernels run in this program; nothing when that is a GPU that is not there.
std::optional<torch::Device> kernel_device() {
#ifdef QUILL_CUDA
  if (!at::cuda::is_available()) {
    WARN("skipped: this build's kernels are for a GPU, and none is here");
    return std::nullopt;
  }
  return torch::Device(torch::kCUDA);
#else
  return torch::Device(torch::kCPU);
#endif
}

struct Case {
  torch::Device device;
  torch::ScalarType type;
  /// Largest difference for values of about 1: bfloat16 has 8 bits, and the forms round in other
  /// places.
  [[nodiscard]] double tolerance() const { return type == torch::kFloat32 ? 2e-5 : 4e-2; }
  [[nodiscard]] torch::Tensor random(at::IntArrayRef sizes) const {
    return at::randn(sizes).to(device, type);
  }
};

template <class Check> void over_types(const Check& check) {
  at::manual_seed(7);
  if (const auto device = kernel_device())
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      INFO("type " << torch::toString(type) << " on " << device->str());
      check(Case{*device, type});
    }
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

torch::Tensor leaf(const torch::Tensor& x) {
  return x.detach().clone().set_requires_grad(true);
}

/// Gradients of Σ output · factors by each input.
std::vector<torch::Tensor> gradients(const torch::Tensor& output, const torch::Tensor& factors,
                                     const std::vector<torch::Tensor>& inputs) {
  return torch::autograd::grad({output}, inputs, {factors});
}

} // namespace

TEST_CASE("a kernel's norm of a sum is the plain one, and so are its gradients",
          "[model][kernels]") {
  over_types([](const Case& on) {
    for (const std::int64_t width : {8, 64, 896, 1096}) { // one thread, less than a block, and more
      const auto x = leaf(on.random({3, width})), delta = leaf(on.random({3, width}));
      const auto weight = leaf(on.random({width}));
      const auto to_sum = on.random({3, width}), to_normal = on.random({3, width});
      const std::vector<torch::Tensor> inputs = {x, delta, weight};
      const Normed fast = kernel::add_norm(x, delta, weight, 1e-6);
      const Normed plain = plain::add_norm(x, delta, weight, 1e-6);
      CHECK(difference(fast.sum, plain.sum) == 0);
      CHECK(difference(fast.normal, plain.normal) < on.tolerance());
      const auto of = [&](const Normed& both) {
        return torch::autograd::grad({both.sum, both.normal}, inputs, {to_sum, to_normal});
      };
      const auto of_fast = of(fast), of_plain = of(plain);
      for (std::size_t i = 0; i < inputs.size(); ++i)
        CHECK(difference(of_fast[i], of_plain[i]) < 4 * on.tolerance());
      CHECK(difference(kernel::norm(x, weight, 1e-6), plain::norm(x, weight, 1e-6)) <
            on.tolerance());
      CHECK(difference(gradients(kernel::norm(x, weight, 1e-6), to_normal, {x})[0],
                       gradients(plain::norm(x, weight, 1e-6), to_normal, {x})[0]) <
            4 * on.tolerance());
    }
  });
}

TEST_CASE("a kernel turns heads as the plain form does, and the gradient back",
          "[model][kernels]") {
  over_types([](const Case& on) {
    for (const auto& [heads, width] : {std::pair{14, 64}, std::pair{2, 6}}) {
      const auto x = leaf(on.random({5, heads, width}));
      const auto half = at::randn({5, 1, width / 2});
      const auto angles = at::cat({half, half}, -1).to(on.device);
      const auto cosines = angles.cos().to(on.type), sines = angles.sin().to(on.type);
      const auto factors = on.random({5, heads, width});
      const auto fast = kernel::rotated(x, cosines, sines),
                 plain = plain::rotated(x, cosines, sines);
      CHECK(difference(fast, plain) < on.tolerance());
      CHECK(difference(gradients(fast, factors, {x})[0], gradients(plain, factors, {x})[0]) <
            on.tolerance());
    }
  });
}

TEST_CASE("a kernel's gated product is the plain one, and so are its gradients",
          "[model][kernels]") {
  over_types([](const Case& on) {
    for (const std::int64_t rows :
         {1, 33}) { // 33 · 72 / 8 = 297 threads: a block and a part of one
      const auto gate = leaf(on.random({rows, 72})), up = leaf(on.random({rows, 72}));
      const auto factors = on.random({rows, 72});
      const auto fast = kernel::swiglu(gate, up), plain = plain::swiglu(gate, up);
      CHECK(difference(fast, plain) < on.tolerance());
      const auto of_fast = gradients(fast, factors, {gate, up}),
                 of_plain = gradients(plain, factors, {gate, up});
      CHECK(difference(of_fast[0], of_plain[0]) < 4 * on.tolerance());
      CHECK(difference(of_fast[1], of_plain[1]) < 4 * on.tolerance());
    }
  });
}

TEST_CASE("a kernel unpacks four bits to the very bits of the plain form", "[model][kernels]") {
  over_types([](const Case& on) {
    for (const bool nested : {false, true})
      for (const std::int64_t columns : {64, 70, 33}) { // whole blocks, a part of one, an odd count
        Nf4Matrix matrix =
            nf4_of(at::randn({301, columns}), nested); // 301 · 64: more than 256 blocks
        for (torch::Tensor* part :
             {&matrix.codes, &matrix.scales, &matrix.nested_scales, &matrix.nested_map})
          if (part->defined())
            *part = part->to(on.device);
        const std::int64_t count = 301 * columns;
        CHECK(at::equal(kernel::nf4_values(matrix, count, on.type),
                        plain::nf4_values(matrix, count, on.type)));
      }
  });
}

TEST_CASE("a kernel attends to the cache as the plain form does", "[model][kernels]") {
  struct Heads {
    std::int64_t heads, kv_heads, width;
  };
  over_types([](const Case& on) {
    for (const auto& [heads, kv_heads, width] :
         {Heads{14, 2, 64}, Heads{8, 8, 16}, Heads{16, 2, 128}, Heads{3, 1, 256}})
      for (const std::int64_t sequences : {1, 3}) // with one sequence several blocks share its keys
        for (const std::int64_t window : {0, 20}) {
          INFO(heads << " heads over " << kv_heads << " of " << width << ", " << sequences
                     << " sequences, window " << window);
          const std::int64_t slots = 4, length = 77;
          plain::CacheView fast{
              on.random({slots, kv_heads, length, width}),
              on.random({slots, kv_heads, length, width}),
              torch::tensor({76, 0, 40}, torch::kInt64).narrow(0, 0, sequences).to(on.device),
              window};
          plain::CacheView plain{fast.keys.clone(), fast.values.clone(), fast.positions, window};
          const auto queries = on.random({sequences, heads, width});
          const auto keys = on.random({sequences, kv_heads, width}),
                     values = on.random({sequences, kv_heads, width});
          CHECK(difference(kernel::decode_attention(queries, keys, values, fast),
                           plain::decode_attention(queries, keys, values, plain)) < on.tolerance());
          CHECK(at::equal(fast.keys, plain.keys));
          CHECK(at::equal(fast.values, plain.values));
        }
  });
}

TEST_CASE("the attention kernel refuses heads that its threads cannot share", "[model][kernels]") {
  CHECK(kernels::takes_heads(14, 2, 64));  // Qwen2.5 0.5B
  CHECK(kernels::takes_heads(28, 4, 128)); // 7B
  CHECK_FALSE(kernels::takes_heads(16, 16, 80));
  CHECK_FALSE(kernels::takes_heads(16, 1, 64));
  CHECK_FALSE(kernels::takes_heads(8, 8, 512));
}
