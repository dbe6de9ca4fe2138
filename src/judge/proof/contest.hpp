// One pair on one database after another: do the rows agree, and could the data have told?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "judge/outline.hpp"
#include "judge/proof/model.hpp"
#include "judge/proof/mutants.hpp"
#include "judge/rows.hpp"
#include "quill/engine/scratch.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge::proof {

/// What one database says.
struct Round {
  enum class Outcome {
    agreed,
    different,
    unstable, ///< they differ, but before itself gives other rows when tables are read backwards
    unclear,  ///< the comparer cannot tell
    failed    ///< one of them did not run to its end
  };
  Outcome outcome = Outcome::failed;
  std::string reason;
  bool backwards = false; ///< only the reversed visit of the tables shows the difference
  bool has_rows = false;  ///< before gave some
  engine::Digest digest;  ///< of before
};

class Contest {
 public:
  /// All must outlive it; `pair` is one that runs. `filled` says which tables hold rows now; it is
  /// kept up to date.
  Contest(engine::Scratch& session, const Model& model, const sql::Pair& pair,
          engine::Limits limits, std::vector<bool>& filled);

  /// Loads the database (rows that the engine refuses are taken out of it) and judges on it.
  Round round(Database& database);
  /// Rows stay as loaded; mutants that give other rows than before leave `alive`.
  void kill(std::vector<Mutant>& alive);
  [[nodiscard]] const Outline& outline() const { return outline_; }
  /// Rows of both sides on the database that is loaded, for a counterexample.
  [[nodiscard]] std::vector<engine::Row> rows(bool of_after, engine::Side side);

 private:
  enum class Who { before, after };
  bool load(Database& database);
  engine::Loaded send(const Database& database);
  [[nodiscard]] bool agree(const engine::Sample& a, const engine::Sample& b) const;
  [[nodiscard]] bool plainly_differs(const engine::Sample& mutant) const;
  RowFinding compare(const std::string& left, engine::Side left_side, const std::string& right,
                     engine::Side right_side);
  Round look_closer(const std::vector<engine::Sample>& samples, const Database& database);
  [[nodiscard]] bool counts_tell(const std::vector<engine::Sample>& samples) const;
  bool is_stable(const Database& database);
  bool stands_shuffled(const Database& database);

  engine::Scratch& session_;
  const Model& model_;
  const sql::Pair& pair_;
  engine::Limits limits_;
  std::vector<bool>& filled_;
  Outline outline_;
  bool order_matters_inside_ = false; ///< before uses what depends on the order of rows
  bool same_width_ = true;
  engine::Sample last_before_;
};

} // namespace quill::judge::proof
