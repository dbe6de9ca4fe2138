// Questions and predictions from their files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace quill::eval {

struct Question {
  std::string id, db_id;
  std::vector<std::string> gold;  ///< accepted queries, at least one
  std::string difficulty;         ///< BIRD's word for it, "" when there is none
  std::string question, evidence; ///< in words, and what to know; "" when the file has none
};

/// JSONL with `id`, `db_id`, `gold` (a text or a list of texts). Ids are texts or integers.
/// \throws Error{usage} naming file, line and key; on an id that is there twice; when there is none
[[nodiscard]] std::vector<Question> read_questions(const std::filesystem::path& file);

/// JSONL with `id` and `sql` (null: none); id → sql. \throws Error{usage} as above, also on an id
/// that is no question's
[[nodiscard]] std::map<std::string, std::string>
read_predictions(const std::filesystem::path& file, const std::vector<Question>& questions);

} // namespace quill::eval
