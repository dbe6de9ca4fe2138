// What is known of slow queries: gold examples and regressions, found by how alike queries are
// built, and the rules a rewrite must keep to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/tree.hpp"

namespace quill::optimize {

/// A rewrite that was measured: a gold example where it paid, a regression where it hurt.
struct KnownRewrite {
  std::string id;     ///< "duckdb-or-join-to-arms"
  std::string family; ///< name of the principle, the same on every engine: "or-to-union"
  engine::Engine engine = engine::Engine::sqlite; ///< where it was measured
  std::vector<engine::Engine> also;               ///< where the family was seen to do the same
  std::string principle;                          ///< why it pays or hurts, for the reader
  std::string schema;                             ///< name of its schema: a file of gold/schemas
  std::string before, after;                      ///< one statement each
  double speedup = 1;      ///< measured, time before over time after; < 1 for a regression
  bool regression = false; ///< the same rows, but slower
};
[[nodiscard]] Json to_json(const KnownRewrite& rewrite);

/// A rule that every rewrite must keep to.
struct Constraint {
  enum class Severity { critical, high, medium };
  std::string id;
  Severity severity = Severity::medium;
  std::vector<engine::Engine> engines; ///< where it holds; never empty
  std::string text;                    ///< what to do and what not, for a prompt
};
[[nodiscard]] std::string_view to_string(Constraint::Severity severity); ///< "critical", …

/// A rewrite that was found, and how near.
struct Match {
  const KnownRewrite* rewrite; ///< of the Knowledge that was asked
  double distance;             ///< between the shapes of the queries: 0 = the same, 2 at most
};

/// What is wanted of retrieve().
struct Wish {
  std::size_t gold = 3;
  std::size_t regressions = 2;
  double distance_max = 2;  ///< what is further away is left out
  std::string without = {}; ///< id that is not to be found: leave-one-out
};

struct Retrieved {
  std::vector<Match> gold, regressions; ///< nearest first
};

/// Everything known, in memory, with its index. Not changed once loaded: safe to ask from several
/// threads.
class Knowledge {
 public:
  /// From `folder`/gold and `folder`/constraints.json, the shipped folder by default.
  /// \throws Error{usage} naming file and key
  [[nodiscard]] static Knowledge load(const std::filesystem::path& folder);
  [[nodiscard]] static Knowledge load_shipped();
  ~Knowledge();
  Knowledge(Knowledge&&) noexcept;
  Knowledge& operator=(Knowledge&&) noexcept;

  /// The known rewrites whose `before` is built most like `query`. Only what was seen on `engine`
  /// (measured there, or `also`), as what pays on one engine hurts on another.
  [[nodiscard]] Retrieved retrieve(const sql::Query& query, engine::Engine engine,
                                   const Wish& wish = {}) const;
  /// The same from text. A failure says why it was not understood.
  [[nodiscard]] Result<Retrieved> retrieve(std::string_view sql, engine::Engine engine,
                                           const sql::Grammar& grammar,
                                           const Wish& wish = {}) const;

  [[nodiscard]] const std::vector<KnownRewrite>& rewrites() const;
  [[nodiscard]] const std::vector<Constraint>& constraints() const;
  /// Those of an engine in the order of a prompt: what is critical first, then high and medium,
  /// then what is critical once more, as models keep best what stands first and last.
  [[nodiscard]] std::vector<const Constraint*> constraints_for_prompt(engine::Engine engine) const;

 private:
  struct Room;
  explicit Knowledge(std::unique_ptr<Room> room);
  std::unique_ptr<Room> room_;
};

/// The script (DDL and rows) of a known rewrite's database, for a session made by a script.
/// \throws Error{usage} when there is no such file
[[nodiscard]] std::string schema_script(const std::filesystem::path& folder,
                                        const KnownRewrite& rewrite);

} // namespace quill::optimize
