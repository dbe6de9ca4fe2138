// From a problem to a prompt, and from a reply to a candidate.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/llm/prompt.hpp"
#include "quill/sql/pair.hpp"

namespace quill::task {

/// A slow query over a database.
struct Problem {
  std::string id;
  std::string schema; ///< DDL
  std::string before;
  sql::Needs needs;
  std::string database = {}; ///< name, where a run has several
};

/// What a proposer offers.
struct Candidate {
  std::string after; ///< one statement; "" when only indexes are offered and before stays
  std::vector<std::string> indexes;
  std::string type, rule, explanation;
};

/// A solved example shown to the model.
struct Shot {
  std::string before, after, explanation;
  std::vector<std::string> indexes;
  double speedup = 0;
};

/// A prompt file of data/prompts ("optimise.md"): "## system" and "## user" parts with {{schema}},
/// {{before}}, {{shots}}, {{needs}}, {{engine}}. Its hash goes into each example.
class PromptTemplate {
 public:
  /// \throws Error{usage}: missing file, missing user part, an unknown {{name}} (file:line)
  static PromptTemplate load(const std::filesystem::path& file);
  [[nodiscard]] std::vector<llm::Message>
  render(const Problem& problem, const std::vector<Shot>& shots, std::string_view engine) const;
  /// Of the file's bytes.
  [[nodiscard]] const std::string& sha256() const noexcept { return file_.sha256(); }

 private:
  llm::PromptFile file_;
};

/// JSON Schema of the answer that optimise.md asks for, for providers that take one.
[[nodiscard]] Json candidate_schema();

/// Finds the candidate in a model's answer, thoughts (<think>…</think>) left out: a JSON object
/// {"after", "indexes", "explanation", "type"}, or ```sql blocks, or bare SQL. CREATE INDEX
/// statements go into `indexes`, and one other statement may remain. Bounded (1 MB); never throws
/// for what the text holds: the failure says why there is no candidate.
[[nodiscard]] Result<Candidate> extract_candidate(std::string_view answer);

/// Was the answer cut off before its end? Then nothing in it counts. "" when it was not.
[[nodiscard]] std::string why_cut_off(const llm::Reply& reply);
/// The candidate of a whole answer.
[[nodiscard]] Result<Candidate> candidate_of(const llm::Reply& reply);

} // namespace quill::task
