// quill model info — what a model's folder holds.
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/config.hpp"
#include "quill/model/tokenizer.hpp"
#include "quill/model/weights.hpp"

namespace quill::cli {

namespace {

struct ModelInfoConfig {
  std::filesystem::path model;
  void fields(FieldList& list) { list.add("model", &model, "folder of the model").needed(); }
};

Json tokenizer_json(const model::Tokenizer& tokenizer) {
  return {{"size", tokenizer.size()}, {"merges", tokenizer.merges()}, {"added", tokenizer.added()}};
}

/// The template's name, or null with the reason it is not known.
Json template_json(const std::filesystem::path& folder) {
  try {
    return {{"name", model::ChatTemplate::read(folder).name()}};
  } catch (const Error& error) {
    return {{"name", nullptr}, {"reason", error.text().what}};
  }
}

std::string info_text(const Json& info) {
  std::string text;
  for (const auto& [key, value] : info.items())
    text += fmt::format("{:18}{}\n", key,
                        value.is_string() ? value.get<std::string>() : dump_json(value));
  return text;
}

Exit run_model_info(Context& context, const ModelInfoConfig& config) {
  const model::Shape shape = model::read_shape(config.model);
  const model::Checkpoint checkpoint(config.model);
  const model::Fit fit = model::fit_of(shape, checkpoint);
  std::uint64_t bytes = 0;
  for (const auto& [name, tensor] : checkpoint.tensors())
    bytes += tensor.bytes.size();
  Json info = model::shape_json(shape);
  info["parameters"] = shape.parameters();
  info["parameters_without_embeddings"] = shape.block_parameters();
  info["tensors"] = checkpoint.tensors().size();
  info["tensor_bytes"] = bytes;
  info["missing"] = fit.missing;
  info["unused"] = fit.unused;
  info["end_tokens"] = model::read_generation_defaults(config.model, shape).end_tokens;
  info["tokenizer"] = tokenizer_json(model::Tokenizer::read(config.model));
  info["chat_template"] = template_json(config.model);
  context.out.result(info, info_text(info));
  return fit.missing.empty() ? Exit::ok : Exit::negative;
}

} // namespace

Command model_info_command() {
  auto config = std::make_shared<ModelInfoConfig>();
  return {
      .name = "model info",
      .group = "models",
      .summary = "shape, tensors, tokenizer and chat template of a model",
      .details =
          "Reads the headers, not the weights. JSON: the keys of config.json that matter, "
          "\"parameters\", \"parameters_without_embeddings\", \"tensors\", \"tensor_bytes\", "
          "\"missing\", \"unused\", \"end_tokens\", \"tokenizer\", \"chat_template\".\nExit code 1 "
          "when a tensor is missing.",
      .examples = {"quill model info --model DIR"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_model_info(context, *config); },
  };
}

} // namespace quill::cli
