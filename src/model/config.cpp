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

void refuse_other_networks(const JsonObject& config, const Shape& shape) {
  const auto& families = known_families();
  if (std::find(families.begin(), families.end(), shape.family) == families.end())
    refuse(fmt::format("\"model_type\" is \"{}\"; allowed: {}", shape.family.substr(0, 40),
                       fmt::join(families, ", ")),
           config.where(), "choose a model of a known family");
  if (const std::string act = config.text_or("hidden_act", "silu"); act != "silu")
    refuse(fmt::format("\"hidden_act\" is \"{}\"; allowed: silu", act.substr(0, 40)),
           config.where(), kCorrect);
  if (config.boolean_or("use_sliding_window", false))
    refuse("\"use_sliding_window\" is true; allowed: false", config.where(), kCorrect);
  if (given(config, "quantization_config"))
    refuse("\"quantization_config\" is set; allowed: none", config.where(),
           "take the model's unquantised files");
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
  static const std::vector<std::string> families = {"qwen2"};
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
  shape.tied = config.boolean_or("tie_word_embeddings", false);
  shape.dtype = read_dtype_name(config);
  return shape;
}

Json shape_json(const Shape& shape) {
  return {{"architectures", {"Qwen2ForCausalLM"}},
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
