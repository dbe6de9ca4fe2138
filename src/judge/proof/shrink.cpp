// A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28
// (2002): pieces of halving size are left out, table by table; then single cells become NULL or
// simpler.
#include "judge/proof/shrink.hpp"

#include <algorithm>

#include "judge/cells.hpp"
#include "judge/proof/values.hpp"

namespace quill::judge::proof {

namespace {

using engine::Value;

class Shrinker {
 public:
  Shrinker(const Model& model, Database database, const std::function<bool(Database&)>& differs,
           int tries)
      : model_(model), best_(std::move(database)), differs_(differs), tries_left_(tries) {}

  Database run() {
    std::size_t size = 0;
    do {
      size = best_.size();
      for (std::size_t t = best_.rows.size(); t-- > 0;)
        leave_out_rows(t);
    } while (best_.size() < size && tries_left_ > 0);
    simplify_cells();
    return std::move(best_);
  }

 private:
  bool try_it(Database candidate) {
    if (tries_left_-- <= 0)
      return false;
    make_legal(model_, candidate);
    if (candidate.size() > best_.size() || !differs_(candidate))
      return false;
    best_ = std::move(candidate);
    return true;
  }

  void leave_out_rows(std::size_t t) {
    for (std::size_t piece = best_.rows[t].size(); piece > 0; piece /= 2)
      for (std::size_t from = 0; from < best_.rows[t].size() && tries_left_ > 0;) {
        auto candidate = best_;
        auto& rows = candidate.rows[t];
        const auto end = std::min(from + piece, rows.size());
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(from),
                   rows.begin() + static_cast<std::ptrdiff_t>(end));
        if (!try_it(std::move(candidate)))
          from += piece;
      }
  }

  struct Cell {
    std::size_t table, row, column;
  };

  /// Many cells at once first: of a wide table most do not matter.
  void simplify_cells() {
    std::vector<Cell> cells;
    for (std::size_t t = 0; t < best_.rows.size(); ++t)
      for (std::size_t r = 0; r < best_.rows[t].size(); ++r)
        for (std::size_t c = 0; c < model_.tables[t].columns.size(); ++c)
          if (!model_.tables[t].columns[c].generated)
            cells.push_back({t, r, c});
    for (const bool to_null : {true, false})
      for (std::size_t piece = cells.size(); piece > 0 && tries_left_ > 0; piece /= 2)
        for (std::size_t from = 0; from < cells.size() && tries_left_ > 0; from += piece)
          simplify(cells, from, std::min(from + piece, cells.size()), to_null);
  }

  void simplify(const std::vector<Cell>& cells, std::size_t from, std::size_t end, bool to_null) {
    auto candidate = best_;
    bool changed = false;
    for (std::size_t i = from; i < end; ++i) {
      const auto [t, r, c] = cells[i];
      if (r >= candidate.rows[t].size()) // the engine refused a row of an earlier candidate
        return;
      const auto& column = model_.tables[t].columns[c];
      auto& cell = candidate.rows[t][r][c];
      const Value plain = to_null ? Value{} : plain_values(column.kind, column.typed_date)[0];
      if ((to_null && column.not_null) || is_null(cell) || order_of(cell, plain) == 0)
        continue;
      cell = plain;
      changed = true;
    }
    const auto size = best_.size();
    make_legal(model_, candidate);
    if (changed && candidate.size() == size)
      (void)try_it(std::move(candidate));
  }

  const Model& model_;
  Database best_;
  const std::function<bool(Database&)>& differs_;
  int tries_left_;
};

} // namespace

Database shrink(const Model& model, Database database,
                const std::function<bool(Database&)>& differs, int tries_max) {
  return Shrinker(model, std::move(database), differs, tries_max).run();
}

} // namespace quill::judge::proof
