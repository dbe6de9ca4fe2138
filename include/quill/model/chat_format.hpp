// A model's folder as far as conversations need it: words to ids, turns to a prompt, where answers
// end.
#pragma once

#include <filesystem>
#include <vector>

#include "quill/model/chat.hpp"
#include "quill/model/generate.hpp"

namespace quill::model {

struct ChatFormat {
  Tokenizer tokenizer;
  ChatTemplate chat;
  /// Those of generation_config.json, and the one that ends a turn: a model that was not trained
  /// on conversations gets it from its adapter, not from its files.
  std::vector<TokenId> end_tokens;

  /// \throws Error{usage} for a folder that lacks a file or whose template is not known
  static ChatFormat read(const std::filesystem::path& folder);

  /// A generation that answers this conversation; everything else is as `like` says.
  /// \throws Error{usage} for a role that the template has no place for
  [[nodiscard]] Generation generation(const std::vector<llm::Message>& messages,
                                      const Generation& like = {}) const;
};

} // namespace quill::model
