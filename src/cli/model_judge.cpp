#include "cli/model_judge.hpp"

#include "cli/local_model.hpp"

namespace quill::cli {

namespace {

loop::Model prepared(const llm::ModelConfig& config, const Context& context) {
  if (config.provider == "rules")
    throw Error{Exit::usage,
                {.what = "no model is there to judge readability",
                 .where = "--judge llm",
                 .fix = "name one with --provider, or use --judge offline"}};
  config.check({"local", "replay"});
  return loop::prepare_model(
      config, {.secret = [&](std::string_view name) { return context.settings.secret(name); },
               .base_url_layer = context.settings.origin("llm.base_url").layer});
}

} // namespace

ModelJudge::ModelJudge(const llm::ModelConfig& config, const Context& context)
    : http_(make_http_client()), model_(prepared(config, context)),
      prompt_(judge::load_readability_prompt(config.prompt_file("judge.md"))),
      cancel_(context.cancel) {
  if (model_.is_local())
    model_.local = open_local(context)(config);
  loop::connect(model_, config, nullptr, *http_, system_clock(), 0);
}

judge::ModelOpinion ModelJudge::opinion(std::string_view before, std::string_view after) const {
  return judge::model_readability({.client = *model_.client,
                                   .model = model_.access.model,
                                   .json = model_.access.endpoint.json,
                                   .prompt = prompt_},
                                  before, after, cancel_);
}

} // namespace quill::cli
