// Prompts are files, so that they can be read, changed and replaced.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quill/llm/client.hpp"

namespace quill::llm {

/// A file with "## system" and "## user" parts and {{placeholders}}.
class PromptFile {
 public:
  /// \throws Error{usage}: missing file, missing user part, a {{name}} that is not in `known`
  /// (file:line)
  static PromptFile load(const std::filesystem::path& file, const std::vector<std::string>& known);

  using Values = std::vector<std::pair<std::string_view, std::string>>;
  /// Each placeholder by its value; nothing inside a value is expanded again.
  [[nodiscard]] std::vector<Message> render(const Values& values) const;
  /// Of the file's bytes.
  [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }

 private:
  std::string system_, user_, sha256_;
};

} // namespace quill::llm
