// quill optimize as a shell runs it: its contract, and every bad input with its exit code.
#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::check_refused;
using quill::test::make_shop;
using quill::test::Outcome;
using quill::test::Shell;
using quill::test::slurp;

namespace {

constexpr const char* kSlow =
    "SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u";

struct Shop : Shell {
  Shop() {
    make_shop(*this);
    write("slow.sql", std::string(kSlow) + ";\n");
  }
  [[nodiscard]] Outcome optimize(std::vector<std::string> more) const {
    std::vector<std::string> words = {"optimize", "--db", "shop.db", "--measure", "steps"};
    words.insert(words.end(), more.begin(), more.end());
    return quill(words);
  }
};

} // namespace

TEST_CASE("optimize prints the fields of its contract", "[cli]") {
  const Shop shop;
  const auto outcome = shop.optimize({"slow.sql", "--json", "--quiet"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 0);
  CHECK(outcome.err.empty());
  const Json answer = outcome.json();
  CHECK(answer.at("format_version") == 1);
  CHECK(answer.at("status") == "WIN");
  CHECK(answer.at("before") == kSlow);
  CHECK(answer.at("verdict") == "same");
  CHECK(answer.at("before_ms").is_null()); // steps were counted
  CHECK(answer.at("candidates").size() == 3);
  for (const char* key : {"after", "indexes", "speedup", "speedup_with_indexes", "after_ms",
                          "rules", "explanation", "understanding", "changes", "shrank"})
    CHECK(answer.contains(key));
}

TEST_CASE("optimize leaves prompts, verdicts, a log, history and learnings behind", "[cli]") {
  const Shop shop;
  CHECK(shop.optimize({"slow.sql", "--out", "made", "--quiet"}).exit == 0);
  CHECK(shop.optimize({"slow.sql", "--out", "made", "--quiet"}).exit == 0);
  for (const char* file : {"before.sql", "after.sql", "answer.json", "log.md", "rules_1.json"})
    CHECK(std::filesystem::exists(shop.path("made/slow/run_002") / file));
  const Json history = quill::parse_json(slurp(shop.path("made/slow/history.json")), "history");
  CHECK(history.at("runs").size() == 2);
  const Json journal = quill::parse_json(slurp(shop.path("made/learnings.json")), "learnings");
  CHECK(journal.at("learnings").size() == 1); // the second run replaced what the first learned
}

TEST_CASE("optimize without --apply never writes the database", "[cli]") {
  const Shop shop;
  const auto before = quill::sha256_file(shop.path("shop.db"));
  CHECK(shop.optimize({"slow.sql", "--no-artifacts", "--quiet"}).exit == 0);
  CHECK(quill::sha256_file(shop.path("shop.db")) == before);
  CHECK(!std::filesystem::exists(shop.path("data")));
}

TEST_CASE("optimize --apply makes the indexes it advised", "[cli]") {
  const Shop shop;
  const auto outcome =
      shop.optimize({"slow.sql", "--no-artifacts", "--quiet", "--json", "--apply"});
  const Json answer = outcome.json();
  REQUIRE(!answer.at("indexes").empty());
  const auto again = shop.quill({"optimize", "--db", "shop.db", "--measure", "steps", "slow.sql",
                                 "--no-artifacts", "--quiet", "--json"});
  CHECK(again.json().at("indexes") != answer.at("indexes")); // they are there now
}

TEST_CASE("optimize --html writes a page that loads nothing", "[cli]") {
  const Shop shop;
  CHECK(shop.optimize({"slow.sql", "--no-artifacts", "--quiet", "--html", "answer.html"}).exit ==
        0);
  const std::string page = slurp(shop.path("answer.html"));
  CHECK(page.find("Side by side") != std::string::npos);
  CHECK(page.find("http-equiv=\"Content-Security-Policy\"") != std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
}

TEST_CASE("optimize --workload ranks queries and picks indexes for all of them", "[cli]") {
  const Shop shop;
  shop.write("load.sql", "-- weight: 20\nSELECT * FROM orders WHERE user_id = 7;\n"
                         "SELECT count(*) FROM users;\n");
  const auto outcome =
      shop.quill({"optimize", "--db", "shop.db", "--workload", "load.sql", "--json", "--quiet"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 0);
  const Json report = outcome.json();
  REQUIRE(report.at("queries").size() == 2);
  CHECK(report.at("queries")[0].at("weight") == 20);
  REQUIRE(report.at("indexes").size() >= 1);
  CHECK(report.at("indexes")[0].at("queries")[0] == 1);
  CHECK(report.at("steps_after") < report.at("steps_before"));
}

TEST_CASE("optimize refuses bad input in three lines", "[cli]") {
  const Shop shop;
  shop.write("write.sql", "DELETE FROM orders");
  shop.write("two.sql", "SELECT 1; SELECT 2");
  shop.write("dialect.sql", "SELECT DISTINCT ON (user_id) * FROM orders");
  shop.write("postgres.sql", "SELECT id FROM orders WHERE status ILIKE 'p%'");
  shop.write("weight.sql", "-- weight: heavy\nSELECT 1;");
  check_refused(shop.quill({"optimize", "slow.sql", "--db", "nowhere.db"}), 2, {"nowhere.db"});
  check_refused(shop.optimize({}), 2, {"no query"});
  check_refused(shop.optimize({"absent.sql"}), 2, {"absent.sql"});
  check_refused(shop.optimize({"write.sql"}), 2, {"the query does not run"});
  check_refused(shop.optimize({"two.sql"}), 2, {"2 statements where one is wanted"});
  check_refused(shop.optimize({"dialect.sql"}), 2, {"--engine"});
  check_refused(shop.optimize({"postgres.sql"}), 2, {"the query does not run", "--engine"});
  check_refused(shop.optimize({"slow.sql", "--mode", "swarm", "--workers", "3"}), 2,
                {"always has 4 workers"});
  check_refused(shop.optimize({"slow.sql", "--mode", "standart"}), 2, {"standard"});
  check_refused(shop.optimize({"slow.sql", "--workload", "two.sql"}), 2, {"both given"});
  check_refused(shop.optimize({"--workload", "weight.sql"}), 2, {"heavy"});
  check_refused(shop.quill({"optimize", "slow.sql", "--engine", "duckdb", "--db", "x", "--apply"}),
                2, {"SQLite files only"});
}

TEST_CASE("optimize: a query beyond its time stays, and the answer says so", "[cli]") {
  const Shop shop;
  shop.write("endless.sql", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                            "SELECT count(*) FROM n");
  const auto outcome = shop.quill({"optimize", "--db", "shop.db", "endless.sql", "--timeout-ms",
                                   "200", "--no-artifacts", "--quiet", "--json"});
  CHECK(outcome.exit == 1);
  CHECK(outcome.json().at("after") == outcome.json().at("before"));
  CHECK(outcome.json().at("reason") == "nobody offered a candidate; the query itself did not end "
                                       "in 200 ms (--timeout-ms)");
}

TEST_CASE("optimize: a schema without keys is no obstacle", "[cli]") {
  const Shop shop;
  shop.write("plain.sql", "SELECT status, count(*) FROM orders GROUP BY status HAVING status = "
                          "'paid'");
  const auto outcome = shop.optimize({"plain.sql", "--no-artifacts", "--quiet"});
  CHECK((outcome.exit == 0 || outcome.exit == 1));
}
