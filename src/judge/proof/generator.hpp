// One database after another, each in its own style, the same for the same seed.
#pragma once

#include <vector>

#include "judge/proof/filling.hpp"
#include "judge/proof/mutants.hpp"

namespace quill::judge::proof {

/// What databases are made towards.
struct Aim {
  const sql::Query* before = nullptr; ///< null when its tree is not known
  const sql::Query* after = nullptr;
  const Declared* declared = nullptr;
  std::vector<bool> read;         ///< by table: named by one of the queries
  std::vector<std::int64_t> cuts; ///< LIMIT and OFFSET of the queries, small ones
  Values constants;               ///< all of both texts
};

class Generator {
 public:
  /// `model` is made narrower where a query shows that a text column holds dates.
  Generator(Model& model, const Aim& aim, std::uint64_t seed);
  /// The `number`-th database; `alive` are mutants that no database told apart so far.
  [[nodiscard]] Database database(std::int64_t number, const std::vector<Mutant>& alive);

 private:
  struct Style {
    WitnessStyle witness;
    FillStyle fill;
    std::size_t witnesses = 1;
    double emptied = 0; ///< chance that a table is left empty
  };
  [[nodiscard]] Style style_of(std::int64_t number, Rng& rng) const;
  void learn(const Solver::Hints& hints);
  void learn_columns_of_unknown();

  Model& model_;
  const Aim& aim_;
  Rng rng_;
  Solver::Hints hints_; ///< constants seen with columns so far
};

} // namespace quill::judge::proof
