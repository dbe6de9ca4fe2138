#include "model/chat_writers.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/refuse.hpp"

namespace quill::model {

namespace {

/// Python's white space (str.isspace) in UTF-8.
constexpr std::array<std::string_view, 29> kSpaces = {
    "\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",   "\x1d",   "\x1e",
    "\x1f",   " ",      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

std::string turn(std::string_view role, std::string_view content) {
  return fmt::format("<|im_start|>{}\n{}<|im_end|>\n", role, content);
}

/// Question, answer, question …, as templates of [INST] demand.
void require_turns(const Messages& messages, std::size_t from) {
  for (std::size_t i = from; i < messages.size(); ++i) {
    const char* wanted = (i - from) % 2 == 0 ? "user" : "assistant";
    if (messages[i].role != wanted)
      refuse(fmt::format("message {} has role \"{}\"; allowed: {}", i + 1,
                         messages[i].role.substr(0, 40), wanted),
             "messages",
             from == 0 && messages[i].role == "system"
                 ? "this model has no system message: put it into the first question"
                 : "let questions and answers alternate");
  }
}

} // namespace

std::string_view stripped(std::string_view text) {
  const auto space_at = [&](auto matches) {
    const auto* found = std::find_if(kSpaces.begin(), kSpaces.end(), matches);
    return found == kSpaces.end() ? std::size_t{0} : found->size();
  };
  while (const std::size_t size =
             space_at([&](std::string_view space) { return text.starts_with(space); }))
    text.remove_prefix(size);
  while (const std::size_t size =
             space_at([&](std::string_view space) { return text.ends_with(space); }))
    text.remove_suffix(size);
  return text;
}

std::string write_chatml(const Messages& messages, std::string_view default_system,
                         bool open_answer) {
  std::string text;
  if (messages[0].role != "system" && !default_system.empty())
    text += turn("system", default_system);
  for (const llm::Message& message : messages)
    text += turn(message.role, message.content);
  return open_answer ? text + "<|im_start|>assistant\n" : text;
}

std::string write_llama3(const Messages& messages, bool open_answer) {
  constexpr auto kHead = "<|start_header_id|>{}<|end_header_id|>\n\n";
  std::string text = "<|begin_of_text|>";
  for (const llm::Message& message : messages)
    text += fmt::format(fmt::runtime(kHead), message.role) +
            std::string(stripped(message.content)) + "<|eot_id|>";
  return open_answer ? text + fmt::format(fmt::runtime(kHead), "assistant") : text;
}

std::string write_llama2(const Messages& messages) {
  const bool system = messages[0].role == "system";
  const std::size_t from = system ? 1 : 0;
  require_turns(messages, from);
  if (messages.size() == from)
    refuse("a conversation of a system message alone", "messages", "add one of role user");
  std::string text;
  for (std::size_t i = from; i < messages.size(); ++i) {
    std::string content = messages[i].content;
    if (system && i == from)
      content = fmt::format("<<SYS>>\n{}\n<</SYS>>\n\n{}", messages[0].content, content);
    text += messages[i].role == "user" ? fmt::format("<s>[INST] {} [/INST]", stripped(content))
                                       : fmt::format(" {} </s>", stripped(content));
  }
  return text;
}

std::string write_mistral(const Messages& messages, std::string_view between) {
  require_turns(messages, 0);
  std::string text = "<s>";
  for (const llm::Message& message : messages)
    text += message.role == "user" ? fmt::format("[INST] {} [/INST]", message.content)
                                   : fmt::format("{}</s>{}", message.content, between);
  return text;
}

} // namespace quill::model
