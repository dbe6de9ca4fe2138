// A training run as a command: the live line, the printed summary, the line that resumes.
#pragma once

#include <functional>

#include "cli/after_training.hpp"
#include "cli/command.hpp"
#include "quill/train/config.hpp"
#include "quill/train/sft.hpp"

namespace quill::cli {

/// An algorithm's settings, and what is done with what it makes.
template <class Config> struct Training {
  Config config;
  AfterTraining after;

  void fields(FieldList& list) {
    config.fields(list);
    after.fields(list);
  }
};

/// Runs `train`, prints what came of it, and does what `after` asks for.
Exit run_training(Context& context, const train::TraineeConfig& trainee,
                  const train::RunConfig& run, const AfterTraining& after,
                  const std::function<train::TrainSummary(const train::TrainContext&)>& train);

} // namespace quill::cli
