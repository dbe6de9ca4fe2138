// A conversation as the text a model was trained on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/llm/client.hpp"

namespace quill::model {

/// A chat template that is known by its exact text. Templates are programs in Jinja; this one is
/// not run but recognised, and one that is not known is an error.
class ChatTemplate {
 public:
  /// `source` is the text of chat_template. \throws Error{usage} naming the known templates
  ChatTemplate(std::string_view source, const std::string& where);
  /// chat_template.jinja of a model's folder, else "chat_template" of its tokenizer_config.json.
  static ChatTemplate read(const std::filesystem::path& folder);

  /// The conversation and, with `open_answer`, what an answer begins behind. Roles are system,
  /// user, assistant. \throws Error{usage} for others and for no message
  [[nodiscard]] std::string render(const std::vector<llm::Message>& messages,
                                   bool open_answer) const;
  /// sha256 of the source, for checkpoints: training and use must agree.
  [[nodiscard]] const std::string& hash() const noexcept { return hash_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_, hash_, default_system_;
};

/// ChatML without a default system prompt, in Jinja: what models made here are given.
extern const std::string_view kChatmlTemplate;

/// Messages of a JSON document: a list of {"role", "content"}, or an object with such "messages".
/// \throws Error{usage}
[[nodiscard]] std::vector<llm::Message> parse_messages(const Json& document,
                                                       const std::string& where);

} // namespace quill::model
