#include "quill/model/chat.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "quill/core/files.hpp"

namespace quill::model {

const std::string_view kChatmlTemplate =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

namespace {

struct Known {
  std::string_view name, hash, default_system;
};
// Of their texts, sha256. All write ChatML; they differ in the system prompt they add when a
// conversation begins without one.
constexpr std::array<Known, 2> kKnown = {{
    {"qwen2.5", "cd8e9439f0570856fd70470bf8889ebd8b5d1107207f67a5efb46e342330527f",
     "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."},
    {"chatml", "9a6ac2cf411f21cf1fa155617d146256deee33e64c43eace6c36fd9eb3dd5a2a", ""},
}};

std::string known_names() {
  std::string names;
  for (const Known& each : kKnown)
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names;
}

std::string turn(std::string_view role, std::string_view content) {
  return fmt::format("<|im_start|>{}\n{}<|im_end|>\n", role, content);
}

} // namespace

ChatTemplate::ChatTemplate(std::string_view source, const std::string& where)
    : hash_(sha256_hex(source)) {
  const auto* known = std::find_if(kKnown.begin(), kKnown.end(),
                                   [&](const Known& each) { return each.hash == hash_; });
  if (known == kKnown.end())
    refuse(fmt::format("this chat template is not known (sha256 {}); allowed: {}", hash_,
                       known_names()),
           where, "write the conversation out yourself with --prompt, or choose another model");
  name_ = known->name;
  default_system_ = known->default_system;
}

ChatTemplate ChatTemplate::read(const std::filesystem::path& folder) {
  const auto jinja = folder / "chat_template.jinja";
  if (std::filesystem::exists(jinja))
    return {read_file(jinja), jinja.string()};
  const auto path = folder / "tokenizer_config.json";
  const Json document = parse_json(read_file(path), path.string());
  return {JsonObject(document, path.string()).text("chat_template"), path.string()};
}

std::string ChatTemplate::render(const std::vector<llm::Message>& messages,
                                 bool open_answer) const {
  if (messages.empty())
    refuse("a conversation without messages", "messages", "begin with one of role user");
  std::string text;
  if (messages[0].role != "system" && !default_system_.empty())
    text += turn("system", default_system_);
  for (const llm::Message& message : messages) {
    if (message.role != "system" && message.role != "user" && message.role != "assistant")
      refuse(
          fmt::format("role \"{}\"; allowed: system, user, assistant", message.role.substr(0, 40)),
          "messages", "tool calls have no place in these templates yet");
    text += turn(message.role, message.content);
  }
  return open_answer ? text + "<|im_start|>assistant\n" : text;
}

std::vector<llm::Message> parse_messages(const Json& document, const std::string& where) {
  const Json& list = document.is_object() ? JsonObject(document, where).at("messages") : document;
  if (!list.is_array())
    refuse("messages are no list", where, "write [{\"role\": \"user\", \"content\": \"…\"}]");
  std::vector<llm::Message> messages;
  for (const Json& each : list) {
    const JsonObject object(each, fmt::format("{}, message {}", where, messages.size() + 1));
    messages.push_back({object.text("role"), object.text("content")});
  }
  return messages;
}

} // namespace quill::model
