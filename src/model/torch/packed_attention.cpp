#include "model/torch/packed_attention.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "model/torch/attention.hpp"

namespace quill::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Packed rows to places. Every row has one place, and fillers have no gradient: so the gradient is
/// taken back by the other index, where that of index_select would be added up row by row.
class ToPlaces : public torch::autograd::Function<ToPlaces> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& rows, const torch::Tensor& places) {
    context->save_for_backward({places});
    return x.index_select(0, rows);
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    return {gradients[0].index_select(0, context->get_saved_variables()[0]), {}, {}};
  }
};

/// Places to packed rows; fillers get no gradient.
class ToRows : public torch::autograd::Function<ToRows> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& rows, const torch::Tensor& places,
                               const std::optional<torch::Tensor>& real) {
    context->save_for_backward({rows, real.value_or(torch::Tensor())});
    return x.index_select(0, places);
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    auto gradient = gradients[0].index_select(0, saved[0]);
    if (saved[1].defined())
      gradient.mul_(saved[1].to(gradient.scalar_type()));
    return {gradient, {}, {}, {}};
  }
};

struct Sequence {
  std::int64_t begin = 0, length = 0;
};

std::vector<Sequence> longest_first(const std::vector<std::int64_t>& ends) {
  std::vector<Sequence> sequences;
  std::int64_t begin = 0;
  for (const std::int64_t end : ends) {
    if (end > begin)
      sequences.push_back({begin, end - begin});
    begin = end;
  }
  std::stable_sort(sequences.begin(), sequences.end(),
                   [](const Sequence& a, const Sequence& b) { return a.length > b.length; });
  return sequences;
}

} // namespace

PackedAttention::PackedAttention(const std::vector<std::int64_t>& ends, torch::Device device) {
  const std::vector<Sequence> sequences = longest_first(ends);
  std::vector<std::int64_t> rows, places(static_cast<std::size_t>(ends.empty() ? 0 : ends.back()));
  std::vector<float> real;
  for (const Sequence& sequence : sequences) {
    // At most a third more than the sequences themselves.
    if (groups_.empty() || sequence.length * 4 < groups_.back().length * 3)
      groups_.push_back({0, sequence.length});
    ++groups_.back().sequences;
    for (std::int64_t i = 0; i < groups_.back().length; ++i) {
      const std::int64_t row = sequence.begin + std::min(i, sequence.length - 1);
      if (i < sequence.length)
        places[static_cast<std::size_t>(row)] = static_cast<std::int64_t>(rows.size());
      rows.push_back(row);
      real.push_back(i < sequence.length ? 1.0F : 0.0F);
    }
  }
  if (device.is_cuda() && !sequences.empty()) {
    longest_ = sequences.front().length;
    std::vector<std::int32_t> begins = {0};
    for (const std::int64_t end : ends)
      begins.push_back(static_cast<std::int32_t>(end));
    cumulative_ = torch::tensor(begins, torch::kInt32).to(device);
  }
  if (sequences.size() <= 1)
    return;
  const bool filled = rows.size() != places.size();
  rows_ = torch::tensor(rows, torch::kInt64).to(device);
  places_ = torch::tensor(places, torch::kInt64).to(device);
  if (filled)
    real_ = torch::tensor(real).unsqueeze(1).to(device);
}

namespace {

/// Heads of at most 256, a multiple of 8, are what flash attention takes.
bool suits_flash(const torch::Tensor& q) {
  return q.is_cuda() && q.scalar_type() == torch::kBFloat16 && q.size(2) % 8 == 0 &&
         q.size(2) <= 256;
}

torch::Tensor flash(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                    const torch::Tensor& cumulative, std::int64_t longest) {
  const auto out = at::_flash_attention_forward(
      q, k, v, cumulative, cumulative, longest, longest, /*dropout_p=*/0, /*is_causal=*/true,
      /*return_debug_mask=*/false, std::optional<double>(), std::optional<std::int64_t>(),
      std::optional<std::int64_t>());
  return std::get<0>(out).reshape({q.size(0), -1});
}

} // namespace

torch::Tensor PackedAttention::operator()(const torch::Tensor& q, const torch::Tensor& k,
                                          const torch::Tensor& v) const {
  if (cumulative_.defined() && suits_flash(q))
    return flash(q, k, v, cumulative_, longest_);
  if (!rows_.defined())
    return causal_attention(q, k, v);
  std::vector<std::int64_t> sizes;
  for (const Group& group : groups_)
    sizes.push_back(group.sequences * group.length);
  const auto in_groups = [&](const torch::Tensor& x) {
    return ToPlaces::apply(x, rows_, places_).split_with_sizes(sizes, 0);
  };
  const auto queries = in_groups(q), keys = in_groups(k), values = in_groups(v);
  std::vector<torch::Tensor> out;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const auto batched = [&](const torch::Tensor& x) { // (b n, H, C) → (b, H, n, C)
      return x.view({groups_[i].sequences, groups_[i].length, x.size(1), x.size(2)})
          .transpose(1, 2);
    };
    const auto mixed = at::scaled_dot_product_attention(
        batched(queries[i]), batched(keys[i]), batched(values[i]), {}, 0.0, /*is_causal=*/true,
        std::nullopt, q.size(1) != k.size(1));
    out.push_back(mixed.transpose(1, 2).reshape({sizes[i], -1}));
  }
  const auto all = out.size() == 1 ? out[0] : at::cat(out, 0);
  return ToRows::apply(all, rows_, places_, real_.defined() ? std::optional(real_) : std::nullopt);
}

} // namespace quill::model
