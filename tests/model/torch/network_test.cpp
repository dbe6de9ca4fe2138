// The network against what transformers wrote (scripts/model_reference.py), and against itself.
#include "catch.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "folders.hpp"
#include "model/torch/tensors.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/model/merge.hpp"
#include "quill/model/network.hpp"
#include "quill/model/nf4.hpp"

using namespace quill;
using namespace quill::model;

namespace {

const std::vector<std::string> kCases = {"tied",       "untied", "grouped",
                                         "wide_heads", "llama",  "mistral"};

std::filesystem::path folder_of(const std::string& name) {
  return std::filesystem::path(QUILL_TESTS_FOLDER) / "reference" / name;
}

/// What transformers made of a case.
struct Reference {
  explicit Reference(const std::string& name) {
    at::set_num_threads(1); // these models are too small for two to help each other
    const Checkpoint file(folder_of(name), "reference");
    const auto take = [&](const char* tensor) {
      return tensor_over(*file.find(tensor), file).clone();
    };
    ids = take("ids");
    logits = take("logits");
    greedy = take("greedy");
    const auto* begin = ids.const_data_ptr<std::int64_t>();
    prompt.assign(begin, begin + ids.numel());
    const auto* answer_begin = greedy.const_data_ptr<std::int64_t>();
    answer.assign(answer_begin, answer_begin + greedy.numel());
  }
  torch::Tensor ids, logits, greedy;
  std::vector<TokenId> prompt, answer;
};

/// As many ids as the small models have.
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

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

torch::Tensor logits_of(const Network& network, const std::vector<std::vector<TokenId>>& texts) {
  return network.logits(network.hidden(pack(texts, torch::kCPU)));
}

std::vector<TokenId> part(const std::vector<TokenId>& ids, std::size_t begin, std::size_t end) {
  return {ids.begin() + static_cast<std::ptrdiff_t>(begin),
          ids.begin() + static_cast<std::ptrdiff_t>(end)};
}

} // namespace

TEST_CASE("logits are those of transformers within 1e-4", "[model]") {
  for (const std::string& name : kCases) {
    INFO(name);
    const Reference reference(name);
    const auto network = Network::load(folder_of(name), {});
    CHECK(largest_difference(logits_of(network, {reference.prompt}), reference.logits) < 1e-4);
  }
}

TEST_CASE("greedy decoding writes transformers' 256 tokens, alone and beside others", "[model]") {
  // The script prints the smallest gap between the two best logits of any step: 1e-3.
  const auto tokenizer = tokenizer_of_300();
  const Cancel cancel;
  for (const std::string& name : kCases) {
    INFO(name);
    const Reference reference(name);
    const auto network = Network::load(folder_of(name), {});
    const auto decoder = make_decoder(network);
    const auto whole = greedy(reference.prompt, 256);
    CHECK(generate(*decoder, tokenizer, {whole}, 1, cancel)[0][0].ids == reference.answer);
    // The others are of other lengths and end earlier, so that slots move.
    std::vector<Generation> batch = {whole};
    for (std::size_t i = 1; i < 8; ++i)
      batch.push_back(greedy(part(reference.prompt, i, 24), 256 - 30 * static_cast<int>(i)));
    batch.push_back(whole);
    const auto together = generate(*decoder, tokenizer, batch, 8, cancel);
    CHECK(together.front()[0].ids == reference.answer);
    CHECK(together.back()[0].ids == reference.answer);
    for (std::size_t i = 1; i < 8; ++i)
      CHECK(together[i][0].ids == generate(*decoder, tokenizer, {batch[i]}, 1, cancel)[0][0].ids);
  }
}

TEST_CASE("a cached step gives the logits of the whole sequence", "[model]") {
  for (const std::string& name : kCases) {
    INFO(name);
    const Reference reference(name);
    const auto network = Network::load(folder_of(name), {});
    const auto decoder = make_decoder(network);
    (void)decoder->prefill(0, part(reference.prompt, 0, 10));
    decoder->copy_slot(0, 1);
    double worst = 0;
    for (std::size_t i = 10; i < 24; ++i) {
      const std::vector<TokenId> both(2, reference.prompt[i]);
      const auto logits = decoder->decode(both);
      const auto expected = reference.logits[static_cast<std::int64_t>(i)];
      for (std::size_t row = 0; row < 2; ++row)
        for (std::size_t v = 0; v < 300; ++v)
          worst = std::max(worst, std::abs(static_cast<double>(
                                      logits[row * 300 + v] -
                                      expected[static_cast<std::int64_t>(v)].item<float>())));
    }
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("packed sequences do not see each other", "[model]") {
  const Reference reference("grouped");
  const auto network = Network::load(folder_of("grouped"), {});
  const auto first = part(reference.prompt, 0, 9), second = part(reference.prompt, 9, 24);
  const auto packed = logits_of(network, {first, second});
  CHECK(largest_difference(packed.slice(0, 0, 9), logits_of(network, {first})) < 1e-5);
  CHECK(largest_difference(packed.slice(0, 9, 24), logits_of(network, {second})) < 1e-5);
  auto changed = first;
  changed[3] = (changed[3] + 1) % 300;
  const auto beside = logits_of(network, {changed, second});
  CHECK(at::equal(beside.slice(0, 9, 24), packed.slice(0, 9, 24)));
  CHECK(largest_difference(beside.slice(0, 0, 9), packed.slice(0, 0, 9)) > 0.1);
}

TEST_CASE("bfloat16 stays near float32", "[model]") {
  // A product of k terms is off by about 2^-8 each: near means the best token mostly agrees.
  const Reference reference("tied");
  const auto network =
      Network::load(folder_of("tied"), {.dtype = torch::kBFloat16, .device = torch::kCPU});
  const auto logits = logits_of(network, {reference.prompt}).to(torch::kFloat32);
  const auto same = logits.argmax(-1).eq(reference.logits.argmax(-1)).sum().item<std::int64_t>();
  CHECK(same >= 21); // of 24
}

TEST_CASE("an adapter of PEFT's gives PEFT's logits, and switched off the base's", "[model]") {
  const Reference base("tied"), adapted("adapter");
  auto network = Network::load(folder_of("tied"), {});
  const AdapterConfig config = load_adapter(network, folder_of("adapter"));
  CHECK(config.rank_of("model.layers.0.self_attn.q_proj") == 2);
  CHECK(config.scale_of("model.layers.1.mlp.down_proj") == 4.5); // 9 / sqrt(4)
  CHECK(largest_difference(logits_of(network, {base.prompt}), adapted.logits) < 1e-4);
  {
    const AdapterOff off(network);
    CHECK(largest_difference(logits_of(network, {base.prompt}), base.logits) < 1e-4);
  }
  CHECK(largest_difference(logits_of(network, {base.prompt}), base.logits) > 0.1);
}

TEST_CASE("an adapter that is written reads back the same", "[model]") {
  const Reference base("tied");
  auto network = Network::load(folder_of("tied"), {});
  const AdapterConfig config = load_adapter(network, folder_of("adapter"));
  const ScratchFolder folder;
  save_adapter(network, config, folder.path());
  auto again = Network::load(folder_of("tied"), {});
  CHECK(adapter_json(load_adapter(again, folder.path())) == adapter_json(config));
  CHECK(at::equal(logits_of(again, {base.prompt}), logits_of(network, {base.prompt})));
}

TEST_CASE("a cached step with an adapter gives its logits, and a merged model the same",
          "[model]") {
  const Reference adapted("adapter");
  const ScratchFolder folder;
  const auto summary =
      merge_adapter(folder_of("tied"), folder_of("adapter"), folder.path() / "merged");
  CHECK(summary.maps > 0);
  CHECK(summary.change_max > 0);
  CHECK(summary.rounding_max == 0); // float32 files
  auto network = Network::load(folder_of("tied"), {});
  load_adapter(network, folder_of("adapter"));
  const auto merged = Network::load(folder.path() / "merged", {});
  CHECK(largest_difference(logits_of(merged, {adapted.prompt}), adapted.logits) < 1e-4);
  const auto decoder = make_decoder(network);
  (void)decoder->prefill(0, part(adapted.prompt, 0, 10));
  double worst = 0;
  for (std::size_t i = 10; i < 24; ++i) {
    const auto logits = decoder->decode(std::vector<TokenId>{adapted.prompt[i]});
    const auto expected = adapted.logits[static_cast<std::int64_t>(i)];
    for (std::size_t v = 0; v < 300; ++v)
      worst =
          std::max(worst, std::abs(static_cast<double>(
                              logits[v] - expected[static_cast<std::int64_t>(v)].item<float>())));
  }
  CHECK(worst < 1e-4);
}

TEST_CASE("a merge does not write over a model", "[model]") {
  CHECK_THROWS_AS((void)merge_adapter(folder_of("tied"), folder_of("adapter"), folder_of("untied")),
                  Error);
}

TEST_CASE("four bits are bitsandbytes' own: codes, scales, values", "[model]") {
  const Checkpoint file(folder_of("nf4"), "reference");
  const auto take = [&](const char* name) { return tensor_over(*file.find(name), file); };
  const Nf4Matrix plain = nf4_of(take("matrix"), /*nested=*/false);
  CHECK(at::equal(plain.codes, take("codes")));
  CHECK(at::equal(plain.scales, take("scales")));
  const Nf4Matrix nested = nf4_of(take("matrix"), /*nested=*/true);
  CHECK(at::equal(nested.codes, take("codes")));
  CHECK(at::equal(nested.scales, take("nested_codes")));
  CHECK(at::equal(nested.nested_scales, take("nested_scales")));
  CHECK(at::equal(dynamic_map(), take("nested_map")));
  CHECK(nested.nested_offset == take("offset").item<float>());
  CHECK(at::equal(values_of(nested, torch::kFloat32), take("values")));
}

TEST_CASE("a checkpoint in four bits gives the logits of its values", "[model]") {
  const Reference reference("nf4"), base("tied");
  const auto network = Network::load(folder_of("nf4"), {});
  CHECK(largest_difference(logits_of(network, {reference.prompt}), reference.logits) < 1e-4);
  CHECK(largest_difference(reference.logits, base.logits) > 0.1);
  Network::Options options;
  options.four_bits = true;
  const auto packed = Network::load(folder_of("nf4"), options);
  CHECK(at::equal(logits_of(packed, {reference.prompt}), logits_of(network, {reference.prompt})));
}

TEST_CASE("an adapter folds into the values that four bits stand for", "[model]") {
  const Reference reference("nf4");
  const ScratchFolder folder;
  const std::filesystem::path out = folder.path() / "merged";
  CHECK(merge_adapter(folder_of("nf4"), folder_of("adapter"), out).maps > 0);
  auto network = Network::load(folder_of("nf4"), {});
  load_adapter(network, folder_of("adapter"));
  const auto merged = Network::load(out, {});
  CHECK(largest_difference(logits_of(merged, {reference.prompt}),
                           logits_of(network, {reference.prompt})) < 1e-4);
  CHECK(read_file(out / "config.json").find("quantization_config") == std::string::npos);
}

TEST_CASE("an adapter of another model is refused", "[model]") {
  auto network = Network::load(folder_of("untied"), {});
  try {
    load_adapter(network, folder_of("adapter"));
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.text().what ==
          "tensor \"base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight\" is [16, 4]; "
          "allowed: [32, 4], by its configuration and the network");
  }
}

TEST_CASE("gradients reach a weight through the forward pass", "[model]") {
  const Reference reference("tied");
  auto network = Network::load(folder_of("tied"), {});
  std::vector<std::string> names;
  torch::Tensor weight;
  network.each_linear([&](const std::string& name, Linear& map) {
    names.push_back(name);
    if (name == "model.layers.0.self_attn.v_proj")
      weight = map.weight.requires_grad_(true);
  });
  CHECK(names.size() == 14); // 7 maps of 2 layers
  logits_of(network, {reference.prompt}).square().mean().backward();
  CHECK(weight.grad().abs().max().item<double>() > 0);
}

TEST_CASE("log-probabilities of an answer are those of the whole sequence", "[model]") {
  const Reference reference("untied");
  const auto network = Network::load(folder_of("untied"), {});
  const auto decoder = make_decoder(network);
  auto wanted = greedy(reference.prompt, 20);
  wanted.sampling = {.temperature = 0.7, .top_p = 0.8, .seed = 3};
  wanted.logprobs = true;
  const Cancel cancel;
  const auto answer = generate(*decoder, tokenizer_of_300(), {wanted}, 1, cancel)[0][0];
  auto whole = reference.prompt;
  whole.insert(whole.end(), answer.ids.begin(), answer.ids.end());
  const auto scores = (logits_of(network, {whole}) / 0.7).log_softmax(-1);
  for (std::size_t i = 0; i < answer.ids.size(); ++i) {
    const auto row = static_cast<std::int64_t>(reference.prompt.size() + i) - 1;
    CHECK(answer.logprobs[i] == Approx(scores[row][answer.ids[i]].item<double>()).margin(1e-4));
  }
}
