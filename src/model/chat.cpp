#include "quill/model/chat.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/chat_writers.hpp"
#include "model/refuse.hpp"
#include "quill/core/files.hpp"

namespace quill::model {

const std::string_view kChatmlTemplate =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

namespace {

constexpr std::string_view kOpens = "opens every answer";

} // namespace

/// `hash` is sha256 of the source; `extra` the default system prompt of ChatML, what Mistral's puts
/// behind an answer, or that an answer is opened whether that is asked for or not.
struct ChatTemplate::Known {
  std::string_view name, hash;
  Way way;
  std::string_view extra = {};
};

const std::vector<ChatTemplate::Known>& ChatTemplate::known() {
  constexpr std::string_view kQwen2 = "You are a helpful assistant.";
  // Where a template stands twice its text has line breaks, or \n, inside its words.
  static const auto* const all = new std::vector<Known>{
      {"qwen2.5", "cd8e9439f0570856fd70470bf8889ebd8b5d1107207f67a5efb46e342330527f", Way::chatml,
       "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."},
      {"qwen2", "793202280c0910ab26bc6eb57c8212c2417324c6d8c4efd0d10d59092ab3e3eb", Way::chatml,
       kQwen2},
      {"qwen2", "f0206845c9ebc3abb4735d44f286eb81ce99238ad2accc710c6fc60e6cb8ccc8", Way::chatml,
       kQwen2},
      {"chatml", "9a6ac2cf411f21cf1fa155617d146256deee33e64c43eace6c36fd9eb3dd5a2a", Way::chatml},
      {"chatml", "153280e3ff55d19da1398bdb3914ee2a51b80429bfaedde11d7d216c39db80f3", Way::chatml},
      {"chatml", "fcf7a096fe99a48fd9ad2b250bf9237e96e8f48bffec1c7ea4d3f225176cd40e", Way::chatml},
      {"llama3", "ba03a121d097859c7b5b9cd03af99aafe95275210d2876f642ad9929a150f122", Way::llama3},
      {"llama3", "4f46ecd43418f216df8c26936c60e5d04bcc81db47db5d86fbe889f64212dd4c", Way::llama3},
      {"llama3", "b48c47f6443892716176eb200bf4ef108f64e06ca26ed0fa8ebc0a4b3992fcb2", Way::llama3,
       kOpens},
      {"llama2", "e8d5b5a546d3f19df16a5320c614fab05bdc4edd50e850f1afd947b503ea41cf", Way::llama2},
      {"llama2", "1623de5159d584da0b6c78f86ae57b2328746122f2c58446ab7f84bce8c7c57f", Way::llama2},
      {"mistral-v0.1", "7e995b379ec01747807246483647cd99030abf331653f1119e16d7ac041a3495",
       Way::mistral, " "},
      {"mistral", "26a59556925c987317ce5291811ba3b7f32ec4c647c400c6cc7e3a9993007ba7", Way::mistral},
  };
  return *all;
}

ChatTemplate::ChatTemplate(std::string_view source, const std::string& where)
    : hash_(sha256_hex(source)) {
  const auto found = std::find_if(known().begin(), known().end(),
                                  [&](const Known& each) { return each.hash == hash_; });
  if (found == known().end())
    refuse(fmt::format("this chat template is not known (sha256 {}); allowed: {}", hash_,
                       known_names()),
           where, "write the conversation out yourself with --prompt, or choose another model");
  known_ = &*found;
  name_ = known_->name;
  turn_end_ = known_->way == Way::chatml   ? "<|im_end|>"
              : known_->way == Way::llama3 ? "<|eot_id|>"
                                           : "</s>";
}

std::string ChatTemplate::known_names() {
  std::vector<std::string_view> names;
  for (const Known& each : known())
    if (names.empty() || names.back() != each.name)
      names.push_back(each.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The words that a template takes from tokenizer_config.json.
void ChatTemplate::check_tokens(const Json& document, const std::string& where) const {
  if (known_->way == Way::chatml)
    return; // which has none
  const bool llama3 = known_->way == Way::llama3;
  const std::string_view wanted[] = {llama3 ? "<|begin_of_text|>" : "<s>", llama3 ? "" : "</s>"};
  const JsonObject config(document, where);
  for (const std::size_t i : {0, 1}) {
    const char* key = i == 0 ? "bos_token" : "eos_token";
    if (wanted[i].empty() || !config.has(key) || config.at(key).is_null())
      continue;
    const Json& value = config.at(key);
    const std::string token =
        value.is_string() ? value.get<std::string>() : JsonObject(value, where).text("content");
    if (token != wanted[i])
      refuse(fmt::format("\"{}\" is \"{}\" beside the chat template \"{}\"; allowed: \"{}\"", key,
                         token.substr(0, 80), name_, wanted[i]),
             where, "write the conversation out yourself with --prompt, or choose another model");
  }
}

ChatTemplate ChatTemplate::read(const std::filesystem::path& folder) {
  const auto jinja = folder / "chat_template.jinja";
  const auto path = folder / "tokenizer_config.json";
  const bool apart = std::filesystem::exists(jinja);
  if (apart && !std::filesystem::exists(path))
    return {read_file(jinja), jinja.string()};
  const Json document = parse_json(read_file(path), path.string());
  const ChatTemplate chat(apart ? read_file(jinja)
                                : JsonObject(document, path.string()).text("chat_template"),
                          apart ? jinja.string() : path.string());
  chat.check_tokens(document, path.string());
  return chat;
}

std::string ChatTemplate::render(const std::vector<llm::Message>& messages,
                                 bool open_answer) const {
  if (messages.empty())
    refuse("a conversation without messages", "messages", "begin with one of role user");
  for (const llm::Message& message : messages)
    if (message.role != "system" && message.role != "user" && message.role != "assistant")
      refuse(
          fmt::format("role \"{}\"; allowed: system, user, assistant", message.role.substr(0, 40)),
          "messages", "tool calls have no place in these templates yet");
  switch (known_->way) {
  case Way::llama2:
    return write_llama2(messages);
  case Way::llama3:
    return write_llama3(messages, open_answer || known_->extra == kOpens);
  case Way::mistral:
    return write_mistral(messages, known_->extra);
  case Way::chatml:
    break;
  }
  return write_chatml(messages, known_->extra, open_answer);
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
