// quill train sft — a model learns to give the answers of a data set.
#include <memory>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "cli/training.hpp"

namespace quill::cli {

Command train_sft_command() {
  auto config = std::make_shared<Training<train::SftConfig>>();
  return {
      .name = "train sft",
      .group = "models",
      .summary = "train a model on the answers of a data set",
      .details =
          "Writes in --out: metrics.jsonl (a line a step), checkpoints, and at the end adapter (a "
          "LoRA adapter as PEFT reads it) or model; best too, with --eval-data. A run that was "
          "stopped or killed goes on with --resume and the same settings, to the same bytes.\nA "
          "line of data: {\"messages\": [{\"role\", \"content\"}]}, {\"conversations\"} or "
          "{\"prompt\", \"completion\"}.\nJSON: {\"path\", \"steps\", \"steps_wanted\", "
          "\"samples\", \"truncated\", \"dropped\", \"tokens\", \"parameters\", \"seconds\", "
          "\"loss\", \"eval_loss\", \"eval_loss_best\", \"stopped\"}; with --merge \"merged\", "
          "with --push \"pushed\" too.",
      .examples = {"quill train sft --model DIR --data finetuning_datasets/qwen_format.jsonl "
                   "--out runs/first"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const auto& [settings, after] = *config;
            return run_training(context, settings.trainee, settings.run, after,
                                [&](const train::TrainContext& training) {
                                  return context.torch->train_sft(config->config, training);
                                });
          },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
