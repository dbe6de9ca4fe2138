// Questions and queries of a grammar, over schemas whose names are random: data to learn NL→SQL
// from nothing, and questions to see whether it was learned.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/random.hpp"
#include "quill/core/settings.hpp"

namespace quill {
class Cancel;
}

namespace quill::loop {

/// One table of a database, with its rows.
struct GrammarTable {
  std::string name;
  std::vector<std::string> numbers, texts;            ///< columns
  std::vector<std::vector<std::int64_t>> number_rows; ///< by row
  std::vector<std::vector<std::string>> text_rows;
  [[nodiscard]] std::string ddl() const;
  /// DDL and INSERTs.
  [[nodiscard]] std::string script() const;
};

/// A question about a table, and its query.
struct GrammarQuestion {
  std::string question, query;
};

/// Forms of questions with their queries, and of what names are made. In both texts {table},
/// {number} and {text} (columns of that kind), {column} (of either), {number_value} (not the
/// largest nor the smallest there) and {text_value} are filled in, the same in question and query;
/// so that no query's answer is empty.
class Grammar {
 public:
  /// \throws Error{usage} naming the key
  static Grammar parse(const Json& document, const std::string& where);

  /// Names of one side never stand on the other: whether a name is for evaluation is a function of
  /// the name alone, and one in eight is.
  [[nodiscard]] GrammarTable table(Rng& rng, bool for_evaluation) const;
  [[nodiscard]] GrammarQuestion question(const GrammarTable& table, Rng& rng) const;

 private:
  struct Form {
    std::string query;
    std::vector<std::string> questions;
  };
  [[nodiscard]] std::string name(Rng& rng, bool for_evaluation) const;

  std::string consonants_, vowels_, joint_;
  std::int64_t syllables_least_ = 2, syllables_most_ = 3;
  std::int64_t numbers_ = 2, texts_ = 2, rows_ = 12;
  std::vector<Form> forms_;
};

/// `quill data grammar`.
struct GrammarConfig {
  std::filesystem::path grammar; ///< "": the shipped one_table.json
  std::filesystem::path prompt;  ///< "": the shipped question.md
  std::filesystem::path out = "data/grammar";
  std::int64_t train = 40'000, eval = 1'000, databases = 100, seed = 42;
  void fields(FieldList& list);
};

struct GrammarSummary {
  std::filesystem::path train, corpus, questions, databases;
  std::int64_t lines = 0, eval_questions = 0, eval_databases = 0;
};
[[nodiscard]] Json to_json(const GrammarSummary& summary);

/// Writes `out`/train.jsonl (a conversation a line, each over a schema of its own), corpus.txt (the
/// same texts, for a tokenizer), questions.jsonl and databases/*.sqlite as `quill eval sql` reads
/// them. The same seed gives the same bytes. \throws Error{usage}; Error{storage};
/// Error{interrupted}
GrammarSummary write_grammar_data(const GrammarConfig& config, const Cancel& cancel);

} // namespace quill::loop
