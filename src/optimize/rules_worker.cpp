#include "optimize/rules_worker.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "quill/sql/text.hpp"

namespace quill::optimize {

namespace {

constexpr std::size_t kRounds = 4, kPerRound = 8;
/// Trying stops here, whatever is left: a user waits.
constexpr double kPatienceMs = 20'000;
/// What gains less is not worth a judge's time.
constexpr double kGainMin = 1.05;
/// A gain that counts as kept for what is proposed next.
constexpr double kKeptGain = 1.5;

task::Candidate candidate_of(const rewrite::Proposal& proposal) {
  return {.after = proposal.after,
          .indexes = proposal.indexes,
          .type = proposal.type,
          .rule = proposal.rule,
          .explanation = proposal.explanation};
}

} // namespace

RulesWorker::RulesWorker(engine::Session& session, const rewrite::Subject& subject,
                         const engine::Sample& before, const judge::JudgeConfig& config,
                         std::uint64_t seed)
    : session_(session), subject_(subject), before_(before), limits_(config.limits()),
      by_steps_(session.engine() == engine::Engine::sqlite), repeats_(config.measure == "steps"),
      seed_(seed) {}

double RulesWorker::gain_of(const rewrite::Proposal& proposal) {
  const auto build = session_.build_indexes(proposal.indexes, limits_);
  if (!build.ok)
    return 0;
  auto limits = limits_;
  if (by_steps_)
    limits.steps = before_.steps;
  else
    limits.timeout_ms =
        std::min<std::int64_t>(limits_.timeout_ms, std::llround(before_.elapsed_ms) + 1);
  const auto after = session_.sample(proposal.after, limits, engine::Side::indexed);
  spent_ms_ += repeats_ ? 0 : build.elapsed_ms + build.copy_ms + after.total_ms;
  const bool ended = before_.status == engine::Status::ok;
  if (after.status != engine::Status::ok || (ended && after.row_count != before_.row_count))
    return 0;
  return by_steps_ ? static_cast<double>(before_.steps) / static_cast<double>(after.steps + 1)
                   : before_.elapsed_ms / std::max(after.elapsed_ms, 1e-3);
}

void RulesWorker::try_one(rewrite::Proposal proposal) {
  const double gain = gain_of(proposal);
  experience_.push_back({.before_fingerprint = sql::fingerprint(subject_.text),
                         .shape = subject_.shape,
                         .rule = proposal.rule,
                         .kept = gain >= kKeptGain,
                         .reward = std::min(1.0, std::log10(gain + 1)),
                         .candidate_fingerprint = sql::pair_fingerprint(
                             subject_.text, proposal.after, proposal.indexes)});
  tried_.push_back({std::move(proposal), gain});
}

void RulesWorker::try_all() {
  tried_all_ = true;
  rewrite::Proposer proposer(session_);
  std::set<std::string> seen;
  for (std::size_t round = 0; round < kRounds && spent_ms_ < kPatienceMs; ++round)
    for (auto& proposal : proposer.propose(subject_, kPerRound, experience_, Rng(seed_ + round))) {
      const auto fingerprint =
          sql::pair_fingerprint(subject_.text, proposal.after, proposal.indexes);
      if (seen.insert(fingerprint).second && spent_ms_ < kPatienceMs)
        try_one(std::move(proposal));
    }
  std::stable_sort(tried_.begin(), tried_.end(),
                   [](const Tried& a, const Tried& b) { return a.gain > b.gain; });
}

RulesWorker::Tried* RulesWorker::best(bool without_indexes) {
  for (Tried& tried : tried_)
    if (!tried.offered && tried.gain > kGainMin &&
        (!without_indexes || tried.proposal.indexes.empty()))
      return &tried;
  return nullptr;
}

std::vector<task::Candidate> RulesWorker::next(std::size_t count) {
  if (!tried_all_)
    try_all();
  std::vector<task::Candidate> out;
  while (out.size() < count) {
    const bool bare_is_due = any_offered_ && !bare_offered_;
    Tried* chosen = bare_is_due ? best(true) : nullptr;
    if (chosen == nullptr)
      chosen = best(false);
    if (chosen == nullptr)
      break;
    chosen->offered = any_offered_ = true;
    bare_offered_ |= chosen->proposal.indexes.empty();
    out.push_back(candidate_of(chosen->proposal));
  }
  return out;
}

} // namespace quill::optimize
