// Readability by a language model, asked in both orders so that a liking for the first or the
// second place cancels out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quill/judge/readability.hpp"
#include "quill/llm/prompt.hpp"

namespace quill::judge {

struct ReadabilityModel {
  llm::Client& client; ///< must outlive it
  std::string model;
  llm::JsonAnswers json = llm::JsonAnswers::none; ///< what its server is told about JSON
  llm::PromptFile prompt;                         ///< judge.md
};
/// data/prompts/judge.md, or a user's own in its place. \throws Error{usage}
[[nodiscard]] llm::PromptFile load_readability_prompt(const std::filesystem::path& file);

struct ModelOpinion {
  std::optional<Readability> readability; ///< none: the model gave no score in one of the orders
  std::string why_not;                    ///< "" when there is one
  int forward = 0, backward = 0;          ///< -2 to 2 for `after`: shown second, shown first
  llm::Usage usage;                       ///< of both answers, as far as they told
};
/// Scores of -2 to 2 in both orders, averaged and scaled to ±kReadabilityMax. Comments in the
/// queries are not shown: they could talk to the judge. Both orders are asked at once.
[[nodiscard]] ModelOpinion model_readability(const ReadabilityModel& model, std::string_view before,
                                             std::string_view after, const Cancel& cancel);

/// Do two scores say the same: after better, worse, or about as readable (within 0.02)?
[[nodiscard]] bool same_opinion(double one, double other);

} // namespace quill::judge
