#include "cli/hub_access.hpp"

#include <array>
#include <memory>

#include <fmt/format.h>

#include "quill/hub/card.hpp"
#include "quill/model/adapter.hpp"
#include "quill/model/config.hpp"
#include "quill/train/figures.hpp"

namespace quill::cli {

namespace {

namespace fs = std::filesystem;

/// A base that is a folder of this machine is nobody else's business.
std::string public_name(const std::string& base) {
  return model::parse_model_id(base) && !fs::exists(base) ? base : "";
}

void tell_folder(const fs::path& folder, hub::CardFacts& facts) {
  if (fs::exists(folder / "adapter_config.json")) {
    const model::AdapterConfig adapter = model::read_adapter(folder);
    facts.adapter = true;
    facts.base = public_name(adapter.base);
    return;
  }
  const model::Shape shape = model::read_shape(folder);
  facts.family = shape.family;
  facts.parameters = shape.parameters();
}

/// Settings that say how a model was trained and nothing about the machine.
void tell_settings(const Json& settings, hub::CardFacts& facts) {
  constexpr std::array kTold = {"method",  "rank",   "alpha",       "learning_rate", "schedule",
                                "batch",   "epochs", "steps",       "loss",          "beta",
                                "seed",    "group",  "generations", "temperature",   "max_length",
                                "packing", "order",  "loss_on",     "accumulate"};
  if (!settings.is_object())
    return;
  if (settings.contains("model") && settings["model"].is_string() && facts.base.empty())
    facts.base = public_name(settings["model"].get<std::string>());
  for (const char* name : kTold)
    if (const auto found = settings.find(name);
        found != settings.end() && !found->is_null() && *found != Json(""))
      facts.settings.emplace_back(name, found->is_string() ? found->get<std::string>()
                                                           : dump_json(*found));
}

void tell_run(const fs::path& run, hub::CardFacts& facts) {
  const train::Figures figures = train::read_figures(run);
  tell_settings(figures.settings, facts);
  if (figures.steps.empty())
    return;
  facts.figures.emplace_back("step", dump_json(figures.steps.back().at("step")));
  for (const std::string& name : figures.names()) {
    std::string last;
    for (const Json& line : figures.steps)
      if (const auto found = line.find(name); found != line.end() && found->is_number())
        last = fmt::format("{:.6g}", found->get<double>());
    facts.figures.emplace_back(name, last);
  }
}

/// The run whose folder this is part of: OUT/adapter, OUT/model, OUT/merged.
fs::path run_of(const fs::path& folder) {
  const fs::path parent = fs::weakly_canonical(folder).parent_path();
  return train::is_training_run(parent) ? parent : fs::path();
}

} // namespace

hub::Endpoint hub_endpoint(const Context& context) {
  const auto environment = process_sources().environment;
  hub::Endpoint endpoint;
  if (const auto given = environment.find("HF_ENDPOINT");
      given != environment.end() && !given->second.empty())
    endpoint.url = given->second;
  endpoint.token = context.settings.secret("HF_TOKEN").value_or("");
  return endpoint;
}

model::ModelId hub_id(const std::string& text) {
  const auto id = model::parse_model_id(text);
  if (!id)
    throw Error{Exit::usage,
                {.what = fmt::format("\"{}\" is no model of the Hub", text),
                 .where = "command line",
                 .fix = "write ORG/NAME, for example Qwen/Qwen2.5-0.5B-Instruct"}};
  return *id;
}

std::string card_of(const fs::path& folder, const model::ModelId& id) {
  hub::CardFacts facts{.title = id.name.substr(id.name.find('/') + 1)};
  tell_folder(folder, facts);
  if (const fs::path run = run_of(folder); !run.empty())
    tell_run(run, facts);
  return hub::model_card(facts);
}

hub::PushSummary push_folder(const Context& context, const fs::path& folder,
                             const hub::PushTarget& target) {
  const auto files = hub::files_to_push(folder, card_of(folder, target.repository));
  const auto http = make_http_client();
  std::unique_ptr<Progress> progress;
  return hub::push(files, target, hub_endpoint(context), *http, context.cancel,
                   [&](std::int64_t done, std::int64_t total) {
                     if (progress == nullptr)
                       progress = std::make_unique<Progress>(context.progress, "bytes", total);
                     progress->advance(done);
                   });
}

} // namespace quill::cli
