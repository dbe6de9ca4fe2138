// Training lines made of examples, one shape for each format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// What a sample says: schema and slow query asked, fast query and explanation answered.
struct Conversation {
  std::string system, user, assistant;
};
[[nodiscard]] Conversation conversation_of(const Example& example);

/// Two answers to one question.
struct Preference {
  Example chosen;       ///< the best reward of its `before`
  std::string rejected; ///< the other's answer, written as an assistant's
  std::string reason;   ///< wrong | failed | slower
  double margin = 0;    ///< rewards apart
};
[[nodiscard]] Json to_json(const Preference& preference);
/// \throws Error{usage} naming the place and the key
[[nodiscard]] Preference preference_from_json(const Json& value, const std::string& where);

/// {"messages": [system, user, assistant]}: OpenAI's fine-tuning, and trl's conversational form.
[[nodiscard]] Json openai_sample(const Example& example);
/// The same with {"format": "chatml"}, as Qwen2.5-Coder's fine-tuning scripts read it.
[[nodiscard]] Json qwen_sample(const Example& example);
/// {"prompt", "completion"} as text, with schema, before, after, type, rule, speedup beside them.
[[nodiscard]] Json huggingface_sample(const Example& example);
/// {"prompt": messages, "answer": fast script} with what a reward needs: schema, before, database.
[[nodiscard]] Json grpo_sample(const Example& example);
/// {"prompt": messages, "chosen": messages, "rejected": messages}: trl's conversational preference.
[[nodiscard]] Json dpo_sample(const Preference& preference);

} // namespace quill::loop
