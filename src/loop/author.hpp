// Who writes slow queries for stage 2, in the three steps of the journal: the question is known
// before it is asked, the raw answer is on disk before it is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "loop/proposer.hpp"
#include "loop/steering.hpp"
#include "quill/engine/session.hpp"
#include "quill/llm/prompt.hpp"

namespace quill::loop {

/// One slow query is asked for.
struct WriteAsk {
  std::int64_t iteration = 0;
  std::int64_t attempt = 0; ///< the one before was no good, or not new
  std::string database, schema;
  Band wish;
  bool pathological = false; ///< may it be of the rationed kind?
  const Pool& pool;          ///< what was written before
  Rng rng;
};

/// A slow query, and the faster one its author knows of.
struct Written {
  std::string before;
  sql::Needs needs;
  std::optional<task::Candidate> known;
};

class Author {
 public:
  virtual ~Author() = default;
  /// The same ask gives the same question.
  [[nodiscard]] virtual Question question(const WriteAsk& ask) = 0;
  /// \throws Error{outside}: refused for good, or down; Error{interrupted}
  [[nodiscard]] virtual store::Response answer(const Question& question, const WriteAsk& ask) = 0;
  /// A failure says why there is no query, or why it does not run.
  [[nodiscard]] virtual Result<Written> read(const store::Response& response,
                                             const WriteAsk& ask) = 0;
  /// Of an answer; zeros where nothing is paid.
  struct Price {
    llm::Usage usage;
    std::optional<double> cost_usd;
  };
  [[nodiscard]] virtual Price price(const store::Response& response) const = 0;
};

/// The built-in one: rewrite's pessimiser. `steps`: forecasts count VM steps, so that they repeat.
[[nodiscard]] std::unique_ptr<Author> make_pessimiser_author(SessionOf sessions, bool steps,
                                                             const Cancel& cancel);

/// data/prompts/junior.md, or the user's: {{schema}}, {{engine}}, {{written}} (slow queries that
/// are there already), {{wish}} (how much faster a good rewrite should be). \throws Error{usage}
[[nodiscard]] llm::PromptFile load_junior_prompt(const std::filesystem::path& file);

/// A language model that writes as a junior developer would. `client` and `cancel` must outlive it.
struct AuthorSetup {
  std::string provider;
  llm::Provider server;
  std::string model;
  double temperature = 0.7;
  std::int64_t few_shot = 3; ///< slow queries shown that are there already
  std::string engine;
  llm::PromptFile prompt;
};
[[nodiscard]] std::unique_ptr<Author> make_model_author(AuthorSetup setup, SessionOf sessions,
                                                        llm::Client& client, const Cancel& cancel);
/// What it would be asked.
[[nodiscard]] llm::Request author_request(const AuthorSetup& setup, const WriteAsk& ask);

} // namespace quill::loop
