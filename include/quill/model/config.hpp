// What config.json and generation_config.json of a model's folder say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::model {

/// The shape of a decoder of the Llama family: pre-norm blocks of grouped-query attention with
/// rotary positions and a gated SiLU network. Letters of the axes: D hidden, F inner, H heads, K
/// heads of keys and values, C width of a head, V vocabulary, L layers.
struct Shape {
  std::string family = "qwen2"; ///< model_type in config.json: qwen2 | llama | mistral
  std::int64_t layers = 0, hidden = 0, inner = 0, heads = 0, kv_heads = 0, head_width = 0,
               vocabulary = 0;
  std::int64_t positions_max = 32'768;
  double norm_epsilon = 1e-6;
  double rope_base = 1e6;
  std::int64_t window = 0;       ///< a token sees itself and window - 1 before it; 0: all
  bool tied = false;             ///< the output matrix is the embedding
  bool attention_bias = true;    ///< of queries, keys and values
  std::string dtype = "float32"; ///< of the files: float32 | bfloat16 | float16

  /// Parameters by the shape alone; a tied matrix counts once.
  [[nodiscard]] std::int64_t parameters() const;
  /// The same of the blocks and the last norm, without embedding and output matrix.
  [[nodiscard]] std::int64_t block_parameters() const;
};

/// Families that can be loaded.
[[nodiscard]] const std::vector<std::string>& known_families();

/// \throws Error{usage} naming the key and the allowed range; what the network cannot do (other
/// activations, scaled rotary positions, sliding windows) is refused, never ignored
[[nodiscard]] Shape parse_shape(const Json& config, const std::string& where);
/// As transformers reads it.
[[nodiscard]] Json shape_json(const Shape& shape);

/// What generation_config.json adds: the tokens that end an answer.
struct GenerationDefaults {
  std::vector<std::int32_t> end_tokens;
};
/// Both files of a folder; end tokens come from generation_config.json, else from config.json.
/// \throws Error{usage}
[[nodiscard]] Shape read_shape(const std::filesystem::path& folder);
[[nodiscard]] GenerationDefaults read_generation_defaults(const std::filesystem::path& folder,
                                                          const Shape& shape);
[[nodiscard]] GenerationDefaults
parse_generation_defaults(const Json& config, const std::string& where, std::int64_t vocabulary);

} // namespace quill::model
