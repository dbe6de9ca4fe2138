// Made-up rows. Each cell is a pure function of (seed, table, column, row): rows can be made in any
// order, any cell again, and no memory grows with the size of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/blueprint_math.hpp"
#include "engine/blueprint_model.hpp"
#include "quill/core/random.hpp"

namespace quill::engine::seed {

/// The text of a cell as templates and cases see it; "" for NULL.
[[nodiscard]] std::string cell_text(const Cell& cell);

class CellMaker {
 public:
  /// `model` must outlive this. `sizes` as resolved_sizes() gives them; parents of rows that may
  /// not be NULL must have rows (see check_parents).
  CellMaker(const Blueprint::Model& model, std::vector<std::int64_t> sizes, std::uint64_t seed);

  /// Fills `cells` with row `row` (from 0) of `table`.
  void make(std::size_t table, std::int64_t row, std::vector<Cell>& cells) const;

 private:
  struct Plan { ///< of one column: what is computed once
    Rng rng;
    std::optional<ZipfCurve> zipf;
    std::optional<Scatter> scatter;
  };
  struct At {
    std::size_t table;
    std::size_t column;
    std::int64_t row;
  };

  [[nodiscard]] Plan plan(std::size_t table, const Column& column, const Rng& rng) const;
  [[nodiscard]] Cell cell(const At& at, const std::vector<Cell>& cells) const;
  [[nodiscard]] Cell value(const At& at, Rng& rng, const std::vector<Cell>& cells) const;
  [[nodiscard]] Cell foreign_key(const ForeignKey& key, const At& at, Rng& rng) const;
  [[nodiscard]] Cell lookup(const Lookup& lookup, const At& at,
                            const std::vector<Cell>& cells) const;
  [[nodiscard]] Cell single(const At& at) const;

  const Blueprint::Model& model_;
  std::vector<std::int64_t> sizes_;
  std::vector<std::vector<Plan>> plans_; ///< by table and column
  std::vector<std::int64_t> key_starts_; ///< first primary key by table
};

/// \throws Error{usage} when a table has rows that need a parent and the parent table has none
void check_parents(const Blueprint::Model& model, const std::vector<std::int64_t>& sizes);

} // namespace quill::engine::seed
