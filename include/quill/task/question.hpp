// From a question in words to a prompt, and from a reply to one query.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/llm/prompt.hpp"

namespace quill::task {

/// What is asked about a database.
struct Question {
  std::string schema; ///< DDL
  std::string question;
  std::string evidence = {}; ///< what an outsider must know (BIRD), or ""
};

/// A prompt file of data/prompts ("question.md") with {{schema}}, {{question}}, {{evidence}}. The
/// evidence comes with a line of its own before it, and without it there is none.
class QuestionTemplate {
 public:
  /// \throws Error{usage}: missing file, missing user part, an unknown {{name}} (file:line)
  static QuestionTemplate load(const std::filesystem::path& file);
  [[nodiscard]] std::vector<llm::Message> render(const Question& question) const;
  /// Of the file's bytes.
  [[nodiscard]] const std::string& sha256() const noexcept { return file_.sha256(); }

 private:
  llm::PromptFile file_;
};

/// The query in a model's answer, thoughts left out: the last ```sql block, else the whole answer
/// when it begins like SQL; one statement, without its semicolon. Bounded (1 MB); never throws for
/// what the text holds: the failure says why there is no query.
[[nodiscard]] Result<std::string> extract_query(std::string_view answer);

} // namespace quill::task
