#include "rewrite/belief.hpp"

#include <algorithm>
#include <cmath>

#include "quill/sql/text.hpp"

namespace quill::rewrite {

namespace {

constexpr double kPriorStrength = 2; // outcomes the planner's word is worth
constexpr double kOtherQuery = 0.35; // an outcome on another query of the same shape
constexpr double kShapePower = 8;    // how fast it fades with the shape
constexpr double kEvidenceMax = 14;  // outcomes, so that a belief can still turn

/// Gamma(shape, 1) for shape >= 1 (Marsaglia & Tsang, "A simple method for generating gamma
/// variables", 2000).
double gamma(double shape, Rng& rng) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = rng.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v))
      return d * v;
  }
}

/// The planner's word: much less effort is likely a win, the same effort rarely is.
Belief prior(const Offer& offer) {
  const double mean = std::clamp(0.8 - 0.5 * offer.effort, 0.2, 0.75);
  return {1 + kPriorStrength * mean, 1 + kPriorStrength * (1 - mean)};
}

double shared_parts(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return overlap({a.begin(), a.end()}, {b.begin(), b.end()});
}

} // namespace

double overlap(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::size_t shared = 0;
  for (const auto& one : a)
    shared += b.count(one);
  const auto all = a.size() + b.size() - shared;
  return all == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(all);
}

double Belief::draw(Rng& rng) const {
  const double x = gamma(std::max(alpha, 1.0), rng);
  const double y = gamma(std::max(beta, 1.0), rng);
  return x / (x + y);
}

Beliefs::Beliefs(const Subject& subject, const std::vector<Offer>& offers,
                 const std::vector<Experience>& experience) {
  std::map<std::string_view, const Offer*> by_fingerprint;
  for (const auto& offer : offers)
    by_fingerprint[offer.fingerprint] = &offer;
  const auto here = sql::fingerprint(subject.text);
  for (const auto& one : experience) {
    const bool same = one.before_fingerprint == here;
    const auto known = by_fingerprint.find(one.candidate_fingerprint);
    if (known != by_fingerprint.end()) {
      auto& record = records_[one.candidate_fingerprint];
      ++record.tried;
      record.kept += one.kept ? 1 : 0;
      record.reward += one.reward;
    }
    tried_here_ += same ? 1 : 0;
    const double alike = std::pow(sql::similarity(subject.shape, one.shape), kShapePower);
    outcomes_.push_back({&one, known == by_fingerprint.end() ? nullptr : known->second,
                         rule_parts(one.rule), same ? 1 : kOtherQuery * alike});
  }
}

const Record* Beliefs::record(const Offer& offer) const {
  const auto found = records_.find(offer.fingerprint);
  return found == records_.end() ? nullptr : &found->second;
}

Belief Beliefs::of(const Offer& offer) const {
  double kept = 0;
  double failed = 0;
  const auto parts = rule_parts(offer.proposal.rule);
  for (const auto& outcome : outcomes_) {
    const double alike = outcome.offer != nullptr ? 2 * overlap(offer.traits, outcome.offer->traits)
                                                  : shared_parts(parts, outcome.parts);
    (outcome.experience->kept ? kept : failed) += alike * alike * outcome.weight;
  }
  const double scale = std::min(1.0, kEvidenceMax / std::max(kept + failed, 1e-9));
  auto belief = prior(offer);
  belief.alpha += kept * scale;
  belief.beta += failed * scale;
  return belief;
}

} // namespace quill::rewrite
