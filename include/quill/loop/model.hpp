// A model: from its settings to a client that answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "quill/core/clock.hpp"
#include "quill/core/http.hpp"
#include "quill/llm/config.hpp"
#include "quill/store/tape.hpp"

namespace quill::loop {

struct Model {
  std::string name; ///< of the provider: "openai", "replay"
  llm::Provider provider;
  llm::Access access;
  std::optional<store::Recording> recording; ///< --tape
  /// A model of this machine, which the caller opens before connect(); null for the others.
  std::unique_ptr<llm::Client> local;
  std::unique_ptr<llm::Client> stack, client; ///< after connect(); `client` is to be asked
  [[nodiscard]] bool replays() const { return name == "replay"; }
  [[nodiscard]] bool is_local() const { return name == "local"; }
};

/// Opens the model of these settings in this process (--provider local).
using OpenLocal = std::function<std::unique_ptr<llm::Client>(const llm::ModelConfig& config)>;

/// Checks settings, key and tape; sends nothing. \throws Error{usage}
[[nodiscard]] Model prepare_model(const llm::ModelConfig& config, const llm::KeyRing& keys);

/// What a resume must find again of a model.
[[nodiscard]] Json settings_of(const Model& model);

/// What a usage of it costs.
[[nodiscard]] llm::CostFunction cost_of(const Model& model);

/// Makes the clients. What `run` holds already counts as spent, and failed attempts go on its
/// record; nullptr for a command without a run. All must outlive the model.
void connect(Model& model, const llm::ModelConfig& config, store::Run* run, HttpClient& http,
             Clock& clock, std::uint64_t jitter_seed);

} // namespace quill::loop
