// quill train grpo — a model learns from what its own answers were worth.
#include <memory>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "cli/training.hpp"

namespace quill::cli {

Command train_grpo_command() {
  auto config = std::make_shared<Training<train::GrpoConfig>>();
  return {
      .name = "train grpo",
      .group = "models",
      .summary = "train a model on what its own answers are worth, with the database as the judge",
      .details =
          "Each step samples --generations answers to each of --exercises questions, runs them in "
          "sandboxed workers, and makes the better of each group more likely. An answer that could "
          "not be judged teaches nothing.\nWrites in --out what train sft writes, and "
          "rollouts/round-00000001.jsonl: every answer with its reward and why.\nJSON: as train "
          "sft.",
      .examples = {"quill train grpo --model DIR --data questions.jsonl --databases DIR --out "
                   "runs/grpo",
                   "quill train grpo --model DIR --data finetuning_datasets/grpo_format.jsonl "
                   "--databases data/test.db --reward speed --out runs/fast"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .preset = [config] { config->config.take_preset(); },
      .run =
          [config](Context& context) {
            const auto& [settings, after] = *config;
            return run_training(context, settings.trainee, settings.run, after,
                                [&](const train::TrainContext& training) {
                                  return context.torch->train_grpo(config->config, training);
                                });
          },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
