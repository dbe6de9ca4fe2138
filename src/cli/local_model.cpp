#include "cli/local_model.hpp"

#include "cli/torch_rooms.hpp"
#include "quill/model/cache.hpp"
#include "quill/model/local_client.hpp"

namespace quill::cli {

bool needs_network(const llm::ModelConfig& config) {
  return config.provider == "local";
}

loop::OpenLocal open_local(const Context& context) {
  return [torch = context.torch](const llm::ModelConfig& config) {
    QUILL_CHECK(torch != nullptr, "a command that takes --provider local says so in needs_model");
    const auto folder = model::model_folder(config.model, process_sources().environment);
    auto format = model::ChatFormat::read(folder);
    return model::make_local_client(
        std::move(format), torch->open_decoder(folder, config.adapter, {}), config.concurrency);
  };
}

} // namespace quill::cli
