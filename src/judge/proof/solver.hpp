// Cells that must be equal or obey conditions, and values for them: best effort, seeded.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "judge/proof/term.hpp"

namespace quill::judge::proof {

struct Place {
  std::size_t table = 0, column = 0;
};

class Solver {
 public:
  /// Column kinds of `model` are made narrower where conditions show that texts are dates.
  Solver(Model& model, Rng& rng) : model_(model), rng_(rng) {}

  int fresh(Place place);
  void unify(int a, int b);
  [[nodiscard]] int root(int cell) const;
  void require(int cell, const Shapes& shapes, std::string op, engine::Value value);
  void require_null(int cell, bool null);
  void require_like(int cell, const std::string& pattern, bool glob, bool match);
  /// Between two cells or functions of them.
  void relate(const Term& a, const std::string& op, const Term& b);

  void solve();
  /// nullopt: nothing was asked of this cell.
  [[nodiscard]] std::optional<engine::Value> value(int cell) const;
  [[nodiscard]] bool is_free(int cell) const;
  [[nodiscard]] std::size_t size() const { return parents_.size(); }
  /// Constants seen with a column, for cells that nobody asks anything of.
  using Hints = std::map<std::pair<std::size_t, std::size_t>, Values>;
  [[nodiscard]] const Hints& hints() const { return hints_; }

 private:
  struct Condition {
    Shapes shapes;
    std::string op; ///< a comparison, "NULL", "NOT NULL", "LIKE", "GLOB", "NOT LIKE", "NOT GLOB"
    engine::Value value;
  };
  struct Relation {
    Term a;
    std::string op;
    Term b;
  };
  void solve_class(int cell);
  void settle(const Relation& relation);
  Values candidates(const Condition& condition, const Column& column);
  [[nodiscard]] bool meets(const engine::Value& value, const std::vector<Condition>& all) const;
  [[nodiscard]] const Column& column_of(int cell) const;
  void note_hint(int cell, const Shapes& shapes, const engine::Value& value);

  Model& model_;
  Rng& rng_;
  std::vector<int> parents_;
  std::vector<Place> places_;
  std::map<int, std::vector<Condition>> conditions_; ///< by any member; gathered by root at solve
  std::map<int, std::vector<Condition>> gathered_;
  std::vector<int> sizes_;
  std::vector<Relation> relations_;
  std::map<int, engine::Value> chosen_;
  Hints hints_;
  std::int64_t next_key_ = 1;
};

} // namespace quill::judge::proof
