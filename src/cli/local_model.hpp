// --provider local: a model of this machine behind commands that ask a model.
#pragma once

#include "cli/command.hpp"
#include "quill/loop/model.hpp"

namespace quill::cli {

/// Whether these settings need a network.
[[nodiscard]] bool needs_network(const llm::ModelConfig& config);

/// Opens config.model, with config.adapter over it, in this process; as many answers are written
/// together as config.concurrency says. To be called in quill-torch only.
[[nodiscard]] loop::OpenLocal open_local(const Context& context);

} // namespace quill::cli
