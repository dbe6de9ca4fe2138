// Scores one prediction against its question.
#pragma once

#include <map>
#include <string>

#include "eval/column_sets.hpp"
#include "eval/questions.hpp"
#include "eval/spider_parser.hpp"
#include "eval/suite.hpp"
#include "quill/eval/sql_scores.hpp"

namespace quill::eval {

/// Scorer of the questions about one database. Not thread-safe.
class Scorer {
 public:
  /// References must outlive the scorer.
  /// `keys`: scores have their rows_key.
  Scorer(Suite& suite, ColumnSets sets, bool keys);

  /// `predicted` is null when there is no prediction: then every score is 0.
  [[nodiscard]] SqlScore score(const Question& question, const std::string* predicted);

 private:
  void score_execution(SqlScore& score, const std::string& gold, const std::string& predicted);
  void score_exact(SqlScore& score, const Question& question, const std::string& predicted);
  [[nodiscard]] bool spider_execution(const std::string& gold, const std::string& predicted);

  Suite& suite_;
  SpiderSchema schema_;
  ColumnSets sets_;
  bool keys_;
};

} // namespace quill::eval
