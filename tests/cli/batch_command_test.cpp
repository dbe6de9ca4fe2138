// `quill suite` and `quill batch` from a shell: the whole way with a model that plays a script.
#include "catch.hpp"

#include <csignal>

#include "program.hpp"
#include "support/fake_http_server.hpp"

using quill::dump_json;
using quill::Json;
using quill::test::is_three_lines;
using quill::test::make_shop;
using quill::test::Outcome;
using quill::test::Shell;
using quill::test::slurp;
using quill::tests::FakeConnection;
using quill::tests::FakeHttpServer;
using quill::tests::FakeRequest;
using quill::tests::http_reply;

namespace {

constexpr const char* kSlow =
    "SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u";
constexpr const char* kFast =
    "SELECT u.id, coalesce(t.n, 0) AS n FROM users u LEFT JOIN (SELECT user_id, count(*) AS n FROM "
    "orders GROUP BY user_id) t ON t.user_id = u.id";

std::string answer() {
  const Json content{{"after", kFast}, {"indexes", Json::array()}, {"explanation", "one pass"}};
  return http_reply(
      200, dump_json(Json{{"choices", Json::array({{{"message", {{"content", dump_json(content)}}},
                                                    {"finish_reason", "stop"}}})},
                          {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}}}}));
}

struct SuiteShell : Shell {
  SuiteShell() {
    make_shop(*this);
    write("queries/counts.sql", kSlow);
    write("queries/users.sql", "SELECT count(*) FROM users");
    environment["OPENAI_API_KEY"] = "sk-canary-suite";
  }
  [[nodiscard]] Outcome init() const {
    return quill(
        {"suite", "init", "--db", "shop.db", "--queries", "queries", "--out", "suite", "--json"});
  }
  [[nodiscard]] Outcome batch(const std::string& what, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"batch", what, "--suite", "suite", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return quill(words);
  }
};

std::vector<std::string> run_at(const std::string& url) {
  return {"--provider", "openai", "--base-url",       url,   "--measure", "steps",
          "--trust",    "fast",   "--target-speedup", "1000"};
}

} // namespace

TEST_CASE("a suite is made, prepared, run and validated; an index is not promoted", "[cli]") {
  const FakeHttpServer server(answer());
  const SuiteShell shell;
  const auto made = shell.init();
  INFO(made.err);
  REQUIRE(made.exit == 0);
  CHECK(made.json().at("queries") == 2);
  CHECK(made.json().at("intents") == 2);

  const auto prepared = shell.batch("prep");
  INFO(prepared.err);
  CHECK(prepared.exit == 0);
  CHECK(prepared.json().at("explained") == 2);
  CHECK(prepared.json().at("requests") == 8); // two queries, four strategies
  CHECK(prepared.json().at("usd_at_most").get<double>() > 8 * 8192 * 0.60e-6); // gpt-4o-mini
  CHECK(server.requests().empty());

  const auto run = shell.batch("run", run_at(server.url("/v1")));
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(run.json().at("done") == 2);
  CHECK(run.json().at("wins") == 1);
  CHECK(run.json().at("answers") == 14); // four, a snipe, an analyst and one worker each
  CHECK(run.err.find("counts") != std::string::npos);

  const auto validated = shell.batch("validate", {"--measure", "steps"});
  INFO(validated.err);
  CHECK(validated.exit == 0);
  CHECK(validated.json().at("winners") == 1);
  CHECK(validated.json().at("hold") == 1);

  const auto board = shell.batch("leaderboard", {"--html", "board.html"});
  INFO(board.err);
  CHECK(board.exit == 0);
  const Json first = board.json().at("queries").at(0);
  CHECK(first.at("id") == "counts");
  CHECK(first.at("status") == "WIN");
  CHECK(first.at("verdict") == "same");
  CHECK(first.at("rows") == 60);
  CHECK(first.at("validated") == true);
  CHECK(slurp(shell.path("board.html")).find("counts") != std::string::npos);

  const auto promoted = shell.batch("promote");
  INFO(promoted.err);
  CHECK(promoted.exit == 2); // the rules' winner is a statement with its index
  CHECK(is_three_lines(promoted.err));
  CHECK(promoted.err.find("no winner was validated that can be promoted") != std::string::npos);
  CHECK(shell.quill({"suite", "list", "--json"}).json().at(0).at("state") == 0);
}

TEST_CASE("a batch that was killed asks nothing again that was answered", "[cli]") {
  FakeHttpServer server([](const FakeRequest& request, const FakeConnection& out) {
    if (request.body.find("SELECT count(*) FROM users") != std::string::npos)
      out.wait_for_release();
    out.send(answer());
  });
  const SuiteShell shell;
  REQUIRE(shell.init().exit == 0);
  auto words = run_at(server.url("/v1"));
  words.insert(words.begin(), {"batch", "run", "--suite", "suite", "--json"});
  const pid_t child = shell.start(words);
  server.wait_for_requests(11); // seven of one query, four of the other wait
  ::kill(child, SIGKILL);
  (void)Shell::wait_for(child);
  server.release();
  const auto resumed = shell.quill(words);
  INFO(resumed.err);
  CHECK(resumed.exit == 0);
  CHECK(resumed.json().at("wins") == 1);
  CHECK(resumed.json().at("missing") == 0);
  // What was in flight is asked again: the four that wait, and the seventh if it was not read yet.
  const auto asked_again =
      server.requests().size() - 11 - 3; // an analyst, a snipe and a worker are new
  CHECK((asked_again == 4 || asked_again == 5));
}

TEST_CASE("what cannot be is refused in three lines", "[cli]") {
  const SuiteShell shell;
  const std::vector<std::vector<std::string>> bad{
      {"batch", "run", "--suite", "nowhere"},
      {"suite", "prepare", "dsb"},
      {"suite", "prepare", "tpcds", "--dsn", "host=x"},
      {"suite", "init", "--db", "shop.db", "--queries", "nowhere", "--out", "suite"},
      {"suite", "init", "--db", "shop.db", "--queries", "queries"}};
  for (const auto& words : bad) {
    const auto refused = shell.quill(words);
    INFO(refused.err);
    CHECK(refused.exit == 2);
    CHECK(is_three_lines(refused.err));
  }
  REQUIRE(shell.init().exit == 0);
  const std::vector<std::vector<std::string>> more{
      {"--shard", "3/2"}, {"--generate-only"}, {"--slots", "3"}};
  for (const auto& words : more) {
    const auto refused = shell.batch("run", words);
    INFO(refused.err);
    CHECK(refused.exit == 2);
    CHECK(is_three_lines(refused.err));
  }
  CHECK(shell.batch("promote").exit == 2);
  CHECK(shell.init().exit == 2);
}
