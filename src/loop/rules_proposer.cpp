#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "loop/proposer.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

/// More of them says little more and costs each time.
constexpr std::size_t kTriedMax = 500;

/// Of a rewrite::Proposal, or of a task::Candidate: both have the same words.
template <class Offered> Json to_json(const Offered& proposal) {
  return Json{{"rule", proposal.rule},
              {"type", proposal.type},
              {"after", proposal.after},
              {"indexes", proposal.indexes},
              {"explanation", proposal.explanation}};
}

task::Candidate candidate(const Json& value) {
  const JsonObject object(value, "answer of the rules");
  return {.after = object.text("after"),
          .indexes = object.texts_or_empty("indexes"),
          .type = object.text("type"),
          .rule = object.text("rule"),
          .explanation = object.text("explanation")};
}

class RulesProposer final : public Proposer {
 public:
  RulesProposer(SessionOf sessions, const Cancel& cancel)
      : sessions_(std::move(sessions)), cancel_(cancel) {}

  std::vector<Question> questions(const Ask& ask) override {
    const std::string request = dump_json(Json{{"provider", "rules"},
                                               {"iteration", ask.iteration},
                                               {"problem", ask.problem.id},
                                               {"count", ask.count}});
    return {{.key = sha256_hex(request), .request = request}};
  }

  store::Response answer(const Question&, const Ask& ask) override {
    Json proposals = Json::array();
    if (ask.known)
      proposals.push_back(to_json(*ask.known));
    if (const auto left = static_cast<std::size_t>(ask.count) - proposals.size(); left > 0)
      for (const auto& proposal :
           proposer(ask.problem.database)
               .propose(known(ask.problem).subject, left, experience(ask), ask.rng))
        proposals.push_back(to_json(proposal));
    if (cancel_.requested()) // the session was cut short: these may be fewer than there are
      throw Error{cancel_.exit(), {.what = "interrupted", .where = {}, .fix = {}}};
    return {.body = dump_json(proposals)};
  }

  Offers read(const store::Response& response) const override {
    Offers offers;
    offers.usage.prompt_tokens = offers.usage.completion_tokens = 0;
    offers.cost_usd = 0;
    for (const Json& value : parse_json(response.body, "answer of the rules"))
      offers.candidates.emplace_back(candidate(value));
    return offers;
  }

  std::string provider() const override { return "rules"; }

 private:
  struct Known {
    rewrite::Subject subject;
    std::string fingerprint; ///< of its before
  };

  /// Parsed once a problem, when first needed.
  const Known& known(const task::Problem& problem) {
    const auto found = known_.find(problem.id);
    if (found != known_.end())
      return found->second;
    return known_
        .emplace(problem.id, Known{rewrite::make_subject(
                                       problem.before, sessions_(problem.database), problem.needs),
                                   sql::fingerprint(problem.before)})
        .first->second;
  }

  rewrite::Proposer& proposer(const std::string& database) {
    const auto found = proposers_.find(database);
    if (found != proposers_.end())
      return *found->second;
    return *proposers_.emplace(database, std::make_unique<rewrite::Proposer>(sessions_(database)))
                .first->second;
  }

  /// Of the last problems on the same database: each one it looks at is parsed and asked about.
  std::vector<rewrite::Experience> experience(const Ask& ask) {
    std::vector<rewrite::Experience> all;
    for (auto one = ask.tried.rbegin(); one != ask.tried.rend() && all.size() < kTriedMax; ++one) {
      const task::Problem& problem = ask.problems.at(one->problem);
      if (problem.database == ask.problem.database)
        all.push_back(experience_of(*one, problem));
    }
    std::reverse(all.begin(), all.end());
    return all;
  }

  rewrite::Experience experience_of(const Tried& one, const task::Problem& problem) {
    return {.before_fingerprint = known(problem).fingerprint,
            .shape = known(problem).subject.shape,
            .rule = one.rule,
            .kept = one.kept,
            .reward = one.reward,
            .candidate_fingerprint = one.fingerprint};
  }

  SessionOf sessions_;
  const Cancel& cancel_;
  std::map<std::string, std::unique_ptr<rewrite::Proposer>> proposers_; ///< by database
  std::map<std::string, Known> known_;                                  ///< by problem
};

} // namespace

std::unique_ptr<Proposer> make_rules_proposer(SessionOf sessions, const Cancel& cancel) {
  return std::make_unique<RulesProposer>(std::move(sessions), cancel);
}

} // namespace quill::loop
