// What models are asked: the files of data/prompts filled with what is known of a query.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "quill/llm/prompt.hpp"
#include "quill/optimize/knowledge.hpp"
#include "quill/optimize/step.hpp"

namespace quill::optimize {

/// What the prompts of one query are made of, as text; what is not known is "".
struct Brief {
  std::string engine;           ///< "sqlite 3.40.1"
  std::string before;           ///< the statement
  std::string schema;           ///< DDL of the tables it reads
  std::string intent;           ///< what it asks, in a sentence
  std::string blocks;           ///< its blocks and what each costs
  std::string plan;             ///< the engine's plan, with times where it tells them
  std::string learnings;        ///< of earlier queries
  std::string examples = {};    ///< gold examples
  std::string regressions = {}; ///< rewrites that hurt
  std::string critical = {};    ///< constraints that stand first and last
  std::string constraints = {}; ///< the others
  bool indexes = true;          ///< may a candidate bring indexes?
};

/// Fills in the last four texts: what is known of queries like `tree` (none when it is null) and
/// the constraints of the engine.
void add_knowledge(Brief& brief, const Knowledge& knowledge, const sql::Query* tree,
                   engine::Engine engine);

/// One way to go about it, of strategies.md.
struct Strategy {
  std::string name, text;
};
/// "## name" and the text below, at least four. \throws Error{usage} naming file and line
[[nodiscard]] std::vector<Strategy> load_strategies(const std::filesystem::path& file);

class Prompts {
 public:
  /// `file_of` gives the path of a prompt ("rewrite.md"). \throws Error{usage} on a bad file
  Prompts(const std::function<std::filesystem::path(std::string_view)>& file_of, Brief brief);

  /// A worker's. `steps` are what was tried before: their full errors, and the last analysis.
  [[nodiscard]] std::vector<llm::Message> worker(const Strategy& strategy,
                                                 const std::vector<Step>& steps) const;
  /// The analyst's: full errors and plans of all tries.
  [[nodiscard]] std::vector<llm::Message> analyst(const std::vector<Step>& steps) const;
  /// The sniper's: the verified best, and what is to be learned from the others.
  [[nodiscard]] std::vector<llm::Message> snipe(const std::vector<Step>& steps) const;
  [[nodiscard]] const std::vector<Strategy>& strategies() const { return strategies_; }

 private:
  [[nodiscard]] llm::PromptFile::Values common() const;
  [[nodiscard]] llm::PromptFile::Values values(std::string strategy,
                                               const std::vector<Step>& steps) const;

  Brief brief_;
  llm::PromptFile worker_, analyst_, snipe_;
  std::vector<Strategy> strategies_;
};

/// A try with all that is known of it: statement, verdict, error, counterexample, plan.
[[nodiscard]] std::string attempt_text(const Step& step);

} // namespace quill::optimize
