// From rows of which only some cells are known to a whole database that the schema allows.
#pragma once

#include <vector>

#include "judge/proof/model.hpp"
#include "judge/proof/witness.hpp"
#include "quill/core/random.hpp"

namespace quill::judge::proof {

struct FillStyle {
  double null_chance = 0.15;  ///< in a column that allows it
  std::size_t variety = 3;    ///< how many different plain values a column draws from
  double hint_chance = 0.4;   ///< a value near a constant of the queries instead
  std::size_t extra_rows = 3; ///< at most, in each table that is read
  double duplicate = 0.1;     ///< chance that a row comes twice (with another key)
  double nudge = 0.02;        ///< chance that a cell is changed a little afterwards
  bool distinct = false;      ///< all values of a column differ
  bool shuffle = true;        ///< the order rows are inserted in
};

struct FillPlan {
  const Model& model;
  const std::vector<bool>& read; ///< by table: gets rows of its own
  const Solver::Hints& hints;
  FillStyle style;
  std::size_t cells_max = 20'000;
};

[[nodiscard]] Database fill(const FillPlan& plan, const std::vector<MadeRow>& made, Rng& rng);

} // namespace quill::judge::proof
