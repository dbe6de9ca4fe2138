// Who offers candidates, in three steps that match the journal: the question is known before it is
// asked, the raw answer is on disk before it is read, reading it is pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/random.hpp"
#include "quill/engine/session.hpp"
#include "quill/llm/provider.hpp"
#include "quill/loop/pool.hpp"
#include "quill/rewrite/rule.hpp"
#include "quill/store/run.hpp"
#include "quill/task/candidate.hpp"

namespace quill::loop {

/// A candidate that was judged, as proposers may learn from it.
struct Tried {
  std::string problem; ///< id
  std::string rule, fingerprint;
  bool kept = false;
  double reward = 0;
};

/// By id; a problem stays where it is.
using Problems = std::map<std::string, task::Problem>;

/// What one iteration asks.
struct Ask {
  std::int64_t iteration;
  const task::Problem& problem;
  std::int64_t count; ///< candidates wanted
  const Pool& pool;   ///< what may be shown
  const std::vector<Tried>& tried;
  const Problems& problems; ///< of what was tried
  Rng rng;                  ///< this iteration's own
  /// What the author of the problem knows to be faster; the built-in proposer offers it first.
  std::optional<task::Candidate> known = {};
};

/// One request; the iteration is part of its key.
struct Question {
  std::string key;
  std::string request; ///< JSON
};

/// What an answer holds.
struct Offers {
  std::vector<Result<task::Candidate>> candidates;
  llm::Usage usage;
  std::optional<double> cost_usd;
};

class Proposer {
 public:
  virtual ~Proposer() = default;
  /// The same ask gives the same questions.
  [[nodiscard]] virtual std::vector<Question> questions(const Ask& ask) = 0;
  /// Sends it. Called from as many threads as --concurrency says. \throws Error{outside}: refused
  /// for good, or down; Error{budget}; Error{interrupted}
  [[nodiscard]] virtual store::Response answer(const Question& question, const Ask& ask) = 0;
  [[nodiscard]] virtual Offers read(const store::Response& response) const = 0;

  [[nodiscard]] virtual std::string provider() const = 0;
  [[nodiscard]] virtual std::string model() const { return {}; }
  [[nodiscard]] virtual std::string prompt_sha256() const { return {}; }
};

/// The database of a name, opened.
using SessionOf = std::function<engine::Session&(std::string_view database)>;

/// The built-in rules and the index adviser, learning from what was tried. `cancel` must outlive
/// it.
[[nodiscard]] std::unique_ptr<Proposer> make_rules_proposer(SessionOf sessions,
                                                            const Cancel& cancel);

/// A language model behind a server: one request a candidate. `client` and `cancel`
/// must outlive it.
struct ModelSetup {
  std::string provider;
  llm::Provider server;
  std::string model;
  llm::JsonAnswers json = llm::JsonAnswers::none; ///< what the server is told about them
  double temperature = 0.7;
  std::int64_t few_shot = 3;
  std::string engine;
  task::PromptTemplate prompt;
};
[[nodiscard]] std::unique_ptr<Proposer> make_model_proposer(ModelSetup setup, llm::Client& client,
                                                            const Cancel& cancel);

} // namespace quill::loop
