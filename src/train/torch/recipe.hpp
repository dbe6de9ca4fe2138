// What the recipes of all algorithms begin and end with.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/model/network.hpp"
#include "quill/train/batches.hpp"
#include "quill/train/config.hpp"
#include "quill/train/step_loop.hpp"

namespace quill::train {

/// Settings that a resumed run may change: they change nothing of what it learns.
[[nodiscard]] std::vector<std::string> free_settings();
/// Every setting as text, and the hashes of the files that are learned from.
template <class Config>
[[nodiscard]] Json settings_of(Config config, const std::vector<std::string>& files) {
  FieldList list("");
  config.fields(list);
  Json settings = Json::object();
  for (const Field& field : list.all())
    settings[field.key.substr(field.key.rfind('.') + 1)] = field_text(field);
  for (const std::string& file : files)
    settings["sha256 of " + file] = sha256_file(file);
  return settings;
}

/// As one process would have to be told: a run may go on with another number of them.
template <class Config> [[nodiscard]] Config of_all(Config config, std::int64_t processes) {
  config.accumulate *= processes;
  return config;
}

/// The model's network in the type that the method needs; sets the number of threads.
/// \throws Error{usage}
[[nodiscard]] model::Network load_network(const TraineeConfig& config, const Place& place);

/// Bytes of logits at a time: a GPU wants large products.
[[nodiscard]] std::int64_t logit_bytes(torch::Device device);

/// The processes that were started; only the one that leads says what all would say.
[[nodiscard]] std::unique_ptr<Team> gathered(const TraineeConfig& config,
                                             const TrainContext& context);
/// The run's folder: the one that leads makes it, then the others look at it.
/// \throws as Run does
[[nodiscard]] Run open_run(const RunConfig& config, const Json& settings, Team& team);

/// Runs the loop to its end, writes the trainee there, and says what came of it.
[[nodiscard]] TrainSummary run_recipe(Algorithm& algorithm, Trainee& trainee, Team& team, Run& run,
                                      const LoopConfig& loop, const TrainContext& context);

/// Answers behind their prompts as one batch: row i of `rows` predicts targets[i].
struct AnswerBatch {
  model::Packed packed;
  torch::Tensor rows, targets; ///< (R)
  torch::Tensor answer;        ///< (R): which answer each target is of
};
struct PromptAndAnswer {
  std::vector<model::TokenId> prompt, answer;
  /// Tokens of the answer, from first to behind the last, that are no targets.
  std::vector<std::pair<std::size_t, std::size_t>> told = {};
};
[[nodiscard]] AnswerBatch answer_batch(const std::vector<PromptAndAnswer>& answers,
                                       torch::Device device);

} // namespace quill::train
