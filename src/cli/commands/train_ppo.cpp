// quill train ppo — a model learns from its answers, with a second head that judges them halfway.
#include <memory>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "cli/training.hpp"

namespace quill::cli {

Command train_ppo_command() {
  auto config = std::make_shared<Training<train::PpoConfig>>();
  return {
      .name = "train ppo",
      .group = "models",
      .summary =
          "train a model on what its own answers are worth, each token against a learned value",
      .details =
          "As train grpo, with a second head that learns what an answer so far is worth, and "
          "generalised advantages in place of groups.\nWrites value.safetensors beside the "
          "weights.\nJSON: as train sft.",
      .examples = {"quill train ppo --model DIR --data questions.jsonl --databases DIR --out "
                   "runs/ppo"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const auto& [settings, after] = *config;
            return run_training(context, settings.trainee, settings.run, after,
                                [&](const train::TrainContext& training) {
                                  return context.torch->train_ppo(config->config, training);
                                });
          },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
