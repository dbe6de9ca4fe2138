// A shop in memory, a model that plays a script, and an optimizer between them, counted in VM
// steps so that every figure repeats.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "folders.hpp"
#include "llm/fake_client.hpp"
#include "quill/core/files.hpp"
#include "quill/optimize/optimizer.hpp"

namespace quill::optimize::test {

inline constexpr const char* kShop = R"(
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),
                     total REAL NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
INSERT INTO users SELECT i, 'user ' || i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
INSERT INTO orders SELECT i, 1 + i % 60, i % 7 FROM n;
)";

/// A query no rule of ours makes faster, though people can: the table is read seven times.
inline constexpr const char* kSlow =
    "SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u";
inline constexpr const char* kFast =
    "SELECT u.name, coalesce(t.n, 0) AS n FROM users u LEFT JOIN (SELECT user_id, count(*) AS n "
    "FROM orders GROUP BY user_id) t ON t.user_id = u.id";
/// Users without an order are lost: none here, so that only the proof can tell.
inline constexpr const char* kWrong =
    "SELECT u.name, t.n FROM users u JOIN (SELECT user_id, count(*) AS n FROM orders GROUP BY "
    "user_id) t ON t.user_id = u.id";

inline std::string answer_with(const std::string& after) {
  return dump_json(Json{
      {"after", after}, {"indexes", Json::array()}, {"type", "join"}, {"explanation", "as told"}});
}

/// Answers of a model in the order of the questions; the last one repeats.
class Script {
 public:
  explicit Script(std::vector<std::string> answers) : answers_(std::move(answers)) {}
  Result<llm::Reply, llm::LlmFailure> operator()(const llm::Request&) {
    const std::lock_guard lock(mutex_);
    const std::string& text = answers_[std::min(next_++, answers_.size() - 1)];
    if (text == "(budget)")
      return llm::test::failure_of(llm::LlmFailure::Kind::budget);
    if (text == "(down)")
      return llm::test::failure_of(llm::LlmFailure::Kind::unavailable);
    llm::Reply reply;
    reply.text = text;
    reply.finish_reason = "stop";
    return reply;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> answers_;
  std::size_t next_ = 0;
};

struct Desk {
  std::unique_ptr<engine::Session> session = engine::open_sqlite_script(kShop);
  Cancel cancel;
  ManualClock clock;
  Knowledge knowledge = Knowledge::load(QUILL_SOURCE_FOLDER "/data");
  OptimizeConfig config;
  ScratchFolder folder{"quill-optimize-test"};
  std::unique_ptr<llm::test::FakeClient> model;

  Desk() {
    config.judge.measure = "steps";
    config.judge.timeout_ms = 10'000;
    config.no_artifacts = true;
  }
  void play(std::vector<std::string> answers) {
    auto script = std::make_shared<Script>(std::move(answers));
    model = std::make_unique<llm::test::FakeClient>(
        [script](const llm::Request& request) { return (*script)(request); });
  }
  Answer optimize(const std::string& text = kSlow) {
    Optimizer optimizer({.session = *session,
                         .cancel = cancel,
                         .clock = clock,
                         .model = {.client = model.get(), .provider = "scripted", .model = "m"},
                         .knowledge = &knowledge,
                         .prompt_file =
                             [](std::string_view name) {
                               return std::filesystem::path(QUILL_SOURCE_FOLDER "/data/prompts") /
                                      name;
                             }},
                        config);
    return optimizer.optimize({.name = "slow.sql", .text = text});
  }
  /// The text of the user's part of each question, in the order they were asked.
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const auto& request : model->asked())
      out.push_back(request.messages.back().content);
    return out;
  }
};

inline std::vector<std::string> names_of(const Answer& answer) {
  std::vector<std::string> out;
  for (const Step& step : answer.steps)
    out.push_back(step.ask.name);
  return out;
}

} // namespace quill::optimize::test
