// The live line of a training run.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "quill/train/sft.hpp"

namespace quill::cli {

/// "loss 1.2345, 5432 tokens/s, 43 % of peak, evaluated 1.3".
[[nodiscard]] std::string step_note(const train::StepFigures& figures);

/// Steps done of those wanted, with the time left and step_note(); on a terminal, or for machines.
class TrainProgress {
 public:
  explicit TrainProgress(const Context& context);
  /// For the run; refers to this object and to the command's context.
  [[nodiscard]] train::TrainContext context();

 private:
  const Context& context_;
  std::optional<Progress> progress_;
};

} // namespace quill::cli
