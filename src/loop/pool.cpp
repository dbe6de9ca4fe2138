#include "quill/loop/pool.hpp"

#include <algorithm>
#include <map>

#include "quill/sql/text.hpp"

namespace quill::loop {

bool Pool::add(Example example) {
  if (!fingerprints_.insert(example.fingerprint).second)
    return false;
  examples_.push_back(std::move(example));
  return true;
}

bool Pool::contains(std::string_view fingerprint) const {
  return fingerprints_.find(fingerprint) != fingerprints_.end();
}

namespace {

task::Shot shot(const Example& example) {
  return {.before = example.before,
          .after = example.after,
          .explanation = example.explanation,
          .indexes = example.indexes,
          .speedup = example.speedup.value_or(1)};
}

} // namespace

std::vector<task::Shot> Pool::shots(const task::Problem& problem, std::size_t count,
                                    Rng rng) const {
  std::map<std::string, std::vector<const Example*>> by_before;
  for (const Example& example : examples_) // of this database, or a seed's
    if (example.schema.empty() || problem.schema.empty() || example.schema == problem.schema)
      by_before[sql::fingerprint(example.before)].push_back(&example);
  by_before.erase(sql::fingerprint(problem.before));
  std::vector<const std::vector<const Example*>*> groups;
  for (const auto& [before, group] : by_before)
    groups.push_back(&group);
  rng.shuffle(groups);
  groups.resize(std::min(groups.size(), count));
  std::vector<task::Shot> shots;
  for (const auto* group : groups)
    shots.push_back(shot(*rng.pick(*group)));
  return shots;
}

} // namespace quill::loop
