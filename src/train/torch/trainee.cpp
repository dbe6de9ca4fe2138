#include "quill/train/trainee.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/random.hpp"
#include "quill/model/safetensors.hpp"

namespace quill::train {

namespace fs = std::filesystem;

namespace {

constexpr int kIndent = 2;

std::string last_name(const std::string& map) {
  return map.substr(map.rfind('.') + 1);
}

std::vector<std::string> map_names(model::Network& network) {
  std::vector<std::string> names;
  network.each_linear([&](const std::string& map, const model::Linear&) {
    const std::string name = last_name(map);
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  });
  return names;
}

/// The targets as names of maps. \throws Error{usage}
std::vector<std::string> targets_of(const TraineeConfig& config,
                                    const std::vector<std::string>& known) {
  if (config.targets == std::vector<std::string>{"all-linear"})
    return known;
  for (const std::string& target : config.targets)
    if (std::find(known.begin(), known.end(), target) == known.end()) {
      const std::string near = nearest_word(target, known);
      throw Error{Exit::usage,
                  {.what = fmt::format("--targets has \"{}\"; allowed: all-linear alone, or of {}",
                                       target, fmt::join(known, ", ")),
                   .where = config.model.string(),
                   .fix = near.empty() ? "name maps of the network"
                                       : fmt::format("did you mean \"{}\"?", near)}};
    }
  return config.targets;
}

torch::Tensor uniform(std::int64_t rows, std::int64_t columns, double bound, Rng rng,
                      torch::Device device) {
  auto tensor = at::empty({rows, columns}, torch::kFloat32);
  auto* values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < rows * columns; ++i)
    values[i] = static_cast<float>((2 * rng.uniform() - 1) * bound);
  return tensor.to(device);
}

/// PEFT's start: kaiming_uniform(√5) of A is uniform in ± 1/√in.
void lay_new_parts(model::Network& network, const model::AdapterConfig& config, const Rng& rng) {
  network.each_linear([&](const std::string& map, model::Linear& linear) {
    const auto& targets = config.targets;
    if (std::find(targets.begin(), targets.end(), last_name(map)) == targets.end())
      return;
    const std::int64_t in = linear.in(), out = linear.out();
    const auto device = network.device();
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    auto part = std::make_shared<model::LowRank>();
    part->a = uniform(config.rank, in, bound, rng.child(map), device);
    part->b = at::zeros({out, config.rank}, torch::TensorOptions(torch::kFloat32).device(device));
    part->scale = config.scale_of(map);
    linear.adapter = std::move(part);
  });
}

model::AdapterConfig lay_parts(model::Network& network, const TraineeConfig& config,
                               std::uint64_t seed) {
  if (!config.adapter.empty())
    return model::load_adapter(network, config.adapter);
  model::AdapterConfig adapter;
  adapter.base = config.model.string();
  adapter.rank = config.rank;
  adapter.alpha = config.alpha;
  adapter.rank_stabilised = config.rank_stabilised;
  adapter.targets = targets_of(config, map_names(network));
  lay_new_parts(network, adapter, Rng(seed).child("adapter"));
  return adapter;
}

Trainee low_rank_trainee(model::Network& network, const TraineeConfig& config, std::uint64_t seed) {
  const model::AdapterConfig adapter = lay_parts(network, config, seed);
  Trainee trainee{.parameters = {}, .kind = "adapter", .weights = "adapter_model", .files = {}};
  trainee.files.emplace_back("adapter_config.json",
                             dump_json(model::adapter_json(adapter), kIndent) + "\n");
  network.each_linear([&](const std::string& map, model::Linear& linear) {
    if (linear.adapter == nullptr)
      return;
    linear.adapter->dropout = config.dropout;
    trainee.parameters.push_back({model::adapter_tensor(map, false), linear.adapter->a});
    trainee.parameters.push_back({model::adapter_tensor(map, true), linear.adapter->b});
  });
  return trainee;
}

/// config.json with the type that the weights are written in.
std::string config_text(const fs::path& folder) {
  const fs::path path = folder / "config.json";
  Json config = parse_json(read_file(path), path.string());
  for (const char* key : {"torch_dtype", "dtype"})
    if (config.contains(key))
      config[key] = "float32";
  return dump_json(config, kIndent) + "\n";
}

Trainee full_trainee(model::Network& network, const TraineeConfig& config) {
  constexpr std::array kFiles = {"generation_config.json", "tokenizer.json",
                                 "tokenizer_config.json", "chat_template.jinja"};
  Trainee trainee{.parameters = {}, .kind = "model", .weights = "model", .files = {}};
  for (const char* name : kFiles)
    if (fs::exists(config.model / name))
      trainee.files.emplace_back(name, read_file(config.model / name));
  trainee.files.emplace_back("config.json", config_text(config.model));
  network.each_parameter([&](const std::string& name, const torch::Tensor& tensor) {
    trainee.parameters.push_back({name, tensor, tensor.dim() > 1});
  });
  return trainee;
}

} // namespace

std::int64_t Trainee::size() const {
  std::int64_t size = 0;
  for (const Parameter& parameter : parameters)
    size += parameter.tensor.numel();
  return size;
}

Trainee make_trainee(model::Network& network, const TraineeConfig& config, std::uint64_t seed) {
  Trainee trainee = config.method == "full" ? full_trainee(network, config)
                                            : low_rank_trainee(network, config, seed);
  for (Parameter& parameter : trainee.parameters)
    parameter.tensor.set_requires_grad(true);
  return trainee;
}

void seed_dropout(model::Network& network, std::uint64_t seed) {
  const Rng rng(seed);
  network.each_linear([&](const std::string& map, model::Linear& linear) {
    if (linear.adapter != nullptr && linear.adapter->dropout > 0)
      linear.adapter->dropout_seed = rng.child(map).next();
  });
}

void write_tensors(const fs::path& file, const std::vector<Parameter>& tensors) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> owners;
  std::vector<model::TensorView> views;
  for (const Parameter& each : tensors) {
    owners.push_back(each.tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous());
    const auto* bytes = static_cast<const std::byte*>(owners.back().const_data_ptr());
    views.push_back({each.name,
                     model::DType::f32,
                     owners.back().sizes().vec(),
                     {bytes, owners.back().nbytes()}});
  }
  model::write_safetensors(file, std::move(views));
}

void read_tensors(const fs::path& folder, const std::string& name,
                  const std::vector<Parameter>& tensors) {
  const torch::NoGradGuard no_grad;
  const model::Checkpoint file(folder, name);
  for (const Parameter& each : tensors) {
    const model::TensorView* view = file.find(each.name);
    if (view == nullptr || view->shape != each.tensor.sizes().vec() ||
        view->dtype != model::DType::f32)
      throw Error{Exit::usage,
                  {.what = fmt::format("tensor \"{}\" is missing or of another shape", each.name),
                   .where = folder.string(),
                   .fix = "take a checkpoint of this run, made with the same settings"}};
    auto* bytes = const_cast<std::byte*>(view->bytes.data()); // only read from
    each.tensor.copy_(torch::from_blob(bytes, view->shape, torch::kFloat32));
  }
}

namespace {

std::map<std::string, std::vector<Parameter>> by_file(const Trainee& trainee) {
  std::map<std::string, std::vector<Parameter>> files;
  for (const Parameter& parameter : trainee.parameters)
    files[parameter.file.empty() ? trainee.weights : parameter.file].push_back(parameter);
  return files;
}

} // namespace

void write_trainee(const Trainee& trainee, const fs::path& folder) {
  for (const Parameter& parameter : trainee.parameters)
    if (!at::isfinite(parameter.tensor.detach()).all().item<bool>())
      throw Error{Exit::usage,
                  {.what = fmt::format("\"{}\" holds a number that is not finite: nothing of it "
                                       "is saved",
                                       parameter.name),
                   .where = folder.string(),
                   .fix = "go on from the last checkpoint with a lower --learning-rate"}};
  make_folder(folder);
  for (const auto& [name, parameters] : by_file(trainee))
    write_tensors(folder / (name + ".safetensors"), parameters);
  for (const auto& [name, text] : trainee.files)
    real_disk().write_atomic(folder / name, text);
}

void read_trainee(Trainee& trainee, const fs::path& folder) {
  for (const auto& [name, parameters] : by_file(trainee))
    read_tensors(folder, name, parameters);
}

} // namespace quill::train
