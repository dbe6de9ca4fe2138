// quill model pull — a model from the Hub into the cache.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hub_access.hpp"
#include "quill/hub/pull.hpp"

namespace quill::cli {

namespace {

struct ModelPullConfig {
  std::string model;
  void fields(FieldList& list) {
    list.add_positional("model", &model, "ORG/NAME, or ORG/NAME@REVISION").needed();
  }
};

Exit run_model_pull(Context& context, const ModelPullConfig& config) {
  const auto id = hub_id(config.model);
  const auto http = make_http_client();
  const hub::PullSummary summary = [&] {
    std::unique_ptr<Progress> progress;
    return hub::pull(id, hub_endpoint(context), model::hub_cache(process_sources().environment),
                     *http, context.cancel, [&](std::int64_t done, std::int64_t total) {
                       if (progress == nullptr)
                         progress = std::make_unique<Progress>(context.progress, "bytes", total);
                       progress->advance(done);
                     });
  }();
  context.out.result(to_json(summary), fmt::format("{}\n{} files, {} bytes, {} of them fetched\n",
                                                   summary.folder.string(), summary.files,
                                                   summary.bytes, summary.fetched_bytes));
  return Exit::ok;
}

} // namespace

Command model_pull_command() {
  auto config = std::make_shared<ModelPullConfig>();
  return {
      .name = "model pull",
      .group = "models",
      .summary = "fetch a model from the Hugging Face Hub into its cache",
      .details =
          "Fetches what Quill reads: configuration, tokenizer, safetensors. What is there is not "
          "fetched again, what was cut goes on, every hash is checked. ORG/NAME then works "
          "wherever "
          "a model's folder does. HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_TOKEN count, and the "
          "cache is the one that the Hub's own tools use.\nJSON: {\"folder\", \"commit\", "
          "\"files\", \"bytes\", \"fetched_bytes\"}.",
      .examples = {"quill model pull Qwen/Qwen2.5-0.5B-Instruct"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_model_pull(context, *config); },
  };
}

} // namespace quill::cli
