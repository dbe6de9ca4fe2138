#include <fmt/format.h>

#include "quill/task/candidate.hpp"

namespace quill::task {

namespace {

std::string show_sql(const std::vector<std::string>& indexes, std::string_view statement) {
  return fmt::format("```sql\n{}{}{}\n```", fmt::join(indexes, ";\n"), indexes.empty() ? "" : ";\n",
                     statement);
}

std::string show_shots(const std::vector<Shot>& shots) {
  if (shots.empty())
    return {};
  std::string text = "Solved before on this database:\n";
  for (const Shot& shot : shots)
    text += fmt::format("\nSlow:\n{}\n{:.1f} times faster:\n{}\n{}\n", show_sql({}, shot.before),
                        shot.speedup, show_sql(shot.indexes, shot.after), shot.explanation);
  return text;
}

std::string show_needs(const sql::Needs& needs) {
  std::string text;
  if (!needs.columns.empty())
    text += fmt::format("The user of the answer needs these columns only: {}.\n",
                        fmt::join(needs.columns, ", "));
  if (needs.top)
    text += fmt::format("The user of the answer needs the first {} rows only.\n", *needs.top);
  return text;
}

} // namespace

PromptTemplate PromptTemplate::load(const std::filesystem::path& file) {
  PromptTemplate prompt;
  prompt.file_ = llm::PromptFile::load(file, {"schema", "before", "shots", "needs", "engine"});
  return prompt;
}

std::vector<llm::Message> PromptTemplate::render(const Problem& problem,
                                                 const std::vector<Shot>& shots,
                                                 std::string_view engine) const {
  return file_.render({{"schema", problem.schema},
                       {"before", problem.before},
                       {"shots", show_shots(shots)},
                       {"needs", show_needs(problem.needs)},
                       {"engine", std::string(engine)}});
}

/// Every member required and none besides: OpenAI's strict mode takes no other.
Json candidate_schema() {
  const Json text{{"type", "string"}};
  return {
      {"type", "object"},
      {"properties",
       {{"after", text},
        {"indexes", {{"type", "array"}, {"items", text}}},
        {"type",
         {{"type", "string"}, {"enum", {"indexing", "join", "projection", "limit", "redundancy"}}}},
        {"explanation", text}}},
      {"required", {"after", "indexes", "type", "explanation"}},
      {"additionalProperties", false}};
}

} // namespace quill::task
