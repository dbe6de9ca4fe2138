// quill train dpo — a model learns which of two answers is better.
#include <memory>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "cli/training.hpp"

namespace quill::cli {

Command train_dpo_command() {
  auto config = std::make_shared<Training<train::DpoConfig>>();
  return {
      .name = "train dpo",
      .group = "models",
      .summary = "train a model on pairs of a better and a worse answer",
      .details = "A line of data: {\"prompt\", \"chosen\", \"rejected\"}, lists of messages or "
                 "texts. The reference is the model as training begins.\nJSON: as train sft.",
      .examples = {"quill export --stage stage1 --format dpo",
                   "quill train dpo --model DIR --data finetuning_datasets/dpo_format.jsonl --out "
                   "runs/dpo"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const auto& [settings, after] = *config;
            return run_training(context, settings.trainee, settings.run, after,
                                [&](const train::TrainContext& training) {
                                  return context.torch->train_dpo(config->config, training);
                                });
          },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
