// Direct preference optimisation: of two answers to a question, the better becomes more likely.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quill/train/config.hpp"
#include "quill/train/sample.hpp"
#include "quill/train/sft.hpp"

namespace quill::train {

/// What the loss is made of (losses/dpo.hpp has the formulas).
struct DpoLossConfig {
  std::string loss = "sigmoid"; ///< sigmoid | ipo | hinge | robust | apo_zero
  double beta = 0.1;
  double label_smoothing = 0.1; ///< robust: share of pairs that are the wrong way round
  double sft_weight = 0;        ///< of the cross-entropy of the better answers
  void fields(FieldList& list);
};

/// `quill train dpo`.
struct DpoConfig {
  TraineeConfig trainee;
  OptimizerConfig optimizer{.learning_rate = 5e-6};
  RunConfig run;
  DpoLossConfig loss;
  std::vector<std::string> data;  ///< files of pairs
  std::int64_t length_max = 1024; ///< tokens of prompt and answer
  std::int64_t batch = 8;         ///< pairs at a time
  std::int64_t accumulate = 1;
  std::int64_t epochs = 1;
  std::optional<std::int64_t> steps;
  void fields(FieldList& list);
};

/// Two answers to one prompt.
struct PreferencePair {
  Sample chosen, rejected;
};
struct PreferencePairs {
  std::vector<PreferencePair> pairs;
  std::int64_t dropped = 0; ///< an answer of theirs does not fit into the length
};
/// Lines {"prompt", "chosen", "rejected"}, as `quill export --format dpo` writes them: lists of
/// messages. \throws Error{usage} naming file and line; when no pair is left
[[nodiscard]] PreferencePairs read_pairs(const std::vector<std::string>& files,
                                         const Tokenizing& tokenizing);

/// Writes in --out what train_sft() writes. The reference is the model as training begins; its
/// log-probabilities are calculated once. Only where LibTorch is linked.
/// \throws Error{usage}: bad settings or data; Error{storage}
[[nodiscard]] TrainSummary train_dpo(const DpoConfig& config, const TrainContext& context);

} // namespace quill::train
