// LoRA over a network, from PEFT's folders and back.
#include <set>

#include "model/refuse.hpp"
#include "model/torch/tensors.hpp"
#include "quill/core/files.hpp"
#include "quill/model/network.hpp"

namespace quill::model {

namespace {

std::string list_of(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (const std::int64_t size : sizes)
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& folder)
      : where_(folder.string()), file_(folder, "adapter_model") {}

  [[nodiscard]] bool has(const std::string& map) const {
    return file_.find(adapter_tensor(map, false)) != nullptr ||
           file_.find(adapter_tensor(map, true)) != nullptr;
  }

  torch::Tensor take(const std::string& name, const std::vector<std::int64_t>& shape,
                     torch::Device device) {
    const TensorView* view = file_.find(name);
    if (view == nullptr)
      refuse("tensor \"" + name + "\" is missing", where_, "fetch the adapter again");
    if (view->shape != shape)
      refuse("tensor \"" + name + "\" is " + list_of(view->shape) + "; allowed: " + list_of(shape) +
                 ", by its configuration and the network",
             where_, "take the model that the adapter was trained on");
    taken_.insert(name);
    return tensor_over(*view, file_).to(device, torch::kFloat32, false, /*copy=*/true);
  }

  void refuse_leftovers() const {
    for (const auto& [name, view] : file_.tensors())
      if (!taken_.contains(name))
        refuse("tensor \"" + name + "\" has no place in the network", where_,
               "take the model that the adapter was trained on, and a plain LoRA adapter");
  }

 private:
  std::string where_;
  Checkpoint file_;
  std::set<std::string> taken_;
};

} // namespace

AdapterConfig load_adapter(Network& network, const std::filesystem::path& folder) {
  const torch::NoGradGuard no_grad;
  const AdapterConfig config = read_adapter(folder);
  Reader reader(folder);
  network.each_linear([&](const std::string& map, Linear& linear) {
    if (!reader.has(map))
      return;
    const std::int64_t rank = config.rank_of(map);
    const auto device = network.device();
    linear.adapter = std::make_shared<LowRank>(
        LowRank{reader.take(adapter_tensor(map, false), {rank, linear.in()}, device),
                reader.take(adapter_tensor(map, true), {linear.out(), rank}, device),
                config.scale_of(map)});
  });
  reader.refuse_leftovers();
  return config;
}

void save_adapter(Network& network, const AdapterConfig& config,
                  const std::filesystem::path& folder) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> owner;
  std::vector<TensorView> views;
  const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
    owner.push_back(tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous());
    const auto* bytes = static_cast<const std::byte*>(owner.back().const_data_ptr());
    views.push_back({name, DType::f32, owner.back().sizes().vec(), {bytes, owner.back().nbytes()}});
  };
  network.each_linear([&](const std::string& map, const Linear& linear) {
    if (linear.adapter == nullptr)
      return;
    add(adapter_tensor(map, false), linear.adapter->a);
    add(adapter_tensor(map, true), linear.adapter->b);
  });
  make_folder(folder);
  write_safetensors(folder / "adapter_model.safetensors", std::move(views));
  constexpr int kIndent = 2;
  real_disk().write_atomic(folder / "adapter_config.json",
                           dump_json(adapter_json(config), kIndent) + "\n");
}

namespace {

void enable(Network& network, bool enabled) {
  network.each_linear([&](const std::string&, Linear& linear) {
    if (linear.adapter != nullptr)
      linear.adapter->enabled = enabled;
  });
}

} // namespace

AdapterOff::AdapterOff(Network& network) : network_(network) {
  enable(network_, false);
}

AdapterOff::~AdapterOff() {
  enable(network_, true);
}

} // namespace quill::model
