#include "catch.hpp"

#include "model/files.hpp"
#include "quill/model/adapter.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::changed;
using quill::model::test::refusal;

namespace {

Json lora() {
  return {{"peft_type", "LORA"}, {"r", 8}, {"lora_alpha", 16}, {"target_modules", {"q_proj"}}};
}
std::string refused(const std::string& key, const Json& value) {
  return refusal([&] { (void)parse_adapter(changed(lora(), "/" + key, value), "a"); });
}

} // namespace

TEST_CASE("scales follow rank, alpha and their patterns", "[model]") {
  const AdapterConfig plain = parse_adapter(lora(), "a");
  CHECK(plain.scale_of("model.layers.0.self_attn.q_proj") == 2); // 16 / 8
  auto document = lora();
  document["use_rslora"] = true;
  document["rank_pattern"] = {{"q_proj", 4}, {"layers.1.mlp.up_proj", 2}};
  document["alpha_pattern"] = {{"layers.1.mlp.up_proj", 6}};
  const AdapterConfig other = parse_adapter(document, "a");
  CHECK(other.scale_of("model.layers.0.self_attn.q_proj") == 8); // 16 / sqrt(4)
  CHECK(other.rank_of("model.layers.1.mlp.up_proj") == 2);
  CHECK(other.rank_of("model.layers.11.mlp.up_proj") == 8);
  CHECK(other.rank_of("model.layers.0.self_attn.kq_proj") == 8);
  CHECK(adapter_json(parse_adapter(adapter_json(other), "a")) == adapter_json(other));
}

TEST_CASE("adapters that do something else are refused with the key", "[model]") {
  CHECK(refused("peft_type", "IA3") == "\"peft_type\" is \"IA3\"; allowed: LORA|a");
  CHECK(refused("use_dora", true) == "\"use_dora\" is true; allowed: null, false or empty|a");
  CHECK(refused("bias", "all") == "\"bias\" is \"all\"; allowed: none|a");
  CHECK(refused("modules_to_save", {"lm_head"}) ==
        "\"modules_to_save\" is [\"lm_head\"]; allowed: null, false or empty|a");
  CHECK(refused("r", 0) == "\"r\" is 0; allowed: 1 to 65536|a");
  CHECK(refused("r", -4) == "\"r\" is -4; allowed: 1 to 65536|a");
  CHECK(refused("r", nullptr).find("\"r\"") != std::string::npos);
  CHECK(refused("lora_alpha", 0) == "\"lora_alpha\" is 0; allowed: above 0, at most 1000000000|a");
  CHECK(refused("rank_pattern", {{".*q_proj", 4}}) ==
        "\".*q_proj\" is a pattern; allowed: names of maps|a, \"rank_pattern\"");
  CHECK(refused("rank_pattern", {{"q_proj", 0}}) ==
        "\"q_proj\" is 0; allowed: 1 to 65536|a, \"rank_pattern\"");
  CHECK(refused("fan_in_fan_out", true).starts_with("\"fan_in_fan_out\" is true"));
}
