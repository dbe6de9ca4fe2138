// A conversation as the text a model was trained on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/llm/client.hpp"

namespace quill::model {

/// A chat template that is known by its exact text: Qwen2's, Qwen2.5's, Llama 2's and 3's,
/// Mistral's, ChatML. Templates are programs in Jinja; these are not run but recognised, and one
/// that is not known is an error.
class ChatTemplate {
 public:
  /// `source` is the text of chat_template. \throws Error{usage} naming the known templates
  ChatTemplate(std::string_view source, const std::string& where);
  /// chat_template.jinja of a model's folder, else "chat_template" of its tokenizer_config.json;
  /// its bos_token and eos_token must be those that the template is known with.
  static ChatTemplate read(const std::filesystem::path& folder);

  /// The conversation and, with `open_answer`, what an answer begins behind. Roles are system,
  /// user, assistant. \throws Error{usage} for others, for no message, and for an order that the
  /// template has no words for
  [[nodiscard]] std::string render(const std::vector<llm::Message>& messages,
                                   bool open_answer) const;
  /// sha256 of the source, for checkpoints: training and use must agree.
  [[nodiscard]] const std::string& hash() const noexcept { return hash_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The token that ends a turn.
  [[nodiscard]] const std::string& turn_end() const noexcept { return turn_end_; }

 private:
  enum class Way { chatml, llama2, llama3, mistral };
  struct Known;
  static const std::vector<Known>& known();
  static std::string known_names();
  void check_tokens(const Json& document, const std::string& where) const;

  std::string name_, hash_, turn_end_;
  const Known* known_ = nullptr; ///< in a table that is never destroyed
};

/// ChatML without a default system prompt, in Jinja: what models made here are given.
extern const std::string_view kChatmlTemplate;

/// Messages of a JSON document: a list of {"role", "content"}, or an object with such "messages".
/// \throws Error{usage}
[[nodiscard]] std::vector<llm::Message> parse_messages(const Json& document,
                                                       const std::string& where);

} // namespace quill::model
