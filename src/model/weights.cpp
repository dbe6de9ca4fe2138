#include "quill/model/weights.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/nf4_file.hpp"
#include "model/refuse.hpp"
#include "quill/core/random.hpp"

namespace quill::model {

namespace {

std::vector<NamedShape> tensors_of_layer(const Shape& shape, std::int64_t layer) {
  const std::int64_t D = shape.hidden, F = shape.inner;
  const std::int64_t Q = shape.heads * shape.head_width, P = shape.kv_heads * shape.head_width;
  std::vector<NamedShape> list;
  const auto add = [&](const char* name, std::vector<std::int64_t> sizes) {
    list.push_back({fmt::format("model.layers.{}.{}", layer, name), std::move(sizes)});
  };
  add("input_layernorm.weight", {D});
  for (const auto& [name, width] : {std::pair("q", Q), std::pair("k", P), std::pair("v", P)}) {
    add(fmt::format("self_attn.{}_proj.weight", name).c_str(), {width, D});
    if (shape.attention_bias)
      add(fmt::format("self_attn.{}_proj.bias", name).c_str(), {width});
  }
  add("self_attn.o_proj.weight", {D, Q});
  add("post_attention_layernorm.weight", {D});
  add("mlp.gate_proj.weight", {F, D});
  add("mlp.up_proj.weight", {F, D});
  add("mlp.down_proj.weight", {D, F});
  return list;
}

bool is_floating(DType type) {
  return type == DType::f32 || type == DType::bf16 || type == DType::f16 || type == DType::f64;
}

void check_shape(const NamedShape& wanted, const std::vector<std::int64_t>& found) {
  if (found != wanted.shape)
    refuse(fmt::format("tensor \"{}\" is [{}]; allowed: [{}], as config.json says", wanted.name,
                       fmt::join(found, ", "), fmt::join(wanted.shape, ", ")),
           "model.safetensors", "config.json and the weights are of different models: fetch both");
}

void check_tensor(const NamedShape& wanted, const TensorView& found) {
  check_shape(wanted, found.shape);
  if (!is_floating(found.dtype))
    refuse(fmt::format("tensor \"{}\" is {}; allowed: F32, BF16, F16, F64", wanted.name,
                       dtype_name(found.dtype)),
           "model.safetensors", "take the model's unquantised files");
}

} // namespace

std::vector<NamedShape> tensors_of(const Shape& shape) {
  std::vector<NamedShape> list = {{"model.embed_tokens.weight", {shape.vocabulary, shape.hidden}}};
  for (std::int64_t layer = 0; layer < shape.layers; ++layer)
    for (NamedShape& each : tensors_of_layer(shape, layer))
      list.push_back(std::move(each));
  list.push_back({"model.norm.weight", {shape.hidden}});
  if (!shape.tied)
    list.push_back({"lm_head.weight", {shape.vocabulary, shape.hidden}});
  return list;
}

Fit fit_of(const Shape& shape, const Checkpoint& checkpoint) {
  Fit fit;
  std::set<std::string_view> wanted_names;
  const auto wanted = tensors_of(shape);
  for (const NamedShape& each : wanted) {
    wanted_names.insert(each.name);
    const TensorView* found = checkpoint.find(each.name);
    if (found == nullptr)
      fit.missing.push_back(each.name);
    else if (const auto packed = find_nf4(checkpoint, each.name))
      check_shape(each, packed->shape);
    else
      check_tensor(each, *found);
  }
  for (const auto& [name, tensor] : checkpoint.tensors())
    if (!wanted_names.contains(name) && !is_nf4_part(checkpoint, name))
      fit.unused.push_back(name);
  return fit;
}

void require_complete(const Fit& fit, const std::string& where) {
  if (!fit.missing.empty())
    refuse(
        fmt::format("{} tensors are missing: {}", fit.missing.size(), fmt::join(fit.missing, ", ")),
        where, "config.json and the weights are of different models: fetch both");
}

namespace {

std::vector<float> random_values(const NamedShape& tensor, double deviation, const Rng& root) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.shape)
    count *= size;
  std::vector<float> values(static_cast<std::size_t>(count), 0.0F);
  if (tensor.name.ends_with("norm.weight")) {
    std::fill(values.begin(), values.end(), 1.0F);
  } else if (!tensor.name.ends_with(".bias")) {
    Rng rng = root.child(tensor.name);
    for (float& value : values)
      value = static_cast<float>(deviation * rng.normal());
  }
  return values;
}

} // namespace

void write_random_weights(const std::filesystem::path& folder, const Shape& shape, double deviation,
                          std::uint64_t seed) {
  const Rng root = Rng(seed).child("weights");
  std::deque<std::vector<float>> owner;
  std::vector<TensorView> views;
  for (const NamedShape& each : tensors_of(shape)) {
    owner.push_back(random_values(each, deviation, root));
    views.push_back({each.name, DType::f32, each.shape, std::as_bytes(std::span(owner.back()))});
  }
  write_safetensors(folder / "model.safetensors", std::move(views));
}

} // namespace quill::model
