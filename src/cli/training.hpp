// A training run as a command: progress, the printed summary, the line that resumes.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "quill/train/config.hpp"
#include "quill/train/sft.hpp"

namespace quill::cli {

/// Runs `train` and prints what came of it.
Exit run_training(Context& context, const train::RunConfig& run,
                  const std::function<train::TrainSummary(const train::TrainContext&)>& train);

} // namespace quill::cli
