// A judge that may be down: asked twice, then the candidate is dropped, never scored 0.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "quill/core/cancel.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/sql/pair.hpp"

namespace quill::loop {

/// A verdict on a pair; `type` is what the proposer claims, `database` the name of the one to judge
/// on ("" where a run has one). Throws Error when the judge itself failed, which says nothing about
/// the pair.
using JudgeFunction = std::function<judge::Verdict(const sql::Pair& pair, std::string_view type,
                                                   std::string_view database)>;

class PatientJudge {
 public:
  /// `cancel` must outlive it.
  PatientJudge(JudgeFunction judge, const Cancel& cancel);

  /// nullopt: the judge failed twice. After three such pairs in a row its error ends the run; a
  /// full disk does at once. When a stop was asked meanwhile the answer means nothing.
  std::optional<judge::Verdict> evaluate(const sql::Pair& pair, std::string_view type,
                                         std::string_view database);

 private:
  JudgeFunction judge_;
  const Cancel& cancel_;
  int dropped_in_a_row_ = 0;
};

} // namespace quill::loop
