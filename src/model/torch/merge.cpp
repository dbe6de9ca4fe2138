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

/// What else a model's folder needs, where the base has it.
void copy_words(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* name : {"config.json", "generation_config.json", "tokenizer.json",
                           "tokenizer_config.json", "chat_template.jinja", "vocab.json",
                           "merges.txt", "special_tokens_map.json", "added_tokens.json"})
    if (std::filesystem::exists(from / name))
      real_disk().write_atomic(to / name, read_file(from / name));
}

double largest_of(const torch::Tensor& x) {
  return x.numel() == 0 ? 0 : x.abs().max().item<double>();
}

/// Sums live as long as the views that are written.
class Merger {
 public:
  explicit Merger(const Checkpoint& base) : base_(base) {}

  void add(const std::string& map, const LowRank& low) {
    const TensorView& view = *base_.find(map + ".weight");
    if (find_nf4(base_, view.name))
      refuse("the base's weights are in four bits, which an adapter cannot be added to", view.name,
             "merge into the model's unquantised files");
    const auto weight = tensor_over(view, base_);
    const auto change = torch::matmul(low.b, low.a).mul(low.scale);
    const auto sum = weight.to(torch::kFloat32) + change;
    sums_.push_back(sum.to(weight.scalar_type()).contiguous());
    const auto* bytes = static_cast<const std::byte*>(sums_.back().const_data_ptr());
    merged_[view.name] = {view.name, view.dtype, view.shape, {bytes, view.bytes.size()}};
    ++summary_.maps;
    summary_.change_max = std::max(summary_.change_max, largest_of(change));
    summary_.rounding_max =
        std::max(summary_.rounding_max, largest_of(sums_.back().to(torch::kFloat32) - sum));
  }

  [[nodiscard]] std::vector<TensorView> views() const {
    std::vector<TensorView> all;
    all.reserve(base_.tensors().size());
    for (const auto& [name, view] : base_.tensors()) {
      const auto found = merged_.find(name);
      all.push_back(found == merged_.end() ? view : found->second);
    }
    return all;
  }

  [[nodiscard]] const MergeSummary& summary() const { return summary_; }

 private:
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
  network.each_linear([&](const std::string& map, const Linear& linear) {
    if (linear.adapter != nullptr)
      merger.add(map, *linear.adapter);
  });
  make_folder(out);
  write_safetensors(out / "model.safetensors", merger.views());
  copy_words(folder, out);
  MergeSummary summary = merger.summary();
  summary.out = out;
  return summary;
}

} // namespace quill::model
