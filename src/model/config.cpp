#include "quill/model/config.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/refuse.hpp"
#include "model/whole_number.hpp"
#include "quill/core/files.hpp"

namespace quill::model {

namespace {

constexpr const char* kCorrect = "correct config.json, or choose a model of another shape";
constexpr std::int64_t kWidthMax = 1 << 20;
constexpr std::int64_t kLayersMax = 1024;
constexpr std::int64_t kVocabularyMax = 1 << 24;
constexpr std::int64_t kPositionsMax = 1 << 24;

std::int64_t ranged(const JsonObject& config, std::string_view key, std::int64_t value,
                    std::int64_t high) {
  if (value < 1 || value > high)
    refuse(fmt::format("\"{}\" is {}; allowed: 1 to {}", key, value, high), config.where(),
           kCorrect);
  return value;
}

std::int64_t needed(const JsonObject& config, std::string_view key, std::int64_t high) {
  return ranged(config, key, config.integer(key), high);
}

double positive(const JsonObject& config, std::string_view key, double fallback, double high) {
  const double value = config.has(key) ? config.number(key) : fallback;
  if (!(value > 0) || value > high)
    refuse(fmt::format("\"{}\" is {}; allowed: above 0, at most {}", key, value, high),
           config.where(), kCorrect);
  return value;
}

bool given(const JsonObject& config, std::string_view key) {
  return config.has(key) && !config.at(key).is_null();
}

/// The rotary settings: rope_theta beside rope_scaling, or both in rope_parameters.
double read_rope_base(const JsonObject& config) {
  constexpr double kBaseMax = 1e12;
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    if (!given(config, key))
      continue;
    const JsonObject rope(config.at(key), fmt::format("{}, \"{}\"", config.where(), key));
    const std::string type = rope.text_or("rope_type", rope.text_or("type", "default"));
    if (type != "default")
      refuse(fmt::format("\"{}\" is of type \"{}\"; allowed: default", key, type.substr(0, 40)),
             config.where(), "set it to null: positions up to max_position_embeddings are exact");
    if (rope.has("rope_theta"))
      return positive(rope, "rope_theta", 0, kBaseMax);
  }
  constexpr double kDefault = 10'000; // what transformers takes when the key is absent
  return positive(config, "rope_theta", kDefault, kBaseMax);
}

/// NF4 as bitsandbytes writes it, and nothing else.
void refuse_other_quantisation(const JsonObject& config) {
  const auto refuse_value = [&](const char* key, const std::string& value, const char* allowed) {
    refuse(fmt::format("\"{}\" is \"{}\"; allowed: {}", key, value.substr(0, 40), allowed),
           config.where(), "take the model's unquantised files");
  };
  if (const auto method = config.text_or("quant_method", ""); method != "bitsandbytes")
    refuse_value("quant_method", method, "bitsandbytes");
  if (!config.boolean_or("load_in_4bit", false))
    refuse_value("load_in_4bit", "false", "true");
  if (const auto type = config.text_or("bnb_4bit_quant_type", ""); type != "nf4")
    refuse_value("bnb_4bit_quant_type", type, "nf4");
  if (const auto storage = config.text_or("bnb_4bit_quant_storage", "uint8"); storage != "uint8")
    refuse_value("bnb_4bit_quant_storage", storage, "uint8");
}

void refuse_other_networks(const JsonObject& config, const Shape& shape) {
  const auto& families = known_families();
  if (std::find(families.begin(), families.end(), shape.family) == families.end())
    refuse(fmt::format("\"model_type\" is \"{}\"; allowed: {}", shape.family.substr(0, 40),
                       fmt::join(families, ", ")),
           config.where(), "choose a model of a known family");
  if (const std::string act = config.text_or("hidden_act", "silu"); act != "silu")
    refuse(fmt::format("\"hidden_act\" is \"{}\"; allowed: silu", act.substr(0, 40)),
           config.where(), kCorrect);
  for (const char* key : {"use_sliding_window", "mlp_bias"})
    if (config.boolean_or(key, false))
      refuse(fmt::format("\"{}\" is true; allowed: false", key), config.where(), kCorrect);
  if (shape.family != "qwen2" && config.boolean_or("attention_bias", false))
    refuse("\"attention_bias\" is true; allowed: false", config.where(), kCorrect);
  if (given(config, "quantization_config"))
    refuse_other_quantisation(
        JsonObject(config.at("quantization_config"), config.where() + ", \"quantization_config\""));
}

void check_heads(const JsonObject& config, const Shape& shape) {
  if (shape.heads % shape.kv_heads != 0)
    refuse(fmt::format("\"num_key_value_heads\" is {}; allowed: a divisor of "
                       "\"num_attention_heads\", {}",
                       shape.kv_heads, shape.heads),
           config.where(), kCorrect);
  if (shape.head_width % 2 != 0)
    refuse(fmt::format("a head is {} wide; allowed: an even width", shape.head_width),
           config.where(), kCorrect);
}

std::int64_t read_head_width(const JsonObject& config, const Shape& shape) {
  if (given(config, "head_dim"))
    return needed(config, "head_dim", kWidthMax);
  if (shape.hidden % shape.heads != 0)
    refuse(fmt::format("\"hidden_size\" is {}; allowed: a multiple of \"num_attention_heads\", {}",
                       shape.hidden, shape.heads),
           config.where(), kCorrect);
  return shape.hidden / shape.heads;
}

std::string read_dtype_name(const JsonObject& config) {
  const char* key = given(config, "dtype") ? "dtype" : "torch_dtype";
  const std::string name = given(config, key) ? config.text(key) : "float32";
  if (name != "float32" && name != "bfloat16" && name != "float16")
    refuse(fmt::format("\"{}\" is \"{}\"; allowed: float32, bfloat16, float16", key,
                       name.substr(0, 40)),
           config.where(), kCorrect);
  return name;
}

} // namespace

const std::vector<std::string>& known_families() {
  static const std::vector<std::string> families = {"qwen2", "llama", "mistral"};
  return families;
}

Shape parse_shape(const Json& document, const std::string& where) {
  const JsonObject config(document, where);
  Shape shape;
  shape.family = config.text("model_type");
  refuse_other_networks(config, shape);
  shape.layers = needed(config, "num_hidden_layers", kLayersMax);
  shape.hidden = needed(config, "hidden_size", kWidthMax);
  shape.inner = needed(config, "intermediate_size", kWidthMax);
  shape.heads = needed(config, "num_attention_heads", kWidthMax);
  shape.kv_heads = ranged(config, "num_key_value_heads",
                          config.integer_or("num_key_value_heads", shape.heads), shape.heads);
  shape.head_width = read_head_width(config, shape);
  check_heads(config, shape);
  shape.vocabulary = needed(config, "vocab_size", kVocabularyMax);
  shape.positions_max =
      ranged(config, "max_position_embeddings",
             config.integer_or("max_position_embeddings", shape.positions_max), kPositionsMax);
  shape.norm_epsilon = positive(config, "rms_norm_eps", shape.norm_epsilon, 1);
  shape.rope_base = read_rope_base(config);
  shape.attention_bias = shape.family == "qwen2";
  if (shape.family == "mistral" && given(config, "sliding_window"))
    shape.window = needed(config, "sliding_window", kPositionsMax);
  shape.tied = config.boolean_or("tie_word_embeddings", false);
  shape.dtype = read_dtype_name(config);
  return shape;
}

namespace {

const char* architecture_of(std::string_view family) {
  if (family == "llama")
    return "LlamaForCausalLM";
  return family == "mistral" ? "MistralForCausalLM" : "Qwen2ForCausalLM";
}

} // namespace

Json shape_json(const Shape& shape) {
  return {{"architectures", {architecture_of(shape.family)}},
          {"model_type", shape.family},
          {"num_hidden_layers", shape.layers},
          {"hidden_size", shape.hidden},
          {"intermediate_size", shape.inner},
          {"num_attention_heads", shape.heads},
          {"num_key_value_heads", shape.kv_heads},
          {"head_dim", shape.head_width},
          {"vocab_size", shape.vocabulary},
          {"max_position_embeddings", shape.positions_max},
          {"rms_norm_eps", shape.norm_epsilon},
          {"rope_theta", shape.rope_base},
          {"hidden_act", "silu"},
          {"attention_dropout", 0.0},
          {"use_sliding_window", false},
          {"sliding_window", shape.window > 0 ? Json(shape.window) : Json(nullptr)},
          {"tie_word_embeddings", shape.tied},
          {"torch_dtype", shape.dtype}};
}

std::int64_t Shape::block_parameters() const {
  const std::int64_t queries = heads * head_width, keys = kv_heads * head_width;
  const std::int64_t biases = attention_bias ? queries + 2 * keys : 0;
  const std::int64_t attention = hidden * (queries + 2 * keys) + queries * hidden + biases;
  return layers * (attention + 3 * hidden * inner + 2 * hidden) + hidden;
}

std::int64_t Shape::parameters() const {
  return block_parameters() + (tied ? 1 : 2) * vocabulary * hidden;
}

GenerationDefaults parse_generation_defaults(const Json& document, const std::string& where,
                                             std::int64_t vocabulary) {
  const JsonObject config(document, where);
  GenerationDefaults defaults;
  if (!given(config, "eos_token_id"))
    return defaults;
  const Json& ends = config.at("eos_token_id");
  for (const Json& each : ends.is_array() ? ends : Json::array({ends})) {
    const auto id = whole_number(each, vocabulary - 1);
    if (!id)
      refuse(fmt::format("\"eos_token_id\" holds {}; allowed: 0 to {}",
                         dump_json(each).substr(0, 80), vocabulary - 1),
             where, kCorrect);
    defaults.end_tokens.push_back(static_cast<std::int32_t>(*id));
  }
  return defaults;
}

namespace {

Json read_document(const std::filesystem::path& path) {
  constexpr std::uint64_t kBytesMax = 1U << 20U;
  return parse_json(read_file(path, kBytesMax), path.string());
}

} // namespace

Shape read_shape(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  return parse_shape(read_document(path), path.string());
}

GenerationDefaults read_generation_defaults(const std::filesystem::path& folder,
                                            const Shape& shape) {
  const auto own = folder / "generation_config.json";
  const auto path = std::filesystem::exists(own) ? own : folder / "config.json";
  return parse_generation_defaults(read_document(path), path.string(), shape.vocabulary);
}

} // namespace quill::model
