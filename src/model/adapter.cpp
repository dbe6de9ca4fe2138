#include "quill/model/adapter.hpp"

#include <cmath>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "model/whole_number.hpp"
#include "quill/core/files.hpp"

namespace quill::model {

namespace {

constexpr std::int64_t kRankMax = 65'536;
constexpr double kAlphaMax = 1e9;
constexpr const char* kOther = "take a plain LoRA adapter, or merge this one with PEFT first";

[[noreturn]] void refuse_value(const JsonObject& object, std::string_view key,
                               std::string_view allowed) {
  refuse(fmt::format("\"{}\" is {}; allowed: {}", key, dump_json(object.at(key)).substr(0, 80),
                     allowed),
         object.where(), kOther);
}

bool is_set(const JsonObject& object, std::string_view key) {
  if (!object.has(key))
    return false;
  const Json& value = object.at(key);
  return !(value.is_null() || value == false || value == Json("") || value.empty());
}

/// Settings that change what the adapter does.
void refuse_other_kinds(const JsonObject& config) {
  if (config.text("peft_type") != "LORA")
    refuse_value(config, "peft_type", "LORA");
  if (config.text_or("bias", "none") != "none")
    refuse_value(config, "bias", "none");
  for (const char* key :
       {"use_dora", "fan_in_fan_out", "lora_bias", "modules_to_save", "target_parameters",
        "trainable_token_indices", "layer_replication", "alora_invocation_tokens", "use_qalora",
        "use_bdlora", "arrow_config", "kasa_config", "monteclora_config"})
    if (is_set(config, key))
      refuse_value(config, key, "null, false or empty");
}

std::int64_t read_rank(const JsonObject& object, std::string_view key) {
  const auto rank = whole_number(object.at(key), kRankMax);
  if (!rank || *rank == 0)
    refuse_value(object, key, fmt::format("1 to {}", kRankMax));
  return *rank;
}

double read_alpha(const JsonObject& object, std::string_view key) {
  const double alpha = object.number(key);
  if (!(alpha > 0) || alpha > kAlphaMax)
    refuse_value(object, key, fmt::format("above 0, at most {}", kAlphaMax));
  return alpha;
}

/// Calls `read` with each key of a pattern, which must be a name and no regular expression.
template <class Read> void read_pattern(const JsonObject& config, std::string_view key, Read read) {
  if (!is_set(config, key))
    return;
  const JsonObject pattern(config.at(key), fmt::format("{}, \"{}\"", config.where(), key));
  for (const auto& [name, value] : config.at(key).items()) {
    if (name.empty() || name.find_first_of("^$*+?()[]{}|\\") != std::string::npos)
      refuse(fmt::format("\"{}\" is a pattern; allowed: names of maps", name.substr(0, 80)),
             pattern.where(), kOther);
    read(name, pattern);
  }
}

template <class Value>
Value of_map(const std::map<std::string, Value>& pattern, std::string_view map, Value fallback) {
  for (const auto& [name, value] : pattern)
    if (map == name || map.ends_with("." + name))
      return value;
  return fallback;
}

} // namespace

std::int64_t AdapterConfig::rank_of(std::string_view map) const {
  return of_map(rank_pattern, map, rank);
}

double AdapterConfig::scale_of(std::string_view map) const {
  const auto divisor = static_cast<double>(rank_of(map));
  return of_map(alpha_pattern, map, alpha) / (rank_stabilised ? std::sqrt(divisor) : divisor);
}

AdapterConfig parse_adapter(const Json& document, const std::string& where) {
  const JsonObject config(document, where);
  refuse_other_kinds(config);
  AdapterConfig adapter;
  if (is_set(config, "base_model_name_or_path"))
    adapter.base = config.text("base_model_name_or_path");
  adapter.rank = read_rank(config, "r");
  adapter.alpha = read_alpha(config, "lora_alpha");
  adapter.rank_stabilised = config.boolean_or("use_rslora", false);
  if (is_set(config, "target_modules") && config.at("target_modules").is_array())
    adapter.targets = config.texts_or_empty("target_modules");
  read_pattern(config, "rank_pattern", [&](const std::string& name, const JsonObject& pattern) {
    adapter.rank_pattern[name] = read_rank(pattern, name);
  });
  read_pattern(config, "alpha_pattern", [&](const std::string& name, const JsonObject& pattern) {
    adapter.alpha_pattern[name] = read_alpha(pattern, name);
  });
  return adapter;
}

AdapterConfig read_adapter(const std::filesystem::path& folder) {
  const auto path = folder / "adapter_config.json";
  return parse_adapter(parse_json(read_file(path), path.string()), path.string());
}

Json adapter_json(const AdapterConfig& config) {
  return {{"peft_type", "LORA"},
          {"task_type", "CAUSAL_LM"},
          {"base_model_name_or_path", config.base},
          {"r", config.rank},
          {"lora_alpha", config.alpha},
          {"lora_dropout", 0.0},
          {"bias", "none"},
          {"use_rslora", config.rank_stabilised},
          {"use_dora", false},
          {"fan_in_fan_out", false},
          {"inference_mode", true},
          {"init_lora_weights", true},
          {"target_modules", config.targets},
          {"rank_pattern", Json(config.rank_pattern)},
          {"alpha_pattern", Json(config.alpha_pattern)},
          {"modules_to_save", nullptr}};
}

std::string adapter_tensor(std::string_view map, bool is_b) {
  return fmt::format("base_model.model.{}.lora_{}.weight", map, is_b ? "B" : "A");
}

} // namespace quill::model
