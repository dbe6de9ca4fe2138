#include "quill/loop/sample.hpp"

#include <fmt/format.h>

#include <cmath>

#include "loop/json_values.hpp"

namespace quill::loop {

namespace {

constexpr const char* kSystem =
    "You make slow SQL queries fast. Answer with the fast query in one SQL block (CREATE INDEX "
    "statements first, when it needs any) that gives the same rows, then say why it is faster.";

std::string needs_text(const sql::Needs& needs) {
  std::string text;
  if (!needs.columns.empty())
    text += fmt::format("\nThe user of the answer needs these columns only: {}.",
                        fmt::join(needs.columns, ", "));
  if (needs.top)
    text += fmt::format("\nThe user of the answer needs the first {} rows only.", *needs.top);
  return text;
}

/// To four digits behind the point: some readers of JSON keep no more than ten in all.
std::optional<double> short_number(const std::optional<double>& value) {
  constexpr double kScale = 1e4;
  return value ? std::optional(std::round(*value * kScale) / kScale) : std::nullopt;
}

Json message(const char* role, const std::string& content) {
  return {{"role", role}, {"content", content}};
}

Json prompt_messages(const Conversation& conversation) {
  return Json::array({message("system", conversation.system), message("user", conversation.user)});
}

Json all_messages(const Conversation& conversation) {
  Json messages = prompt_messages(conversation);
  messages.push_back(message("assistant", conversation.assistant));
  return messages;
}

} // namespace

Conversation conversation_of(const Example& example) {
  return {.system = kSystem,
          .user = fmt::format("Schema:\n{}\n\nMake this query faster:\n```sql\n{}\n```{}",
                              example.schema, example.before, needs_text(example.needs)),
          .assistant = fmt::format("```sql\n{}\n```{}{}", example.script(),
                                   example.explanation.empty() ? "" : "\n", example.explanation)};
}

Json openai_sample(const Example& example) {
  return Json{{"messages", all_messages(conversation_of(example))}};
}

Json qwen_sample(const Example& example) {
  Json sample = openai_sample(example);
  sample["format"] = "chatml";
  return sample;
}

Json huggingface_sample(const Example& example) {
  const Conversation conversation = conversation_of(example);
  return Json{{"prompt", conversation.system + "\n\n" + conversation.user},
              {"completion", conversation.assistant},
              {"schema", example.schema},
              {"before", example.before},
              {"after", example.script()},
              {"type", example.type},
              {"rule", example.rule},
              {"speedup", number_or_null(short_number(example.speedup))}};
}

Json grpo_sample(const Example& example) {
  return Json{{"prompt", prompt_messages(conversation_of(example))},
              {"answer", example.script()},
              {"schema", example.schema},
              {"before", example.before},
              {"database", example.database}};
}

Json dpo_sample(const Preference& preference) {
  const Conversation conversation = conversation_of(preference.chosen);
  return Json{{"prompt", prompt_messages(conversation)},
              {"chosen", Json::array({message("assistant", conversation.assistant)})},
              {"rejected", Json::array({message("assistant", preference.rejected)})},
              {"reason", preference.reason}};
}

Json to_json(const Preference& preference) {
  return Json{{"format_version", kFormatVersion},
              {"chosen", to_json(preference.chosen)},
              {"rejected", preference.rejected},
              {"reason", preference.reason},
              {"margin", preference.margin}};
}

Preference preference_from_json(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  return {.chosen = example_from_json(object.at("chosen"), where + ": chosen"),
          .rejected = object.text("rejected"),
          .reason = object.text("reason"),
          .margin = object.number("margin")};
}

} // namespace quill::loop
