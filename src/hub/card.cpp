#include "quill/hub/card.hpp"

#include <fmt/format.h>

namespace quill::hub {

namespace {

std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '\\')
      safe += '\\';
    safe += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return safe;
}

std::string table(const std::string& title,
                  const std::vector<std::pair<std::string, std::string>>& rows) {
  if (rows.empty())
    return "";
  std::string text = fmt::format("\n## {}\n\n| | |\n|---|---|\n", title);
  for (const auto& [name, value] : rows)
    text += fmt::format("| {} | {} |\n", cell(name), cell(value));
  return text;
}

std::string front_matter(const CardFacts& facts) {
  std::string text = fmt::format("---\nlibrary_name: {}\npipeline_tag: text-generation\ntags:\n"
                                 "- quill\n- sql\n",
                                 facts.adapter ? "peft" : "transformers");
  if (facts.adapter)
    text += "- lora\n";
  if (!facts.base.empty())
    text += fmt::format("base_model: {}\nbase_model_relation: {}\n", facts.base,
                        facts.adapter ? "adapter" : "finetune");
  return text + "---\n";
}

std::string what_it_is(const CardFacts& facts) {
  std::string text = facts.adapter ? "A LoRA adapter" : "A model";
  if (!facts.family.empty())
    text += fmt::format(" of the family {}", facts.family);
  if (facts.parameters > 0)
    text += fmt::format(", {} parameters", facts.parameters);
  if (!facts.base.empty())
    text += fmt::format(", {} {}", facts.adapter ? "over" : "made from", facts.base);
  return text + ".";
}

} // namespace

std::string model_card(const CardFacts& facts) {
  return fmt::format("{}\n# {}\n\n{} Trained and uploaded with Quill.\n{}{}", front_matter(facts),
                     facts.title, what_it_is(facts), table("Training", facts.settings),
                     table("Figures of the run", facts.figures));
}

} // namespace quill::hub
