#include "quill/model/merge.hpp"

#include <deque>

#include <torch/types.h>

#include "model/nf4_file.hpp"
#include "model/refuse.hpp"
#include "model/torch/tensors.hpp"
#include "quill/core/files.hpp"
#include "quill/model/network.hpp"

namespace quill::model {

namespace {

void refuse_model_in(const std::filesystem::path& out) {
  if (std::filesystem::exists(out / "config.json"))
    refuse("the folder holds a model already", out.string(), "choose another --out");
}

/// config.json of a base whose four bits are gone.
std::string plain_config(const std::string& text, const std::string& where) {
  constexpr int kIndent = 2;
  Json config = parse_json(text, where);
  config.erase("quantization_config");
  return dump_json(config, kIndent) + "\n";
}

/// What else a model's folder needs, where the base has it.
void copy_words(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto config = from / "config.json";
  real_disk().write_atomic(to / "config.json", plain_config(read_file(config), config.string()));
  for (const char* name :
       {"generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
        "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json"})
    if (std::filesystem::exists(from / name))
      real_disk().write_atomic(to / name, read_file(from / name));
}

double largest_of(const torch::Tensor& x) {
  return x.numel() == 0 ? 0 : x.abs().max().item<double>();
}

DType dtype_of(const torch::Tensor& x) {
  switch (x.scalar_type()) {
  case torch::kFloat32:
    return DType::f32;
  case torch::kBFloat16:
    return DType::bf16;
  case torch::kFloat16:
    return DType::f16;
  case torch::kFloat64:
    return DType::f64;
  default:
    throw Bug("a weight of no floating-point type");
  }
}

/// Sums live as long as the views that are written.
class Merger {
 public:
  explicit Merger(const Checkpoint& base) : base_(base) {}

  /// Codes of four bits become the values they stand for, with or without an adapter.
  void add(const std::string& map, const Linear& linear) {
    const TensorView& view = *base_.find(map + ".weight");
    const bool packed = find_nf4(base_, view.name).has_value();
    if (linear.adapter == nullptr) {
      if (packed)
        keep(view.name, linear.weight);
      return;
    }
    const LowRank& low = *linear.adapter;
    const auto weight = packed ? linear.weight : tensor_over(view, base_);
    const auto change = torch::matmul(low.b, low.a).mul(low.scale);
    const auto sum = weight.to(torch::kFloat32) + change;
    keep(view.name, sum.to(weight.scalar_type()));
    ++summary_.maps;
    summary_.change_max = std::max(summary_.change_max, largest_of(change));
    summary_.rounding_max =
        std::max(summary_.rounding_max, largest_of(sums_.back().to(torch::kFloat32) - sum));
  }

  [[nodiscard]] std::vector<TensorView> views() const {
    std::vector<TensorView> all;
    all.reserve(base_.tensors().size());
    for (const auto& [name, view] : base_.tensors()) {
      if (is_nf4_part(base_, name))
        continue;
      const auto found = merged_.find(name);
      all.push_back(found == merged_.end() ? view : found->second);
    }
    return all;
  }

  [[nodiscard]] const MergeSummary& summary() const { return summary_; }

 private:
  void keep(const std::string& name, const torch::Tensor& weight) {
    sums_.push_back(weight.contiguous());
    const torch::Tensor& kept = sums_.back();
    const auto* bytes = static_cast<const std::byte*>(kept.const_data_ptr());
    merged_[name] = {name, dtype_of(kept), kept.sizes().vec(), {bytes, kept.nbytes()}};
  }

  const Checkpoint& base_;
  std::deque<torch::Tensor> sums_;
  std::map<std::string, TensorView> merged_;
  MergeSummary summary_;
};

} // namespace

MergeSummary merge_adapter(const std::filesystem::path& folder,
                           const std::filesystem::path& adapter, const std::filesystem::path& out) {
  const torch::NoGradGuard no_grad;
  refuse_model_in(out);
  Network network = Network::load(folder, {});
  load_adapter(network, adapter);
  const Checkpoint base(folder);
  Merger merger(base);
  network.each_linear(
      [&](const std::string& map, const Linear& linear) { merger.add(map, linear); });
  make_folder(out);
  write_safetensors(out / "model.safetensors", merger.views());
  copy_words(folder, out);
  MergeSummary summary = merger.summary();
  summary.out = out;
  return summary;
}

} // namespace quill::model
