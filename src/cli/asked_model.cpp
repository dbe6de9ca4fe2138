#include "cli/asked_model.hpp"

#include <fmt/format.h>

#include "cli/local_model.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

AskedModel::AskedModel(const llm::ModelConfig& config, const Context& context) {
  prepare(config, context);
  if (config.provider != "rules")
    connect(config);
}

AskedModel::AskedModel(const llm::ModelConfig& config, const Context& context,
                       const std::filesystem::path& folder,
                       const std::vector<std::filesystem::path>& others) {
  prepare(config, context);
  if (config.provider == "rules")
    return;
  run_ = std::make_unique<store::Run>(folder, store::Run::Start::resume);
  run_->begin({.config = loop::settings_of(model_),
               .command_line = context.command_line,
               .version = QUILL_VERSION});
  connect(config);
  const auto wrap = [&](llm::Tape& tape) {
    taped_.push_back(llm::with_tape(access_.client, tape, model_.access.endpoint.api));
    access_.client = taped_.back().get();
  };
  tape_ = store::tape_of(*run_);
  wrap(*tape_);
  for (const auto& other : others)
    try {
      others_.push_back(store::open_recording(other));
      wrap(*others_.back().tape);
    } catch (const Error& error) { // of a part that begins at this moment, and has no answer yet
      log_debug(fmt::format("left out: {}", error.what()));
    }
  // A question is in flight until its answer is on disk: a kill costs no more than these.
  taped_.push_back(
      llm::with_throttle(*access_.client, system_clock(), {.in_flight_max = config.concurrency}));
  access_.client = taped_.back().get();
}

void AskedModel::prepare(const llm::ModelConfig& config, const Context& context) {
  config.check({"rules", "local", "replay"});
  if (config.provider == "rules")
    return;
  http_ = make_http_client();
  model_ = loop::prepare_model(
      config, {.secret = [&](std::string_view name) { return context.settings.secret(name); },
               .base_url_layer = context.settings.origin("llm.base_url").layer});
  if (model_.is_local())
    model_.local = open_local(context)(config);
}

void AskedModel::connect(const llm::ModelConfig& config) {
  loop::connect(model_, config, run_.get(), *http_, system_clock(), 0);
  access_ = {.client = model_.client.get(),
             .provider = model_.name,
             .model = model_.access.model,
             .json = model_.access.endpoint.json,
             .concurrency = config.concurrency};
}

} // namespace quill::cli
