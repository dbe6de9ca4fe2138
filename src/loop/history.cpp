#include "loop/history.hpp"

namespace quill::loop {

std::optional<std::string> History::verdict(const std::string& problem,
                                            const std::string& fingerprint) const {
  const auto found = verdicts_.find({problem, fingerprint});
  return found == verdicts_.end() ? std::nullopt : std::optional(found->second);
}

bool History::offered(const std::string& fingerprint) const {
  return offered_.contains(fingerprint);
}

bool History::in_data_set(const std::string& fingerprint) const {
  return in_data_set_.contains(fingerprint);
}

Outcome History::remember(const store::CandidateRow& row, const std::optional<Example>& example) {
  Outcome outcome = outcome_of(row);
  outcome.added = example.has_value();
  if (const auto candidate = candidate_of(row)) {
    offered_.insert(row.fingerprint);
    if (row.verdict) {
      verdicts_.emplace(std::pair(row.problem, row.fingerprint), *row.verdict);
      tried_.push_back({.problem = row.problem,
                        .rule = candidate->rule,
                        .fingerprint = row.fingerprint,
                        .kept = row.kept,
                        .reward = outcome.reward.value_or(0)});
      if (row.iteration == 0)
        seed_tried_.push_back(tried_.back());
    }
  }
  if (example) {
    in_data_set_.insert(example->fingerprint);
    data_set_.push_back(*example);
    diversity_.add(*example);
    pool_.add(*example);
  }
  return outcome;
}

void History::show_seed(const Example& example) {
  pool_.add(example);
  seed_pool_.add(example);
}

} // namespace quill::loop
