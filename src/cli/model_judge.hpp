// A model that judges readability, for commands without a run.
#pragma once

#include <memory>

#include "cli/command.hpp"
#include "quill/core/http.hpp"
#include "quill/judge/model_readability.hpp"
#include "quill/loop/model.hpp"

namespace quill::cli {

class ModelJudge {
 public:
  /// \throws Error{usage} when `config` names no provider that could be asked, or it has no key
  ModelJudge(const llm::ModelConfig& config, const Context& context);

  [[nodiscard]] judge::ModelOpinion opinion(std::string_view before, std::string_view after) const;

 private:
  std::unique_ptr<HttpClient> http_;
  loop::Model model_;
  llm::PromptFile prompt_;
  const Cancel& cancel_;
};

} // namespace quill::cli
