// adapter_config.json: what a LoRA adapter of PEFT's says about itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::model {

/// Low-rank updates W + scale · B A of linear maps (Hu et al. 2021, arXiv:2106.09685).
struct AdapterConfig {
  std::string base; ///< base_model_name_or_path, as written
  std::int64_t rank = 8;
  double alpha = 8;
  bool rank_stabilised = false; ///< scale alpha / sqrt(rank) (arXiv:2312.03732), not alpha / rank
  std::vector<std::string> targets; ///< last names of the maps: q_proj …
  /// Of maps whose name is a key or ends in ".key".
  std::map<std::string, std::int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;

  [[nodiscard]] std::int64_t rank_of(std::string_view map) const;
  [[nodiscard]] double scale_of(std::string_view map) const;
};

/// \throws Error{usage} naming the key and what is allowed; other kinds of adapters (DoRA, trained
/// biases, saved modules, regular expressions as patterns) are refused, never ignored
[[nodiscard]] AdapterConfig parse_adapter(const Json& document, const std::string& where);
[[nodiscard]] AdapterConfig read_adapter(const std::filesystem::path& folder);
/// As PEFT reads it.
[[nodiscard]] Json adapter_json(const AdapterConfig& config);

/// Names of an adapter's tensors in its file.
[[nodiscard]] std::string adapter_tensor(std::string_view map, bool is_b);

} // namespace quill::model
