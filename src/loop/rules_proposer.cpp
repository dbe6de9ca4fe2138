#include <fmt/format.h>

#include <map>

#include "loop/proposer.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

Json to_json(const rewrite::Proposal& proposal) {
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
  RulesProposer(engine::Session& session, const std::vector<task::Problem>& problems,
                const Cancel& cancel)
      : session_(session), proposer_(session), cancel_(cancel) {
    for (const task::Problem& problem : problems)
      problems_.emplace(problem.id, Known{&problem, sql::fingerprint(problem.before)});
  }

  std::vector<Question> questions(const Ask& ask) override {
    const std::string request = dump_json(Json{{"provider", "rules"},
                                               {"iteration", ask.iteration},
                                               {"problem", ask.problem.id},
                                               {"count", ask.count}});
    return {{.key = sha256_hex(request), .request = request}};
  }

  store::Response answer(const Question&, const Ask& ask) override {
    Json proposals = Json::array();
    for (const auto& proposal :
         proposer_.propose(subject(ask.problem), static_cast<std::size_t>(ask.count),
                           experience(ask.tried), ask.rng))
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
    const task::Problem* problem;
    std::string fingerprint; ///< of its before
  };

  /// Parsed once a problem, when first needed.
  const rewrite::Subject& subject(const task::Problem& problem) {
    const auto found = subjects_.find(problem.id);
    if (found != subjects_.end())
      return found->second;
    return subjects_
        .emplace(problem.id, rewrite::make_subject(problem.before, session_, problem.needs))
        .first->second;
  }

  std::vector<rewrite::Experience> experience(const std::vector<Tried>& tried) {
    std::vector<rewrite::Experience> all;
    all.reserve(tried.size());
    for (const Tried& one : tried) {
      const Known& known = problems_.at(one.problem);
      all.push_back({.before_fingerprint = known.fingerprint,
                     .shape = subject(*known.problem).shape,
                     .rule = one.rule,
                     .kept = one.kept,
                     .reward = one.reward,
                     .candidate_fingerprint = one.fingerprint});
    }
    return all;
  }

  engine::Session& session_;
  rewrite::Proposer proposer_;
  const Cancel& cancel_;
  std::map<std::string, Known> problems_; ///< by id
  std::map<std::string, rewrite::Subject> subjects_;
};

} // namespace

std::unique_ptr<Proposer> make_rules_proposer(engine::Session& session,
                                              const std::vector<task::Problem>& problems,
                                              const Cancel& cancel) {
  return std::make_unique<RulesProposer>(session, problems, cancel);
}

} // namespace quill::loop
