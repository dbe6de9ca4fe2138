// The settings "llm.*", shared by every command that asks a model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/settings.hpp"
#include "quill/llm/provider.hpp"
#include "quill/llm/wrappers.hpp"

namespace quill::llm {

struct ModelConfig {
  std::string provider = "rules";        ///< rules, or a name of the providers file
  std::string model;                     ///< default by provider; local: the model's folder
  std::filesystem::path adapter;         ///< local: folder of a LoRA adapter; "" = none
  std::string base_url;                  ///< default by provider
  std::filesystem::path providers;       ///< default: the shipped file
  bool stream = false;                   ///< answers word by word
  std::int64_t context_tokens = 16384;   ///< ollama's num_ctx
  std::string json_answers = "provider"; ///< provider | none | object | schema
  std::filesystem::path prompts;  ///< folder whose prompt files stand before the shipped ones
  double request_timeout_s = 120; ///< one request, from first to last byte
  std::int64_t concurrency = 8;   ///< requests in flight
  std::optional<std::int64_t> requests_per_minute, tokens_per_minute;
  std::optional<double> budget_usd;
  std::optional<std::int64_t> budget_tokens, budget_calls;
  std::filesystem::path tape; ///< folder of a recorded run: what it holds is not asked again

  void fields(FieldList& list);
  /// `others`: what the command knows beside the providers of the file ("rules").
  /// \throws Error{usage} on an unknown provider, naming the nearest
  void check(const std::vector<std::string>& others) const;
  [[nodiscard]] Pace pace() const;
  [[nodiscard]] Budget budget() const;
  /// The prompt `name` ("optimise.md"): the user's, else the shipped one.
  [[nodiscard]] std::filesystem::path prompt_file(std::string_view name) const;
  /// The prompt for a fast query: optimise.md, and slow_to_fast.md for a local model, because what
  /// is exported for training asks in its words.
  [[nodiscard]] std::filesystem::path proposing_prompt() const;
};

/// Where keys come from, and where the base URL did: one from a project file never gets a key.
struct KeyRing {
  std::function<std::optional<std::string>(std::string_view)> secret; ///< Settings::secret
  Layer base_url_layer = Layer::preset;
};

/// Address, model and key to use.
struct Access {
  Endpoint endpoint;
  std::string model;
};
/// \throws Error{usage} when the provider wants a key and there is none it may have, no model is
/// named, or a budget in USD is set for a model whose price is not known
[[nodiscard]] Access resolve_access(const ModelConfig& config, const KeyRing& keys,
                                    const Provider& provider);

} // namespace quill::llm
