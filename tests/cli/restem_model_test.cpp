// `quill restem` with a model: a server on this machine stands for one.
#include "catch.hpp"

#include <atomic>
#include <csignal>
#include <set>

#include "program.hpp"
#include "support/fake_http_server.hpp"

using quill::dump_json;
using quill::Json;
using quill::test::make_shop;
using quill::test::Shell;
using quill::test::slurp;
using quill::tests::FakeConnection;
using quill::tests::FakeHttpServer;
using quill::tests::FakeRequest;
using quill::tests::http_reply;

namespace {

const std::string kKey = "sk-canary-77aa88bb99cc";

/// A candidate with other rows: judged, never kept.
std::string answer() {
  const Json content{{"after", "SELECT 1"}, {"indexes", Json::array()}, {"explanation", "e"}};
  return http_reply(
      200, dump_json(Json{{"choices", Json::array({{{"message", {{"content", dump_json(content)}}},
                                                    {"finish_reason", "stop"}}})},
                          {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}}}}));
}

/// With a database, one example and a key.
struct ModelShell : Shell {
  ModelShell() {
    make_shop(*this);
    write("one.json", R"([{"before": "SELECT id FROM orders WHERE user_id = 7",
                           "after": "SELECT id FROM orders WHERE user_id = 7"}])");
    environment["OPENAI_API_KEY"] = kKey;
  }
};

/// Two iterations of two candidates.
std::vector<std::string> run_at(const std::string& url, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"restem",   "--db",         "shop.db", "--examples",
                                 "one.json", "--provider",   "openai",  "--base-url",
                                 url,        "--iterations", "2",       "--candidates",
                                 "2",        "--measure",    "steps",   "--trust",
                                 "fast",     "--out",        "run",     "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::set<std::string> files_with(const std::filesystem::path& folder, const std::string& text) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && slurp(entry.path()).find(text) != std::string::npos)
      found.insert(entry.path().filename().string());
  return found;
}

} // namespace

TEST_CASE("Ctrl-C stores what is in flight, exits 130 and says how to go on", "[cli]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.wait_for_release();
    out.send(answer());
  });
  const ModelShell shell;
  const pid_t child = shell.start(run_at(server.url("/v1")));
  server.wait_for_requests(4);
  ::kill(child, SIGINT);
  server.release();
  const int status = Shell::wait_for(child);
  const std::string err = slurp(shell.path(".stderr"));
  INFO(err);
  CHECK(WEXITSTATUS(status) == 130);
  const std::size_t hint = err.find("go on with: quill restem --db shop.db");
  CHECK(hint != std::string::npos);
  CHECK(err.find("--resume", hint) != std::string::npos);
  CHECK(quill::parse_json(slurp(shell.path(".stdout")), "stdout").at("status") == "stopped");

  const auto resumed = shell.quill(run_at(server.url("/v1"), {"--resume"}));
  INFO(resumed.err);
  CHECK(resumed.exit == 0);
  CHECK(resumed.json().at("offered") == 4);
  CHECK(server.requests().size() == 4); // nothing is asked twice
}

TEST_CASE("the key goes into its header and nowhere else", "[cli]") {
  std::atomic<int> turn{0};
  FakeHttpServer server([&](const FakeRequest& request, const FakeConnection& out) {
    if (turn++ == 0)
      out.send(http_reply(500, "{\"error\": {\"message\": \"bad: " + request.head + kKey + "\"}}",
                          "retry-after-ms: 1\r\n"));
    else
      out.send(answer());
  });
  const ModelShell shell;
  const auto run = shell.quill(run_at(server.url("/v1"), {"--verbose"}));
  INFO(run.err);
  CHECK(run.exit == 0);
  for (const FakeRequest& request : server.requests()) {
    CHECK(request.has_header("Authorization: Bearer " + kKey));
    CHECK(request.body.find(kKey) == std::string::npos);
  }
  CHECK(files_with(shell.path("."), kKey).empty()); // run folder, log, both streams
}

TEST_CASE("a budget ends the run with exit 4, and a larger one goes on", "[cli]") {
  const FakeHttpServer server(answer());
  const ModelShell shell;
  const auto stopped =
      shell.quill(run_at(server.url("/v1"), {"--budget-calls", "3", "--concurrency", "1"}));
  INFO(stopped.err);
  CHECK(stopped.exit == 4);
  CHECK(server.requests().size() == 3);
  CHECK(stopped.json().at("reason").get<std::string>().find("the budget of 3 calls is reached") ==
        0);
  const auto resumed = shell.quill(
      run_at(server.url("/v1"), {"--budget-calls", "4", "--concurrency", "1", "--resume"}));
  INFO(resumed.err);
  CHECK(resumed.exit == 0);
  CHECK(server.requests().size() == 4);
}

TEST_CASE("--dry-run shows the first prompt and the cost, and sends nothing", "[cli]") {
  const FakeHttpServer server(answer());
  ModelShell shell;
  shell.environment.clear(); // nor is a key needed
  const auto dry = shell.quill(run_at(server.url("/v1"), {"--dry-run"}));
  INFO(dry.err);
  CHECK(dry.exit == 0);
  const Json estimate = dry.json();
  CHECK(estimate.at("requests") == 4);
  CHECK(estimate.at("prompt").size() == 2);
  CHECK(estimate["prompt"][1]["content"].get<std::string>().find("WHERE user_id = 7") !=
        std::string::npos);
  // gpt-4o-mini: 0.60 USD per million tokens written; 4 · 2048 of them at most
  CHECK(estimate["at_most"]["completion_tokens"] == 4 * 2048);
  CHECK(estimate["at_most"]["cost_usd"].get<double>() > 4 * 2048 * 0.60e-6);
  CHECK(estimate["likely"]["cost_usd"] < estimate["at_most"]["cost_usd"]);
  CHECK(server.requests().empty());
  CHECK_FALSE(std::filesystem::exists(shell.path("run")));
}

TEST_CASE("a run is replayed from its recording, and a request that is not on it is shown",
          "[cli]") {
  const FakeHttpServer server(answer());
  const ModelShell shell;
  REQUIRE(shell.quill(run_at(server.url("/v1"))).exit == 0);
  const auto replay = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"restem",   "--db",         "shop.db", "--examples",
                                   "one.json", "--provider",   "replay",  "--tape",
                                   "run",      "--measure",    "steps",   "--trust",
                                   "fast",     "--candidates", "2",       "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return shell.quill(words);
  };
  const auto same = replay({"--iterations", "2", "--out", "again"});
  INFO(same.err);
  CHECK(same.exit == 0);
  CHECK(same.json().at("offered") == 4);
  CHECK(same.json().at("cost_usd") == 0);
  const auto other = replay({"--iterations", "2", "--temperature", "0.1", "--out", "other"});
  CHECK(other.exit == 3);
  CHECK(other.err.find("temperature: recorded \"0.7\", asked \"0.1\"") != std::string::npos);
  CHECK(server.requests().size() == 4);
}
