// What experience says about an offer: the chance that it is kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "quill/core/random.hpp"
#include "rewrite/offers.hpp"

namespace quill::rewrite {

/// Beta(alpha, beta): how often something was kept, as far as it is known.
struct Belief {
  double alpha = 1, beta = 1;
  [[nodiscard]] double mean() const { return alpha / (alpha + beta); }
  /// Thompson sampling: a chance drawn from the belief.
  [[nodiscard]] double draw(Rng& rng) const;
};

/// What came of one exact candidate.
struct Record {
  int tried = 0, kept = 0;
  double reward = 0; ///< sum
};

/// Beliefs about the offers for one statement. An outcome counts for another offer by how alike the
/// two queries are (the same query most), and how alike the two candidates: by their traits when
/// the candidate is one of the offers, else by the parts of their rules.
class Beliefs {
 public:
  Beliefs(const Subject& subject, const std::vector<Offer>& offers,
          const std::vector<Experience>& experience);

  [[nodiscard]] Belief of(const Offer& offer) const;
  [[nodiscard]] const Record* record(const Offer& offer) const; ///< null when never tried
  [[nodiscard]] int tried_here() const { return tried_here_; }

 private:
  struct Outcome {
    const Experience* experience;
    const Offer* offer; ///< null when it is of another query, or not offered
    std::vector<std::string> parts;
    double weight; ///< by how alike the queries are
  };
  std::vector<Outcome> outcomes_;
  std::map<std::string, Record> records_; ///< by candidate fingerprint
  int tried_here_ = 0;
};

/// Shared over all, in [0, 1].
[[nodiscard]] double overlap(const std::set<std::string>& a, const std::set<std::string>& b);

} // namespace quill::rewrite
