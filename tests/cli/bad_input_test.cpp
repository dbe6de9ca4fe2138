// What goes wrong at a shell: each case is a three-line error or a verdict with the right exit
// code, and nothing that was there is lost.
#include "catch.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <dirent.h>

#include "program.hpp"

using quill::Json;
using quill::test::check_refused;
using quill::test::is_three_lines;
using quill::test::make_shop;
using quill::test::Outcome;
using quill::test::Shell;
using quill::test::slurp;

namespace {

/// Commands that open a database, with `name` as the database.
std::vector<std::vector<std::string>> with_database(const Shell& shell, const std::string& name) {
  shell.write("q.sql", "SELECT 1");
  return {{"sql", "--db", name, "--sql", "SELECT 1"},
          {"evaluate", "--db", name, "--before", "q.sql", "--after", "q.sql"},
          {"restem", "--db", name, "--out", "run", "--quiet"}};
}

} // namespace

TEST_CASE("a missing database", "[cli]") {
  const Shell shell;
  for (const auto& words : with_database(shell, "absent.db"))
    check_refused(shell.quill(words), 2, {"absent.db"});
  CHECK(!std::filesystem::exists(shell.path("absent.db")));
}

TEST_CASE("a folder, a text file and an empty file are no databases", "[cli]") {
  const Shell shell;
  std::filesystem::create_directory(shell.path("folder.db"));
  shell.write("text.db", "This is no database, it is a letter of some length to nobody at all.");
  for (const std::string name : {"folder.db", "text.db"})
    for (const auto& words : with_database(shell, name))
      check_refused(shell.quill(words), 2, {name});
}

TEST_CASE("a corrupt database", "[cli]") {
  const Shell shell;
  make_shop(shell);
  std::string bytes = slurp(shell.path("shop.db"));
  const std::string whole = bytes;
  for (std::size_t at = 4096; at + 64 < bytes.size(); at += 512) // the schema page stays
    bytes.replace(at, 64, std::string(64, '\xA5'));
  shell.write("corrupt.db", bytes);
  shell.write("short.db", whole.substr(0, whole.size() / 2));
  for (const std::string name : {"corrupt.db", "short.db"})
    for (const auto& words : with_database(shell, name))
      check_refused(shell.quill(words), 2, {name});
}

TEST_CASE("a table that is not there is a verdict of the pair", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("before.sql", "SELECT * FROM nowhere");
  shell.write("after.sql", "SELECT 1");
  const auto outcome = shell.quill(
      {"evaluate", "--db", "shop.db", "--before", "before.sql", "--after", "after.sql", "--json"});
  CHECK(outcome.exit == 1);
  const Json verdict = outcome.json();
  CHECK(verdict.at("correct").is_null());
  CHECK(verdict.at("kept") == false);
  CHECK(verdict.at("reason").get<std::string>().find("nowhere") != std::string::npos);
}

TEST_CASE("a query that never ends is a timeout of the pair, never accepted", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("endless.sql", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT "
                             "count(*) FROM c");
  shell.write("after.sql", "SELECT 1");
  const auto outcome = shell.quill({"evaluate", "--db", "shop.db", "--before", "endless.sql",
                                    "--after", "after.sql", "--timeout-ms", "300", "--json"});
  CHECK(outcome.exit == 1);
  CHECK(outcome.json().at("status") == "timeout");
  CHECK(outcome.json().at("kept") == false);
}

TEST_CASE("a malformed pairs file is named with line and key", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto refuse = [&](const std::string& text, const std::vector<std::string>& words) {
    shell.write("pairs.jsonl", text);
    check_refused(shell.quill({"evaluate", "--db", "shop.db", "--pairs", "pairs.jsonl"}), 2, words);
  };
  const std::string good = "{\"id\": \"a\", \"before\": \"SELECT 1\", \"after\": \"SELECT 1\"}\n";
  refuse(good + "{\"id\": \"b\", \"after\": \"SELECT 1\"}\n", {"pairs.jsonl:2", "before"});
  refuse(good + "{\"id\": \"b\", \"before\": 7, \"after\": \"SELECT 1\"}\n",
         {"pairs.jsonl:2", "before"});
  refuse(good + good + "{\"id\": \n", {"pairs.jsonl:3"});
  refuse("\xFF\xFE\x00", {"pairs.jsonl"});
  refuse("", {"pairs.jsonl"});
  check_refused(shell.quill({"evaluate", "--db", "shop.db", "--pairs", "absent.jsonl"}), 2,
                {"absent.jsonl"});
}

TEST_CASE("a pair without a database says so before anything runs", "[cli]") {
  const Shell shell;
  shell.write("pairs.jsonl",
              "{\"id\": \"a\", \"before\": \"SELECT 1\", \"after\": \"SELECT 1\"}\n");
  check_refused(shell.quill({"evaluate", "--pairs", "pairs.jsonl"}), 2, {"\"a\"", "--db"});
}

TEST_CASE("two statements where one belongs", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("two.sql", "SELECT 1; SELECT 2");
  shell.write("one.sql", "SELECT 1");
  const auto after = shell.quill(
      {"evaluate", "--db", "shop.db", "--before", "one.sql", "--after", "two.sql", "--json"});
  CHECK(after.exit == 1);
  CHECK(after.json().at("status") == "blocked");
  const auto before = shell.quill(
      {"evaluate", "--db", "shop.db", "--before", "two.sql", "--after", "one.sql", "--json"});
  CHECK(before.exit == 1);
  CHECK(before.json().at("status") == "before_failed");
  CHECK(before.json().at("kept") == false);
}

TEST_CASE("values out of range, contradicting and missing options", "[cli]") {
  const Shell shell;
  make_shop(shell);
  check_refused(shell.quill({"sql", "--db", "shop.db", "--sql", "SELECT 1", "--rows", "0"}), 2,
                {"--rows", "1"});
  check_refused(shell.quill({"sql", "--db", "shop.db", "--sql", "SELECT 1", "--rows", "many"}), 2,
                {"\"many\"", "--rows"});
  check_refused(shell.quill({"sql", "--db", "shop.db", "--sql", "SELECT 1", "--engine", "oracle"}),
                2, {"\"oracle\"", "sqlite"});
  check_refused(shell.quill({"sql", "--db", "shop.db"}), 2, {"--sql", "--file"});
  check_refused(shell.quill({"sql", "--sql", "SELECT 1"}), 2, {"--db"});
  check_refused(
      shell.quill({"sql", "--db", "shop.db", "--sql", "SELECT 1", "--quiet", "--verbose"}), 2,
      {"--quiet", "--verbose"});
  check_refused(shell.quill({"seed", "--rows", "users", "--out", "x.db"}), 2, {"\"users\""});
  check_refused(shell.quill({"seed", "--rows", "usres=3", "--out", "x.db"}), 2, {"usres"});
  check_refused(shell.quill({"seed", "--blueprint", "shpo", "--out", "x.db"}), 2, {"shpo", "shop"});
  CHECK(!std::filesystem::exists(shell.path("x.db")));
}

TEST_CASE("seed does not overwrite, and the old file stays whole", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const std::string before = slurp(shell.path("shop.db"));
  check_refused(shell.quill({"seed", "--users", "9", "--orders", "9", "--out", "shop.db"}), 2,
                {"shop.db", "--force"});
  CHECK((slurp(shell.path("shop.db")) == before));
  CHECK(shell.quill({"seed", "--users", "60", "--orders", "300", "--out", "shop.db", "--force"})
            .exit == 0);
  CHECK((slurp(shell.path("shop.db")) == before)); // the same seed, the same bytes
}

TEST_CASE("a full disk while seeding is a storage error that leaves nothing behind", "[cli]") {
  Shell shell;
  shell.file_bytes_max = 64 * 1024; // SIGXFSZ is ignored: writes fail with EFBIG
  const auto outcome =
      shell.quill({"seed", "--users", "5000", "--orders", "20000", "--out", "big.db"});
  check_refused(outcome, 5, {"big.db"});
  for (const auto& entry : std::filesystem::directory_iterator(shell.path("")))
    CHECK(entry.path().filename().string().find("big") == std::string::npos);
}

TEST_CASE("a full disk during the loop is a storage error, and what was saved stays", "[cli]") {
  Shell shell;
  make_shop(shell);
  const std::vector<std::string> words = {
      "restem",    "--db",  "shop.db", "--iterations", "4",       "--candidates", "3",
      "--measure", "steps", "--out",   "run",          "--quiet", "--trust",      "fast"};
  shell.file_bytes_max = 128 * 1024;
  const auto full = shell.quill(words);
  check_refused(full, 5, {"run"});
  shell.file_bytes_max = RLIM_INFINITY;
  std::vector<std::string> again = words;
  again.emplace_back("--resume");
  const auto resumed = shell.quill(again);
  INFO(resumed.err);
  CHECK(resumed.exit == 0);
}

TEST_CASE("a folder that may not be written", "[cli]") {
  Shell shell;
  make_shop(shell);
  std::filesystem::create_directory(shell.path("locked"));
  std::filesystem::permissions(shell.path("locked"), std::filesystem::perms(0555));
  std::filesystem::permissions(shell.path(""), std::filesystem::perms(0755));
  if (::getuid() == 0) {
    constexpr uid_t kNobody = 65534;
    shell.user = kNobody; // root may write everywhere
  }
  if (shell.quill({"--version"}).exit != 0) {
    WARN("skipped: another user may not run this build");
    return;
  }
  check_refused(shell.quill({"seed", "--out", "locked/x.db"}), 5, {"locked"});
  check_refused(shell.quill({"restem", "--db", "shop.db", "--out", "locked/run", "--quiet"}), 5,
                {"locked"});
}

TEST_CASE("a provider without its key says which, before anything is asked", "[cli]") {
  const Shell shell;
  make_shop(shell);
  check_refused(
      shell.quill({"restem", "--db", "shop.db", "--provider", "openai", "--out", "run", "--quiet"}),
      2, {"OPENAI_API_KEY"});
}

TEST_CASE("a second run on the same folder is refused, with the command that goes on", "[cli]") {
  const Shell shell;
  make_shop(shell);
  std::vector<std::string> words = {"restem",       "--db",    "shop.db",   "--iterations", "1",
                                    "--candidates", "2",       "--measure", "steps",        "--out",
                                    "run",          "--quiet", "--trust",   "fast"};
  REQUIRE(shell.quill(words).exit == 0);
  const std::string before = slurp(shell.path("run/training_data.json"));
  check_refused(shell.quill(words), 2, {"run", "--resume"});
  CHECK((slurp(shell.path("run/training_data.json")) == before));
  words.emplace_back("--resume");
  CHECK(shell.quill(words).exit == 0);
  CHECK((slurp(shell.path("run/training_data.json")) == before));
}

TEST_CASE("resuming with other options names them", "[cli]") {
  const Shell shell;
  make_shop(shell);
  REQUIRE(shell
              .quill({"restem", "--db", "shop.db", "--iterations", "1", "--candidates", "2",
                      "--measure", "steps", "--out", "run", "--quiet", "--trust", "fast"})
              .exit == 0);
  check_refused(
      shell.quill({"restem", "--db", "shop.db", "--iterations", "1", "--candidates", "3",
                   "--measure", "steps", "--out", "run", "--quiet", "--resume", "--trust", "fast"}),
      2, {"candidates"});
}

namespace {

/// Children of `parent` whose program is quill-worker.
std::vector<pid_t> workers_of(pid_t parent) {
  std::vector<pid_t> found;
  DIR* proc = ::opendir("/proc");
  for (const dirent* entry = ::readdir(proc); entry != nullptr; entry = ::readdir(proc)) {
    const std::string stat = slurp(std::string("/proc/") + entry->d_name + "/stat");
    const std::size_t open = stat.find('('), close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos ||
        stat.compare(open + 1, close - open - 1, "quill-worker") != 0)
      continue;
    pid_t ppid = 0;
    char state = 0;
    if (std::sscanf(stat.c_str() + close + 1, " %c %d", &state, &ppid) == 2 && ppid == parent)
      found.push_back(std::atoi(entry->d_name));
  }
  ::closedir(proc);
  return found;
}

} // namespace

TEST_CASE("a worker killed from outside costs a verdict, not the command", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const pid_t quill =
      shell.start({"sql", "--db", "shop.db", "--json", "--timeout-ms", "20000", "--sql",
                   "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
                   "SELECT count(*) FROM c"});
  std::vector<pid_t> workers;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (workers.empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    workers = workers_of(quill);
  }
  REQUIRE(!workers.empty());
  for (const pid_t worker : workers)
    ::kill(worker, SIGKILL);
  const int status = Shell::wait_for(quill);
  REQUIRE(WIFEXITED(status));
  // Killed before the database was open it is an outside failure in three lines, else a verdict.
  if (slurp(shell.path(".stdout")).empty())
    CHECK(is_three_lines(slurp(shell.path(".stderr"))));
  else
    CHECK(quill::parse_json(slurp(shell.path(".stdout")), "stdout").at("status") != "ok");
  CHECK(WEXITSTATUS(status) != 0);
  CHECK(WEXITSTATUS(status) != 70);
}
