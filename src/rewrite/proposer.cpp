#include <algorithm>
#include <map>

#include "rewrite/belief.hpp"
#include "rewrite/offers.hpp"

namespace quill::rewrite {

struct Proposer::State {
  explicit State(engine::Session& with) : session(with), planner(with) {}

  const std::vector<Offer>& offers_for(const Subject& subject) {
    const auto key = subject.text + '\0' + dump_json(sql::to_json(subject.needs));
    auto known = offers.find(key);
    if (known == offers.end())
      known = offers.emplace(key, make_offers(subject, session, planner)).first;
    return known->second;
  }

  engine::Session& session;
  Planner planner;
  std::map<std::string, std::vector<Offer>> offers; ///< by statement and needs
};

namespace {

constexpr double kAlikePenalty = 0.15; // for an offer much like one already chosen

/// An offer with what is believed of it now.
struct Rated {
  const Offer* offer;
  double mean, draw;
};

/// How good a new candidate must look to be tried before a known winner is repeated: anything at
/// first, likely winners only once the query is known.
double bar(int tried_here, bool has_winner) {
  return has_winner ? std::min(0.78, 0.45 + 0.04 * tried_here) : 0;
}

/// Takes the best draw again and again; what is much like a chosen one waits, so that one call
/// spreads its risk.
void choose(std::vector<Rated> rated, std::vector<const Offer*>& chosen, std::size_t count) {
  while (chosen.size() < count && !rated.empty()) {
    const auto score = [&](const Rated& one) {
      double alike = 0;
      for (const auto* other : chosen)
        alike = std::max(alike, overlap(one.offer->traits, other->traits));
      return one.draw - kAlikePenalty * alike;
    };
    const auto best =
        std::max_element(rated.begin(), rated.end(),
                         [&](const Rated& a, const Rated& b) { return score(a) < score(b); });
    chosen.push_back(best->offer);
    rated.erase(best);
  }
}

/// Offers by what is known of them.
struct Sorted {
  std::vector<Rated> promising, winners, doubtful, losers;
};

Sorted sort(const std::vector<Offer>& offers, const Beliefs& beliefs, Rng& rng) {
  Sorted sorted;
  std::vector<Rated> fresh;
  for (const auto& offer : offers) {
    const auto belief = beliefs.of(offer);
    const double draw = belief.draw(rng);
    const auto* record = beliefs.record(offer);
    if (record == nullptr)
      fresh.push_back({&offer, belief.mean(), draw});
    else if (2 * record->kept > record->tried)
      sorted.winners.push_back(
          {&offer, belief.mean(), (record->kept + record->reward) / (record->tried + 1.0)});
    else
      sorted.losers.push_back({&offer, belief.mean(), draw});
  }
  const double least = bar(beliefs.tried_here(), !sorted.winners.empty());
  for (const auto& one : fresh)
    (one.mean >= least ? sorted.promising : sorted.doubtful).push_back(one);
  return sorted;
}

} // namespace

Proposer::Proposer(engine::Session& session) : state_(std::make_unique<State>(session)) {}
Proposer::~Proposer() = default;

std::vector<Proposal> Proposer::propose(const Subject& subject, std::size_t count,
                                        const std::vector<Experience>& experience, Rng rng) {
  const auto& offers = state_->offers_for(subject);
  if (offers.empty())
    return {};
  const Beliefs beliefs(subject, offers, experience);
  auto sorted = sort(offers, beliefs, rng);
  std::vector<const Offer*> chosen;
  for (auto* group : {&sorted.promising, &sorted.winners, &sorted.doubtful, &sorted.losers})
    choose(std::move(*group), chosen, count);
  std::vector<Proposal> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(chosen[i % chosen.size()]->proposal);
  return out;
}

} // namespace quill::rewrite
