#include "loop/preferences.hpp"

#include <algorithm>
#include <map>

#include "loop/json_values.hpp"
#include "loop/rows.hpp"
#include "quill/core/files.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

constexpr std::uint64_t kFileBytesMax = 4ULL << 30U;

struct Judged {
  Example example; ///< the candidate, as an example would show it
  Outcome outcome;
};

std::string reason_of(Outcome::Kind kind) {
  switch (kind) {
  case Outcome::Kind::wrong:
    return "wrong";
  case Outcome::Kind::kept:
  case Outcome::Kind::slow:
    return "slower";
  default:
    return "failed";
  }
}

/// Candidates with a text and a verdict, each text once, by problem.
std::map<std::string, std::vector<Judged>>
judged_by_problem(const store::RunRecord& record, const std::map<std::string, Example>& shown) {
  std::map<std::string, std::vector<Judged>> judged;
  for (const store::CandidateRow& row : record.candidates) {
    const auto example = shown.find(row.problem);
    if (example == shown.end() || row.duplicate || !row.verdict || !candidate_of(row))
      continue;
    const task::Problem problem{.id = row.problem,
                                .schema = example->second.schema,
                                .before = example->second.before,
                                .needs = example->second.needs,
                                .database = example->second.database};
    judged[row.problem].push_back({make_example(row, problem,
                                                {.engine = example->second.engine,
                                                 .measure = example->second.measure,
                                                 .provider = example->second.provider,
                                                 .model = example->second.model,
                                                 .prompt_sha256 = example->second.prompt_sha256}),
                                   outcome_of(row)});
  }
  return judged;
}

/// An example of each problem, for what all candidates of it share.
std::map<std::string, Example> example_of_problem(const store::RunRecord& record,
                                                  const std::vector<Example>& examples) {
  std::map<std::string, const Example*> by_before;
  for (const Example& example : examples)
    by_before.emplace(sql::fingerprint(example.before), &example);
  std::map<std::string, Example> found;
  for (const auto& [id, text] : record.problems) {
    const Json value = parse_json(text, "run.db: problem");
    const auto example = by_before.find(sql::fingerprint(value.value("before", "")));
    if (example != by_before.end())
      found.emplace(id, *example->second);
  }
  return found;
}

void pair_up(const std::vector<Judged>& judged, std::vector<Preference>& preferences) {
  const auto worth = [](const Judged& one) { return one.outcome.reward.value_or(0); };
  const auto best =
      std::max_element(judged.begin(), judged.end(),
                       [&](const auto& a, const auto& b) { return worth(a) < worth(b); });
  if (best == judged.end() || best->outcome.kind != Outcome::Kind::kept)
    return;
  for (const Judged& other : judged)
    if (&other != &*best && (worth(other) < worth(*best)))
      preferences.push_back({.chosen = best->example,
                             .rejected = conversation_of(other.example).assistant,
                             .reason = reason_of(other.outcome.kind),
                             .margin = worth(*best) - worth(other)});
}

} // namespace

std::vector<Preference> preferences_of(const store::RunRecord& record,
                                       const std::vector<Example>& examples) {
  std::vector<Preference> preferences;
  const auto shown = example_of_problem(record, examples);
  for (const auto& [problem, judged] : judged_by_problem(record, shown))
    pair_up(judged, preferences);
  return preferences;
}

std::vector<Preference> read_preferences(const std::filesystem::path& folder,
                                         const std::vector<Example>& examples) {
  if (store::has_run(folder))
    return preferences_of(store::read_run(folder), examples);
  const auto file = folder / kPreferenceFile;
  std::vector<Preference> preferences;
  if (!std::filesystem::exists(file))
    return preferences;
  const Json list = parse_json(read_file(file, kFileBytesMax), file.string());
  for (const Json& value : list)
    preferences.push_back(preference_from_json(value, file.string() + ": element " +
                                                          std::to_string(preferences.size())));
  return preferences;
}

std::vector<Preference> apart_by(std::vector<Preference> preferences, double margin) {
  std::erase_if(preferences, [&](const Preference& one) {
    return one.reason == "slower" && one.margin < margin;
  });
  return preferences;
}

} // namespace quill::loop
