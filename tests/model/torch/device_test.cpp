// The same network on every device that is there, against the CPU; what needs a GPU is skipped,
// saying so.
#include "catch.hpp"

#include <ATen/ATen.h>

#include "folders.hpp"
#include "model/torch/tensors.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/model/network.hpp"

using namespace quill;
using namespace quill::model;

namespace {

std::filesystem::path folder_of(const std::string& name) {
  return std::filesystem::path(QUILL_TESTS_FOLDER) / "reference" / name;
}

std::vector<TokenId> ids_of(const std::string& name) {
  const Checkpoint file(folder_of(name), "reference");
  const auto ids = tensor_over(*file.find("ids"), file).clone();
  const auto* begin = ids.const_data_ptr<std::int64_t>();
  return {begin, begin + ids.numel()};
}

std::vector<torch::Device> devices() {
  std::vector<torch::Device> all = {torch::kCPU};
  if (at::hasCUDA())
    all.emplace_back(torch::kCUDA, static_cast<c10::DeviceIndex>(0));
  else
    WARN("skipped on a GPU: none that this build can use");
  return all;
}

Network load(const std::string& name, torch::Device device,
             torch::ScalarType type = torch::kFloat32) {
  Network::Options options;
  options.device = device;
  options.dtype = type;
  return Network::load(folder_of(name), options);
}

torch::Tensor logits_of(const Network& network, const std::vector<std::vector<TokenId>>& texts) {
  return network.logits(network.hidden(pack(texts, network.device())))
      .to(torch::kCPU, torch::kFloat32);
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

Tokenizer tokenizer_of_300() {
  std::vector<std::string> added;
  for (int i = 256; i < 300; ++i)
    added.push_back("<" + std::to_string(i) + ">");
  return Tokenizer::parse(train_tokenizer("", 300, added), "t");
}

Generation greedy(std::vector<TokenId> prompt, std::int64_t tokens) {
  Generation generation;
  generation.prompt = std::move(prompt);
  generation.tokens_max = tokens;
  return generation;
}

std::string refused(const std::string& name) {
  try {
    (void)device_named(name);
  } catch (const Error& error) {
    return error.text().what;
  }
  return "";
}

} // namespace

TEST_CASE("devices have names, and one that is not there is refused", "[model][device]") {
  CHECK(device_named("cpu") == torch::Device(torch::kCPU));
  CHECK(refused("gpu") == "--device is \"gpu\"; allowed: auto, cpu, cuda, cuda:0 to cuda:127");
  CHECK(refused("cuda:") == "--device is \"cuda:\"; allowed: auto, cpu, cuda, cuda:0 to cuda:127");
  CHECK(refused("cuda:128") ==
        "--device is \"cuda:128\"; allowed: auto, cpu, cuda, cuda:0 to cuda:127");
  if (at::hasCUDA()) {
    CHECK(device_named("auto") == torch::Device(torch::kCUDA, 0));
    return;
  }
  CHECK(device_named("auto") == torch::Device(torch::kCPU));
#ifdef QUILL_CUDA
  CHECK(refused("cuda") == "--device is cuda, and this machine has 0 GPUs");
#else
  CHECK(refused("cuda:1") == "--device is cuda:1, and this build is for the CPU alone");
#endif
}

TEST_CASE("each device gives the CPU's logits", "[model][device]") {
  for (const std::string name : {"grouped", "wide_heads", "mistral"}) {
    const auto ids = ids_of(name);
    const auto wanted = logits_of(load(name, torch::kCPU), {ids});
    for (const torch::Device device : devices()) {
      INFO(name << " on " << device.str());
      CHECK(difference(logits_of(load(name, device), {ids}), wanted) < 1e-4);
      // bfloat16 has 8 bits: about 0.4 % a rounding, and there are dozens of them.
      const auto rounded = logits_of(load(name, device, torch::kBFloat16), {ids});
      CHECK((rounded - wanted).norm().item<double>() < 0.1 * wanted.norm().item<double>());
    }
  }
}

TEST_CASE("recorded steps write the same tokens as grown ones, alone and beside others",
          "[model][device]") {
  const auto tokenizer = tokenizer_of_300();
  const Cancel cancel;
  for (const std::string name : {"grouped", "wide_heads", "mistral"}) {
    const auto ids = ids_of(name);
    std::vector<Generation> batch = {greedy(ids, 256)};
    for (std::size_t i = 1; i < 5;
         ++i) // end at other times, so that slots move and steps of all sizes are recorded
      batch.push_back(greedy({ids.begin() + static_cast<std::ptrdiff_t>(i), ids.end()},
                             100 - 20 * static_cast<int>(i)));
    const auto plain = load(name, torch::kCPU);
    const auto grown = make_decoder(plain);
    const auto wanted = generate(*grown, tokenizer, batch, 8, cancel);
    for (const torch::Device device : devices()) {
      INFO(name << " on " << device.str());
      const auto network = load(name, device);
      const auto recorded = make_recorded_decoder(network);
      for (const std::int64_t slots : {1, 5}) {
        const auto answers = generate(*recorded, tokenizer, batch, slots, cancel);
        for (std::size_t i = 0; i < batch.size(); ++i)
          CHECK(answers[i][0].ids == wanted[i][0].ids);
      }
    }
  }
}

TEST_CASE("packed sequences are the separate ones on each device, gradients too",
          "[model][device]") {
  const auto ids = ids_of("grouped");
  const std::vector<TokenId> first(ids.begin(), ids.begin() + 9),
      second(ids.begin() + 9, ids.end());
  for (const torch::Device device : devices())
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      INFO(torch::toString(type) << " on " << device.str());
      auto network = load("grouped", device, type);
      const double tolerance = type == torch::kFloat32 ? 1e-4 : 0.1;
      const auto apart =
          at::cat({logits_of(network, {first}), logits_of(network, {second})}, 0).detach();
      CHECK(difference(logits_of(network, {first, second}), apart) < tolerance);
      auto weight = network.blocks()[0].q.weight;
      weight.set_requires_grad(true);
      const auto gradient = [&](const std::vector<std::vector<std::vector<TokenId>>>& batches) {
        for (const auto& batch : batches)
          logits_of(network, batch).square().sum().backward();
        return std::exchange(weight.mutable_grad(), {}).to(torch::kCPU, torch::kFloat32);
      };
      const auto together = gradient({{first, second}}), alone = gradient({{first}, {second}});
      CHECK(difference(together, alone) < tolerance * alone.abs().max().item<double>());
    }
}
