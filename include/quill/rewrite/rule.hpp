// Rules that make a query faster: each one a small file with its conditions, reasons, and price.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/random.hpp"
#include "quill/engine/session.hpp"
#include "quill/sql/dialect.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/pair.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// What no schema promises and the data was asked for: true of this database as it is now. Names
/// are "table.column" in lower case.
struct Facts {
  std::set<std::string> texts;    ///< every value is text or NULL
  std::set<std::string> dates;    ///< 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS' that exists, or NULL
  std::set<std::string> integers; ///< an integer of at most 2^53 in size, or NULL
  std::set<std::string> numbers;  ///< integer or real, or NULL
  std::set<std::string> parents;  ///< a declared foreign key whose every value has its row
  std::set<std::string> asked;    ///< every look that was made, whatever came of it
};

/// What a rule looks at.
struct Subject {
  std::string text;   ///< the statement as given
  sql::QueryPtr tree; ///< null when the query is opaque (index advice may still work on the plan)
  const sql::Schema* schema; ///< must outlive the subject
  sql::Needs needs;          ///< what the user needs, when said
  sql::Features shape;       ///< zeros when opaque
  Facts facts;               ///< looked up for the columns that rules may want to know about
  /// Whose SQL text and tree are in; rules print in the same.
  sql::Dialect dialect = sql::Dialect::sqlite;
};
/// Parses in the dialect of the session's engine and checks trust (design.md 4): print(parse(q))
/// must be the same program as q to SQLite, the same tree to PostgreSQL's grammar, the same plan to
/// DuckDB.
[[nodiscard]] Subject make_subject(std::string_view statement, engine::Session& session,
                                   sql::Needs needs = {});

/// One way to make the subject faster.
struct Proposal {
  std::string rule;  ///< name of the rule, or "rule+index-covering" when composed
  std::string type;  ///< indexing | join | projection | limit | redundancy | …
  std::string after; ///< one statement
  std::vector<std::string> indexes;
  std::string explanation; ///< for the reader: what was done and why the rows are the same
};

/// A rewrite on the tree. Stateless.
class Rule {
 public:
  virtual ~Rule() = default;
  [[nodiscard]] virtual std::string_view name() const = 0; ///< "or-chain-to-in"
  [[nodiscard]] virtual std::string_view type() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0; ///< one line
  [[nodiscard]] virtual std::string_view pays() const = 0;    ///< where it pays
  [[nodiscard]] virtual std::string_view hurts() const = 0;   ///< where it hurts
  /// Where it was measured to pay: "sqlite", "duckdb", "postgres". Elsewhere it is not proposed.
  [[nodiscard]] virtual std::vector<std::string> engines() const = 0;
  /// Every way this rule applies; empty when a side condition does not hold. Never assumes: checks
  /// schema and NULL-ability.
  [[nodiscard]] virtual std::vector<Proposal> apply(const Subject& subject) const = 0;
};

/// The one visible table of rules.
[[nodiscard]] const std::vector<std::unique_ptr<Rule>>& all_rules();
/// Those that were measured to pay on an engine, in the order of the table.
[[nodiscard]] std::vector<const Rule*> rules_for(sql::Dialect dialect);
/// `rules list`: [{"name", "summary", "engines", "pays", "hurts"}].
[[nodiscard]] Json rules_json();

/// Index proposals for a subject: single, composite, covering, partial, expression. What the
/// planner does not choose is left out (the planner's choice first, then the clock).
[[nodiscard]] std::vector<Proposal> advise_indexes(const Subject& subject,
                                                   engine::Session& session);

/// Indexes a server's planner would take: its estimate; nothing is built or measured.
struct SupposedIndexes {
  std::vector<std::string> indexes; ///< CREATE INDEX; empty when none halves the cost
  std::string explanation;
  double cost_before = 0, cost_after = 0; ///< in the planner's units
};
/// The cheapest plan's. A failure says what the database lacks for it (PostgreSQL: hypopg).
[[nodiscard]] Result<SupposedIndexes> suppose_indexes(const Subject& subject,
                                                      engine::Session& session);

/// What was tried before, and what came of it.
struct Experience {
  std::string before_fingerprint;
  sql::Features shape; ///< of before
  std::string rule;
  bool kept = false;
  double reward = 0;
  std::string candidate_fingerprint; ///< sql::pair_fingerprint of before, after and indexes
};

/// Proposes from rules, indexes and their compositions; learns from experience which rules paid on
/// similar queries.
class Proposer {
 public:
  explicit Proposer(engine::Session& session);
  ~Proposer();
  /// Up to `count` proposals (always `count` when the query has any), best guess first, new ones
  /// before repeated ones; the same inputs give the same answer.
  [[nodiscard]] std::vector<Proposal> propose(const Subject& subject, std::size_t count,
                                              const std::vector<Experience>& experience, Rng rng);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace quill::rewrite
