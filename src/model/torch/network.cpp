// Qwen2's forward pass (huggingface/transformers, models/qwen2/modeling_qwen2.py), on tokens packed
// without padding.
#include "quill/model/network.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/skinny.hpp"
#include "model/torch/attention.hpp"
#include "model/torch/low_rank.hpp"
#include "model/torch/ops.hpp"
#include "model/torch/packed_attention.hpp"
#include "quill/model/nf4.hpp"

namespace quill::model {

namespace {

struct Rotation {
  torch::Tensor cosines, sines; ///< (N, 1, C)
};

/// Angles position / base^(2i/C), i in [0, C/2), twice (Su et al. 2021, arXiv:2104.09864).
Rotation rotation_of(const torch::Tensor& positions, const Shape& shape, torch::ScalarType type) {
  const auto options = torch::TensorOptions(torch::kFloat32).device(positions.device());
  const auto exponents =
      torch::arange(0, shape.head_width, 2,
                    torch::TensorOptions(torch::kInt64).device(positions.device()))
          .to(torch::kFloat32)
          .div(static_cast<double>(shape.head_width));
  const auto frequencies = at::full({}, shape.rope_base, options).pow(exponents).reciprocal();
  const auto half = positions.to(torch::kFloat32).unsqueeze(1) * frequencies; // (N, C/2)
  const auto angles = at::cat({half, half}, -1).unsqueeze(1);                 // (N, 1, C)
  return {angles.cos().to(type), angles.sin().to(type)};
}

/// (n, n): which token sees which.
torch::Tensor window_mask(std::int64_t n, std::int64_t window, torch::Device device) {
  const auto all = at::ones({n, n}, torch::TensorOptions(torch::kBool).device(device));
  return all.tril().logical_and(all.triu(1 - window));
}

} // namespace

torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v, std::int64_t window) {
  const auto batch = [](const torch::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); };
  const bool grouped = q.size(1) != k.size(1);
  const bool cut = window > 0 && window < q.size(0);
  const auto mask = cut ? std::optional(window_mask(q.size(0), window, q.device())) : std::nullopt;
  const auto out = at::scaled_dot_product_attention(batch(q), batch(k), batch(v), mask, 0.0, !cut,
                                                    std::nullopt, grouped); // (1, H, n, C)
  return out.squeeze(0).transpose(0, 1).reshape({q.size(0), -1});
}

namespace {

bool is_plain_float(const torch::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == torch::kFloat32;
}

/// x Wᵀ + b. A few rows, outside of training, take the kernel that reads W once.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight,
                      const torch::Tensor& bias) {
  const bool few = x.dim() == 2 && x.size(0) <= kSkinnyRowsMax && is_plain_float(x) &&
                   is_plain_float(weight) && weight.is_contiguous() &&
                   c10::InferenceMode::is_enabled();
  if (!few)
    return at::linear(x, weight, bias);
  const auto rows = x.contiguous();
  const std::int64_t out = weight.size(0), width = weight.size(1);
  auto y = at::empty({x.size(0), out}, x.options());
  auto* to = y.mutable_data_ptr<float>();
  constexpr std::int64_t kProductsOfAThread = 1 << 17; // less is not worth a second thread
  at::parallel_for(0, out, std::max<std::int64_t>(2, kProductsOfAThread / width),
                   [&](std::int64_t begin, std::int64_t end) {
                     skinny_product(rows.const_data_ptr<float>(), x.size(0),
                                    weight.const_data_ptr<float>(), width, begin, end, to, out);
                   });
  return bias.defined() ? y.add_(bias) : y;
}

} // namespace

torch::Tensor Linear::values(torch::ScalarType type) const {
  return packed == nullptr ? weight : values_of(*packed, type);
}

std::int64_t Linear::out() const {
  return packed == nullptr ? weight.size(0) : packed->shape[0];
}

std::int64_t Linear::in() const {
  return packed == nullptr ? weight.size(1) : packed->shape[1];
}

torch::Tensor Linear::apply(const torch::Tensor& x) const {
  if (adapter != nullptr && adapter->enabled && adapter->a.requires_grad() &&
      c10::GradMode::is_enabled())
    return trained_low_rank(*this, x);
  const bool unpacked_again = packed != nullptr && c10::GradMode::is_enabled() && x.requires_grad();
  auto y = unpacked_again ? unpacked_product(*this, x) : product(x, values(x.scalar_type()), bias);
  if (adapter == nullptr || !adapter->enabled)
    return y;
  const auto low = at::linear(x.to(adapter->a.scalar_type()), adapter->a); // (…, r)
  return y + at::linear(low, adapter->b).mul(adapter->scale).to(y.scalar_type());
}

Packed pack(const std::vector<std::vector<TokenId>>& sequences, torch::Device device) {
  std::vector<std::int64_t> ids, positions;
  Packed packed;
  for (const auto& sequence : sequences) {
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      ids.push_back(sequence[i]);
      positions.push_back(static_cast<std::int64_t>(i));
    }
    packed.ends.push_back(static_cast<std::int64_t>(ids.size()));
  }
  packed.ids = torch::tensor(ids, torch::kInt64).to(device);
  packed.positions = torch::tensor(positions, torch::kInt64).to(device);
  return packed;
}

namespace {

/// Each sequence to itself, within a window.
Attend one_by_one(const std::vector<std::int64_t>& ends, std::int64_t window) {
  return [ends, window](std::int64_t, const torch::Tensor& q, const torch::Tensor& k,
                        const torch::Tensor& v) {
    std::vector<torch::Tensor> out;
    std::int64_t begin = 0;
    for (const std::int64_t end : ends) {
      if (end > begin)
        out.push_back(causal_attention(q.slice(0, begin, end), k.slice(0, begin, end),
                                       v.slice(0, begin, end), window));
      begin = end;
    }
    return out.size() == 1 ? out[0] : at::cat(out, 0);
  };
}

} // namespace

torch::Tensor Network::hidden(const Packed& packed, const RunPart& run) const {
  if (shape_.window > 0)
    return hidden(packed.ids, packed.positions, one_by_one(packed.ends, shape_.window), run);
  const auto each_to_itself = [attention = PackedAttention(packed.ends, device())](
                                  std::int64_t, const torch::Tensor& q, const torch::Tensor& k,
                                  const torch::Tensor& v) { return attention(q, k, v); };
  return hidden(packed.ids, packed.positions, each_to_itself, run);
}

torch::Tensor Network::attention(std::int64_t layer, const torch::Tensor& x,
                                 const torch::Tensor& cosines, const torch::Tensor& sines,
                                 const Attend& attend) const {
  const Block& block = blocks_[static_cast<std::size_t>(layer)];
  const auto heads = [&](const Linear& map, std::int64_t count) {
    return map.apply(x).view({x.size(0), count, shape_.head_width});
  };
  const auto q = ops::rotated(heads(block.q, shape_.heads), cosines, sines);    // (N, H, C)
  const auto k = ops::rotated(heads(block.k, shape_.kv_heads), cosines, sines); // (N, K, C)
  return block.o.apply(attend(layer, q, k, heads(block.v, shape_.kv_heads)));
}

torch::Tensor Network::mlp(std::int64_t layer, const torch::Tensor& normal) const {
  const Block& block = blocks_[static_cast<std::size_t>(layer)];
  return block.down.apply(ops::swiglu(block.gate.apply(normal), block.up.apply(normal)));
}

torch::Tensor Network::hidden(const torch::Tensor& ids, const torch::Tensor& positions,
                              const Attend& attend, const RunPart& run) const {
  const auto x = embedding_.index_select(0, ids); // (N, D)
  const auto [cosines, sines] = rotation_of(positions, shape_, x.scalar_type());
  const auto mix = [this, attend, cosines = cosines, sines = sines](std::int64_t layer,
                                                                    const torch::Tensor& normal) {
    return attention(layer, normal, cosines, sines, attend);
  };
  return run ? hidden_in_parts(x, mix, run) : hidden_at_once(x, mix);
}

/// Each sum is made with the norm that follows it.
torch::Tensor Network::hidden_at_once(const torch::Tensor& x, const Mix& mix) const {
  Normed at{x, ops::norm(x, blocks_.front().attention_norm, shape_.norm_epsilon)};
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const auto layer = static_cast<std::int64_t>(i);
    const bool last = i + 1 == blocks_.size();
    at = ops::add_norm(at.sum, mix(layer, at.normal), blocks_[i].mlp_norm, shape_.norm_epsilon);
    at = ops::add_norm(at.sum, mlp(layer, at.normal), last ? norm_ : blocks_[i + 1].attention_norm,
                       shape_.norm_epsilon);
  }
  return at.normal;
}

/// Sums are what parts begin and end with.
torch::Tensor Network::hidden_in_parts(torch::Tensor x, const Mix& mix, const RunPart& run) const {
  for (std::int64_t layer = 0; layer < shape_.layers; ++layer) {
    const Block& block = blocks_[static_cast<std::size_t>(layer)];
    const double epsilon = shape_.norm_epsilon;
    const Calculation inner = [this, layer, &block, epsilon](const torch::Tensor& in) {
      return in + mlp(layer, ops::norm(in, block.mlp_norm, epsilon));
    };
    x = run(Part::block, x, [mix, inner, run, layer, &block, epsilon](const torch::Tensor& in) {
      const auto mixed = mix(layer, ops::norm(in, block.attention_norm, epsilon));
      return run(Part::mlp, in + mixed, inner);
    });
  }
  return ops::norm(x, norm_, shape_.norm_epsilon);
}

torch::Tensor Network::logits(const torch::Tensor& rows) const {
  return product(rows, output_, {});
}

void Network::each_linear(const std::function<void(const std::string&, Linear&)>& visit) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    Block& block = blocks_[i];
    visit(at + "self_attn.q_proj", block.q);
    visit(at + "self_attn.k_proj", block.k);
    visit(at + "self_attn.v_proj", block.v);
    visit(at + "self_attn.o_proj", block.o);
    visit(at + "mlp.gate_proj", block.gate);
    visit(at + "mlp.up_proj", block.up);
    visit(at + "mlp.down_proj", block.down);
  }
}

void Network::each_parameter(
    const std::function<void(const std::string&, const torch::Tensor&)>& visit) const {
  const auto linear = [&](const std::string& name, const Linear& map) {
    visit(name + ".weight", map.values(embedding_.scalar_type()));
    if (map.bias.defined())
      visit(name + ".bias", map.bias);
  };
  visit("model.embed_tokens.weight", embedding_);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    const Block& block = blocks_[i];
    visit(at + "input_layernorm.weight", block.attention_norm);
    linear(at + "self_attn.q_proj", block.q);
    linear(at + "self_attn.k_proj", block.k);
    linear(at + "self_attn.v_proj", block.v);
    linear(at + "self_attn.o_proj", block.o);
    visit(at + "post_attention_layernorm.weight", block.mlp_norm);
    linear(at + "mlp.gate_proj", block.gate);
    linear(at + "mlp.up_proj", block.up);
    linear(at + "mlp.down_proj", block.down);
  }
  visit("model.norm.weight", norm_);
  if (!shape_.tied)
    visit("lm_head.weight", output_);
}

namespace {

void own(torch::Tensor& tensor) {
  if (tensor.defined() && tensor.requires_grad())
    tensor = tensor.detach().clone();
}

void own(Linear& linear) {
  own(linear.weight);
  own(linear.bias);
  if (linear.adapter == nullptr)
    return;
  linear.adapter = std::make_shared<LowRank>(*linear.adapter); // its switch is its own, too
  own(linear.adapter->a);
  own(linear.adapter->b);
}

} // namespace

Network Network::snapshot() const {
  Network copy = *this;
  own(copy.embedding_);
  own(copy.norm_);
  if (output_.is_same(embedding_))
    copy.output_ = copy.embedding_;
  own(copy.output_);
  for (Block& block : copy.blocks_) {
    own(block.attention_norm);
    own(block.mlp_norm);
  }
  copy.each_linear([](const std::string&, Linear& linear) { own(linear); });
  return copy;
}

} // namespace quill::model
