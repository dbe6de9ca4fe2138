// Rows that a query is made to find: its blocks are walked, a row is made up for every table it
// reads, and its conditions say what the cells must hold. Now and then a condition is missed on
// purpose.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "judge/proof/solver.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge::proof {

/// A row whose cells are known where something was asked of them.
struct MadeRow {
  std::size_t table = 0;
  std::vector<std::optional<engine::Value>> cells;
};

/// Views of the schema, by lower-case name, and CHECKs by table as SELECT … WHERE.
struct Declared {
  std::map<std::string, sql::QueryPtr> views;
  std::map<std::size_t, std::vector<sql::QueryPtr>> checks;
};

struct WitnessStyle {
  double miss = 0.05;         ///< chance that one condition is turned round
  std::size_t copies_max = 6; ///< rows of a group
  bool boundary = true;       ///< groups have exactly the size or sum that is asked for, or one off
};

class Witness {
 public:
  /// All must outlive it.
  Witness(Model& model, const Declared& declared, Rng& rng, WitnessStyle style);
  /// Makes up what `query` would find once.
  void add(const sql::Query& query);
  /// A row of which only the table's CHECKs ask anything.
  void add_row(std::size_t table);
  /// The rows of all that was added.
  [[nodiscard]] std::vector<MadeRow> rows();
  [[nodiscard]] const Solver::Hints& hints() const { return solver_.hints(); }

 private:
  using Outputs = std::vector<std::pair<std::string, Term>>;
  struct Leaf {
    std::string name;
    Outputs outputs;
    bool base = false; ///< a table, whose row can be shared between the copies of a group
  };
  struct Env {
    const Env* outer = nullptr;
    std::vector<Leaf> leaves;
    std::vector<const sql::Cte*> ctes;
    const std::vector<sql::SelectItem>* items = nullptr; ///< aliases seen by HAVING
    std::optional<std::size_t> group;
    int depth = 0;
  };
  /// What is asked of the rows of one group as a whole.
  struct Wish {
    Term aggregate;
    std::string op;
    engine::Value value;
  };
  struct Group {
    const sql::Select* select = nullptr;
    const Env* outer = nullptr;
    const Env* first = nullptr;
    std::vector<const sql::Expr*> keys;
    double keys_alike = 1; ///< chance that a copy has the same keys
    std::vector<Wish> wishes;
    std::vector<const sql::Expr*> arguments; ///< of its aggregates
  };

  Env& make_env(const Env* outer);
  [[nodiscard]] bool exhausted() const;

  Outputs satisfy(const sql::Query& query, const Env* outer);
  Outputs satisfy(const sql::Body& body, Env& env);
  Outputs satisfy(const sql::Select& select, Env& env);
  Outputs satisfy_set(const sql::SetOperation& set, Env& env);
  void open_group(const sql::Select& select, Env& env);
  void build_from(const sql::From& from, Env& env, const Env* shared);
  void build_leaf(const sql::From& from, Env& env, const Env* shared);
  void build_join(const sql::Join& join, Env& env, const Env* shared);
  Outputs row_of(std::size_t table);
  void obey_checks(std::size_t table, const Outputs& row);
  Outputs outputs_of_items(const sql::Select& select, Env& env);
  void look_into(const sql::Expr& expr, Env& env);

  void assume(const sql::Expr& expr, Env& env, bool truth);
  void assume_comparison(const sql::Binary& binary, Env& env, bool truth);
  bool assume_difference(const sql::Binary& binary, const std::string& op, Env& env);
  void assume_pair(const Term& left, const std::string& op, const Term& right);
  void assume_in(const sql::InQuery& in, Env& env, bool truth);
  void assume_case(const sql::Case& node, Env& env);

  Term term(const sql::Expr& expr, Env& env);
  Term term_of_call(const sql::Call& call, Env& env);
  Term term_of_binary(const sql::Binary& binary, Env& env);
  Term combined(const std::string& op, Term left, const Term& right);
  Term resolve(const sql::Column& column, const Env& env) const;

  void finish_groups();
  void finish(Group& group);
  std::size_t copies_for(const Group& group);
  void grant(const Wish& wish, const std::vector<Term>& arguments);
  void merge_rows_of_one_key();

  Model& model_;
  const Declared& declared_;
  Rng& rng_;
  WitnessStyle style_;
  Solver solver_;
  std::deque<Env> envs_;
  std::deque<Group> groups_;
  std::size_t groups_finished_ = 0;
  std::vector<std::pair<std::size_t, std::vector<int>>> rows_; ///< table, cells
  std::vector<const sql::Cte*> open_ctes_;                     ///< ends recursion
  std::size_t visits_ = 0;
};

} // namespace quill::judge::proof
