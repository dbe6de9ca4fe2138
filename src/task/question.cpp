#include "quill/task/question.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/sql/text.hpp"
#include "task/answer_text.hpp"

namespace quill::task {

namespace {

Result<std::string> only_statement(std::string_view script) {
  const auto statements = sql::split_statements(script);
  if (!statements)
    return Failure{fmt::format("the answer is no SQL: {}", statements.failure().what)};
  if (statements.value().size() != 1)
    return Failure{
        fmt::format("the answer holds {} statements, one is allowed", statements.value().size())};
  return statements.value().front();
}

} // namespace

QuestionTemplate QuestionTemplate::load(const std::filesystem::path& file) {
  QuestionTemplate prompt;
  prompt.file_ = llm::PromptFile::load(file, {"schema", "question", "evidence"});
  return prompt;
}

std::vector<llm::Message> QuestionTemplate::render(const Question& question) const {
  return file_.render(
      {{"schema", std::string(trim(question.schema))},
       {"question", question.question},
       {"evidence", question.evidence.empty() ? "" : "\nTo know: " + question.evidence}});
}

Result<std::string> extract_query(std::string_view answer) {
  const auto said = said_in(answer);
  if (!said)
    return said.failure();
  const std::string_view text = said.value();
  const std::vector<Fence> blocks = fences(text);
  const auto last = std::find_if(blocks.rbegin(), blocks.rend(), is_sql);
  if (last != blocks.rend())
    return only_statement(last->body);
  if (!begins_like_sql(text))
    return Failure{"the answer holds no ```sql block and does not begin like SQL"};
  return only_statement(text);
}

} // namespace quill::task
