// From the figures of a training run to its page.
#pragma once

#include "quill/report/training_page.hpp"
#include "quill/train/figures.hpp"

namespace quill::cli {

/// Loss beside what was evaluated, learning rate, norm of the gradient and speed, then a chart for
/// each other number.
[[nodiscard]] report::TrainingPage training_page(const train::Figures& figures,
                                                 const std::filesystem::path& folder);

} // namespace quill::cli
