// quill merge — an adapter folded into its base.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"

namespace quill::cli {

namespace {

struct MergeConfig {
  std::filesystem::path model, adapter, out;

  void fields(FieldList& list) {
    list.add("model", &model, "folder of the base").needed();
    list.add("adapter", &adapter, "folder of the LoRA adapter").needed();
    list.add("out", &out, "folder to write").needed();
  }
};

Exit run_merge(Context& context, const MergeConfig& config) {
  const model::MergeSummary summary =
      context.torch->merge(config.model, config.adapter, config.out);
  context.out.result({{"out", summary.out.string()},
                      {"maps", summary.maps},
                      {"change_max", summary.change_max},
                      {"rounding_max", summary.rounding_max}},
                     fmt::format("{}: {} maps merged, weights moved by at most {:.3g}, rounded by "
                                 "at most {:.3g}\n",
                                 summary.out.string(), summary.maps, summary.change_max,
                                 summary.rounding_max));
  return Exit::ok;
}

} // namespace

Command merge_command() {
  auto config = std::make_shared<MergeConfig>();
  return {
      .name = "merge",
      .group = "models",
      .summary = "fold a LoRA adapter into its base: a plain checkpoint",
      .details =
          "Writes one model.safetensors with W + scale B A, calculated in float32 and kept in the "
          "type of the base's files, beside copies of its configuration and tokenizer. Says how "
          "far the weights moved and what rounding to that type cost.\nJSON: {\"out\", \"maps\", "
          "\"change_max\", \"rounding_max\"}.",
      .examples = {"quill merge --model DIR --adapter ADAPTER --out merged"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_merge(context, *config); },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
