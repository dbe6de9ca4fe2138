// Weights out of a checkpoint.
#include <torch/types.h>

#include "model/nf4_file.hpp"
#include "model/torch/tensors.hpp"
#include "quill/core/error.hpp"
#include "quill/core/log.hpp"
#include "quill/model/network.hpp"
#include "quill/model/nf4.hpp"

namespace quill::model {

namespace {

torch::ScalarType scalar_type(DType type) {
  switch (type) {
  case DType::f64:
    return torch::kFloat64;
  case DType::f32:
    return torch::kFloat32;
  case DType::f16:
    return torch::kFloat16;
  case DType::bf16:
    return torch::kBFloat16;
  case DType::f8_e4m3:
    return torch::kFloat8_e4m3fn;
  case DType::f8_e5m2:
    return torch::kFloat8_e5m2;
  case DType::i64:
    return torch::kInt64;
  case DType::i32:
    return torch::kInt32;
  case DType::i16:
    return torch::kInt16;
  case DType::i8:
    return torch::kInt8;
  case DType::u64:
    return torch::kUInt64;
  case DType::u32:
    return torch::kUInt32;
  case DType::u16:
    return torch::kUInt16;
  case DType::u8:
    return torch::kUInt8;
  case DType::boolean:
    return torch::kBool;
  }
  throw Bug("an element type without a scalar type");
}

torch::ScalarType arithmetic_of(const Shape& shape, const Network::Options& options) {
  if (options.dtype)
    return *options.dtype;
  return shape.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
}

void log_unused(const Fit& fit) {
  if (fit.unused.empty())
    return;
  std::string names;
  for (const std::string& name : fit.unused)
    names += (names.empty() ? "" : ", ") + name;
  log_warn("tensors that nothing reads: " + names);
}

} // namespace

torch::Tensor tensor_over(const TensorView& view, const Checkpoint& checkpoint) {
  const auto options = torch::TensorOptions(scalar_type(view.dtype));
  // The map is private, so a tensor that is written to changes memory, never the file.
  void* data = const_cast<std::byte*>(view.bytes.data());
  return torch::from_blob(data, view.shape, [maps = checkpoint.maps()](void*) {}, options);
}

namespace {

/// The codes where they lie in the map; nothing when the matrix is not in four bits.
std::optional<Nf4Matrix> codes_in(const Checkpoint& checkpoint, const std::string& name) {
  const auto packed = find_nf4(checkpoint, name);
  if (!packed)
    return std::nullopt;
  const auto part = [&](const TensorView* view) {
    return view == nullptr ? torch::Tensor() : tensor_over(*view, checkpoint).view(-1);
  };
  return Nf4Matrix{.shape = packed->shape,
                   .block = packed->block,
                   .codes = part(packed->codes),
                   .scales = part(packed->scales),
                   .nested_scales = part(packed->nested_scales),
                   .nested_map = part(packed->nested_map),
                   .nested_block = packed->nested_block,
                   .nested_offset = packed->nested_offset};
}

/// A matrix for Options::four_bits: the file's own codes, or the codes of its values.
std::shared_ptr<const Nf4Matrix> packed_in(const Checkpoint& checkpoint, const std::string& name,
                                           torch::Device device) {
  auto codes = codes_in(checkpoint, name);
  if (!codes)
    codes = nf4_of(tensor_over(*checkpoint.find(name), checkpoint), /*nested=*/true);
  for (torch::Tensor* part :
       {&codes->codes, &codes->scales, &codes->nested_scales, &codes->nested_map})
    if (part->defined())
      *part = part->to(device);
  return std::make_shared<const Nf4Matrix>(std::move(*codes));
}

} // namespace

torch::Tensor matrix_in(const Checkpoint& checkpoint, const std::string& name,
                        torch::ScalarType type) {
  const auto codes = codes_in(checkpoint, name);
  return codes ? values_of(*codes, type) : tensor_over(*checkpoint.find(name), checkpoint).to(type);
}

Network Network::load(const std::filesystem::path& folder, const Options& options) {
  const torch::InferenceMode inference(false); // parameters may be trained later
  const torch::NoGradGuard no_grad;
  Network network;
  network.shape_ = read_shape(folder);
  const Checkpoint checkpoint(folder);
  const Fit fit = fit_of(network.shape_, checkpoint);
  require_complete(fit, folder.string());
  log_unused(fit);
  const torch::ScalarType type = arithmetic_of(network.shape_, options);
  const auto take = [&](const std::string& name) {
    return tensor_over(*checkpoint.find(name), checkpoint).to(options.device, type);
  };
  const auto linear = [&](const std::string& name) {
    const bool has_bias = checkpoint.find(name + ".bias") != nullptr;
    Linear map{{}, has_bias ? take(name + ".bias") : torch::Tensor()};
    if (options.four_bits)
      map.packed = packed_in(checkpoint, name + ".weight", options.device);
    else
      map.weight = matrix_in(checkpoint, name + ".weight", type).to(options.device);
    return map;
  };
  network.embedding_ = take("model.embed_tokens.weight");
  for (std::int64_t i = 0; i < network.shape_.layers; ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    const std::string mixer = at + "self_attn.", mlp = at + "mlp.";
    network.blocks_.push_back(
        {take(at + "input_layernorm.weight"), take(at + "post_attention_layernorm.weight"),
         linear(mixer + "q_proj"), linear(mixer + "k_proj"), linear(mixer + "v_proj"),
         linear(mixer + "o_proj"), linear(mlp + "gate_proj"), linear(mlp + "up_proj"),
         linear(mlp + "down_proj")});
  }
  network.norm_ = take("model.norm.weight");
  network.output_ = network.shape_.tied ? network.embedding_ : take("lm_head.weight");
  return network;
}

} // namespace quill::model
