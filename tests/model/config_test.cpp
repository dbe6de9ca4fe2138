#include "catch.hpp"

#include "model/files.hpp"
#include "quill/core/files.hpp"
#include "quill/model/config.hpp"
#include "quill/model/weights.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::changed;
using quill::model::test::refusal;
using quill::model::test::small_config;

namespace {

std::string refused(const std::string& key, const Json& value) {
  return refusal([&] { (void)parse_shape(changed(small_config(), "/" + key, value), "c"); });
}

} // namespace

TEST_CASE("a shape is read and written back", "[model]") {
  const Shape shape = parse_shape(small_config(), "c");
  CHECK(shape.head_width == 2); // 8 / 4
  CHECK(shape.tied);
  const Shape again = parse_shape(shape_json(shape), "c");
  CHECK(shape_json(again) == shape_json(shape));
}

TEST_CASE("parameters are counted from the shape", "[model]") {
  const Shape shape = parse_shape(small_config(), "c");
  // A block: q 8·8+8, k and v 4·8+4 each, o 8·8, gate, up and down 3·8·16, two norms 16: 608.
  CHECK(shape.block_parameters() == 2 * 608 + 8);
  CHECK(shape.parameters() == 1224 + 300 * 8);
  std::int64_t elements = 0;
  for (const NamedShape& each : tensors_of(shape)) {
    std::int64_t count = 1;
    for (const auto size : each.shape)
      count *= size;
    elements += count;
  }
  CHECK(elements == shape.parameters());
}

TEST_CASE("both places of the rotary base are read", "[model]") {
  auto config = changed(small_config(), "/rope_theta", nullptr);
  config["rope_parameters"] = {{"rope_theta", 5e5}, {"rope_type", "default"}};
  CHECK(parse_shape(config, "c").rope_base == 5e5);
  CHECK(parse_shape(small_config(), "c").rope_base == 1e4);
}

TEST_CASE("a config the network cannot follow is refused with key and range", "[model]") {
  CHECK(refused("model_type", "bert") ==
        "\"model_type\" is \"bert\"; allowed: qwen2, llama, mistral|c");
  CHECK(refused("model_type", nullptr).find("model_type") != std::string::npos);
  CHECK(refused("num_hidden_layers", 0) == "\"num_hidden_layers\" is 0; allowed: 1 to 1024|c");
  CHECK(refused("num_hidden_layers", -3) == "\"num_hidden_layers\" is -3; allowed: 1 to 1024|c");
  CHECK(refused("num_hidden_layers", 1025) ==
        "\"num_hidden_layers\" is 1025; allowed: 1 to 1024|c");
  CHECK(refused("num_hidden_layers", "2").find("num_hidden_layers") != std::string::npos);
  CHECK(refused("num_hidden_layers", 1.5).find("num_hidden_layers") != std::string::npos);
  CHECK(refused("hidden_size", 1 << 21) == "\"hidden_size\" is 2097152; allowed: 1 to 1048576|c");
  CHECK(refused("hidden_size", 9) ==
        "\"hidden_size\" is 9; allowed: a multiple of \"num_attention_heads\", 4|c");
  CHECK(refused("hidden_size", 4) == "a head is 1 wide; allowed: an even width|c");
  CHECK(refused("intermediate_size", 0) == "\"intermediate_size\" is 0; allowed: 1 to 1048576|c");
  CHECK(refused("num_attention_heads", 0) ==
        "\"num_attention_heads\" is 0; allowed: 1 to 1048576|c");
  CHECK(refused("num_key_value_heads", 3) ==
        "\"num_key_value_heads\" is 3; allowed: a divisor of \"num_attention_heads\", 4|c");
  CHECK(refused("num_key_value_heads", 8) == "\"num_key_value_heads\" is 8; allowed: 1 to 4|c");
  CHECK(refused("vocab_size", 1LL << 40) ==
        "\"vocab_size\" is 1099511627776; allowed: 1 to 16777216|c");
  CHECK(refused("rms_norm_eps", 0) == "\"rms_norm_eps\" is 0; allowed: above 0, at most 1|c");
  CHECK(refused("rms_norm_eps", -1) == "\"rms_norm_eps\" is -1; allowed: above 0, at most 1|c");
  CHECK(refused("rope_theta", 0) ==
        "\"rope_theta\" is 0; allowed: above 0, at most 1000000000000|c");
  CHECK(refused("max_position_embeddings", 0) ==
        "\"max_position_embeddings\" is 0; allowed: 1 to 16777216|c");
  CHECK(refused("hidden_act", "gelu") == "\"hidden_act\" is \"gelu\"; allowed: silu|c");
  CHECK(refused("torch_dtype", "int8") ==
        "\"torch_dtype\" is \"int8\"; allowed: float32, bfloat16, float16|c");
  CHECK(refused("use_sliding_window", true) == "\"use_sliding_window\" is true; allowed: false|c");
  CHECK(refused("head_dim", 3) == "a head is 3 wide; allowed: an even width|c");
  CHECK(refused("rope_scaling", {{"type", "yarn"}}) ==
        "\"rope_scaling\" is of type \"yarn\"; allowed: default|c");
  CHECK(refused("quantization_config", Json::object()) ==
        "\"quant_method\" is \"\"; allowed: bitsandbytes|c, \"quantization_config\"");
  CHECK(
      refused("quantization_config", {{"quant_method", "bitsandbytes"}, {"load_in_8bit", true}}) ==
      "\"load_in_4bit\" is \"false\"; allowed: true|c, \"quantization_config\"");
  CHECK(refused("quantization_config", {{"quant_method", "bitsandbytes"},
                                        {"load_in_4bit", true},
                                        {"bnb_4bit_quant_type", "fp4"}}) ==
        "\"bnb_4bit_quant_type\" is \"fp4\"; allowed: nf4|c, \"quantization_config\"");
  CHECK(refusal([] { (void)parse_shape(Json::array(), "c"); }) != "");
}

TEST_CASE("end tokens are one or several, within the vocabulary", "[model]") {
  const auto ends = [](const Json& value) {
    return parse_generation_defaults({{"eos_token_id", value}}, "g", 10).end_tokens;
  };
  CHECK(ends(7) == std::vector<std::int32_t>{7});
  CHECK(ends({7, 9}) == std::vector<std::int32_t>{7, 9});
  CHECK(parse_generation_defaults(Json::object(), "g", 10).end_tokens.empty());
  CHECK(refusal([&] { ends(10); }) == "\"eos_token_id\" holds 10; allowed: 0 to 9|g");
  CHECK(refusal([&] { ends(-1); }) == "\"eos_token_id\" holds -1; allowed: 0 to 9|g");
  CHECK(refusal([&] { ends("x"); }) == "\"eos_token_id\" holds \"x\"; allowed: 0 to 9|g");
}

TEST_CASE("missing and unused tensors are listed, other shapes refused", "[model]") {
  const ScratchFolder folder;
  const Shape shape = parse_shape(small_config(), "c");
  write_random_weights(folder.path(), shape, 0.02, 1);
  CHECK(fit_of(shape, Checkpoint(folder.path())).missing.empty());
  CHECK(fit_of(shape, Checkpoint(folder.path())).unused.empty());

  Shape untied = shape;
  untied.tied = false;
  const Fit fit = fit_of(untied, Checkpoint(folder.path()));
  CHECK(fit.missing == std::vector<std::string>{"lm_head.weight"});
  CHECK(refusal([&] { require_complete(fit, "m"); }) == "1 tensors are missing: lm_head.weight|m");

  Shape shorter = shape;
  shorter.layers = 1;
  CHECK(fit_of(shorter, Checkpoint(folder.path())).unused.size() == 12); // a layer with its biases

  Shape wider = shape;
  wider.inner = 17;
  CHECK(refusal([&] { (void)fit_of(wider, Checkpoint(folder.path())); }) ==
        "tensor \"model.layers.0.mlp.gate_proj.weight\" is [16, 8]; allowed: [17, 8], as "
        "config.json says|model.safetensors");
}

TEST_CASE("the same seed writes the same bytes", "[model]") {
  const ScratchFolder one, two, other;
  const Shape shape = parse_shape(small_config(), "c");
  write_random_weights(one.path(), shape, 0.02, 7);
  write_random_weights(two.path(), shape, 0.02, 7);
  write_random_weights(other.path(), shape, 0.02, 8);
  const auto hash = [](const ScratchFolder& f) {
    return sha256_file(f.path() / "model.safetensors");
  };
  CHECK(hash(one) == hash(two));
  CHECK(hash(one) != hash(other));
}
