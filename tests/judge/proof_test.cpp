// Proofs: what differs is shown, what cannot be told is said to be unknown.
#include "folders.hpp"
#include "quill/judge/proof.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "judge/proof/ddl.hpp"
#include "judge/proof/mutants.hpp"
#include "judge/proof/values.hpp"
#include "quill/core/error.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/sql/parse.hpp"

using namespace quill;
using judge::Proof;
using judge::ProofOptions;
using judge::Prover;

namespace {

const std::string kShop =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, city TEXT);\n"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), "
    "amount REAL NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL);\n";

/// Without the clock: the same on a busy machine.
ProofOptions repeatable(std::int64_t databases = 150) {
  return {.databases_max = databases, .use_clock = false};
}

sql::Pair pair_of(std::string before, std::string after) {
  sql::Pair pair;
  pair.id = "p";
  pair.before = std::move(before);
  pair.after = std::move(after);
  return pair;
}

Proof proved(const std::string& before, const std::string& after, const std::string& ddl = kShop) {
  return Prover(ddl, repeatable()).prove(pair_of(before, after));
}

/// Rows of a statement on the script alone, in a fresh SQLite.
std::vector<engine::Row> replayed(const Proof& proof, const std::string& statement) {
  return engine::open_sqlite_script(proof.counterexample->database)->run(statement, {}).rows;
}

std::size_t inserts_of(const Proof& proof) {
  std::size_t count = 0;
  const auto& script = proof.counterexample->database;
  for (auto at = script.find("INSERT"); at != std::string::npos; at = script.find("INSERT", at + 1))
    ++count;
  return count;
}

std::filesystem::path shared_data() {
  if (const char* given = std::getenv("QUILL_SHARED_DATA"))
    return given;
  return std::filesystem::path(QUILL_SOURCE_FOLDER) / "../shared/data";
}

struct Labelled {
  judge::PairLine line;
  std::string label;
};

std::vector<Labelled> labelled_pairs(const std::filesystem::path& path) {
  std::vector<Labelled> out;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    const auto pairs = judge::parse_pairs(text, path.string());
    out.push_back({pairs.at(0), Json::parse(text).at("label").get<std::string>()});
  }
  return out;
}

struct Score {
  int different = 0, found = 0, same = 0, wrong = 0, unknown = 0, not_replayed = 0;
};

/// Every `step`-th pair; each counterexample is replayed.
Score score(const std::vector<Labelled>& pairs, std::size_t step, const ProofOptions& options) {
  Score out;
  for (std::size_t i = 0; i < pairs.size(); i += step) {
    const auto& [line, label] = pairs[i];
    const auto proof = Prover(line.schema, options).prove(line.pair);
    INFO(line.pair.id << ": " << proof.verdict << ", " << proof.reason);
    CHECK((proof.verdict == label || (label == "same" && proof.verdict == "unknown")));
    (label == "same" ? out.same : out.different) += 1;
    if (label == "same")
      (proof.verdict == "unknown" ? out.unknown : out.wrong) += proof.verdict != "same" ? 1 : 0;
    else
      out.found += proof.verdict == "different" ? 1 : 0;
    if (!proof.counterexample)
      continue;
    const auto before = replayed(proof, line.pair.before);
    const auto after = replayed(proof, line.pair.after);
    const bool shown = before == proof.counterexample->before_rows &&
                       after == proof.counterexample->after_rows && before != after;
    const bool reversed = proof.counterexample->database.rfind("PRAGMA", 0) == 0;
    out.not_replayed += shown || reversed ? 0 : 1;
  }
  return out;
}

const std::filesystem::path kFolder = std::filesystem::path(QUILL_TESTS_FOLDER) / "judge";

} // namespace

TEST_CASE("rows lost for NULL are shown on a database of one row", "[judge]") {
  const std::string before = "SELECT id FROM users WHERE city <> 'Rome' OR city IS NULL";
  const std::string after = "SELECT id FROM users WHERE city <> 'Rome'";
  const auto proof = proved(before, after);
  REQUIRE(proof.verdict == "different");
  REQUIRE(proof.counterexample);
  INFO(proof.counterexample->database);
  CHECK(inserts_of(proof) == 1);
  CHECK(proof.counterexample->before_rows.size() == 1);
  CHECK(proof.counterexample->after_rows.empty());
  CHECK(replayed(proof, before) == proof.counterexample->before_rows);
  CHECK(replayed(proof, after) == proof.counterexample->after_rows);
}

TEST_CASE("a boundary of HAVING needs exactly as many rows as it says", "[judge]") {
  const auto proof = proved("SELECT user_id FROM orders GROUP BY user_id HAVING COUNT(*) > 3",
                            "SELECT user_id FROM orders GROUP BY user_id HAVING COUNT(*) >= 3");
  REQUIRE(proof.verdict == "different");
  CHECK(inserts_of(proof) == 4); // one user with three orders
}

TEST_CASE("an honest rewrite is the same, with mutants told apart", "[judge]") {
  const auto proof = proved(
      "SELECT name FROM users WHERE id IN (SELECT user_id FROM orders WHERE amount > 100)",
      "SELECT u.name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND "
      "o.amount > 100)");
  INFO(proof.reason);
  CHECK(proof.verdict == "same");
  CHECK(proof.databases_tried == 150);
  CHECK(proof.mutants >= 4); // other operator, IN turned round, WHERE left out twice, 99 and 101
  CHECK(proof.mutants_killed >= 4);
  CHECK(!proof.counterexample);
}

TEST_CASE("an answer that stays empty proves nothing", "[judge]") {
  const auto proof = proved("SELECT id FROM users WHERE age > 5 AND age < 5",
                            "SELECT id FROM users WHERE age > 6 AND age < 6");
  CHECK(proof.verdict == "unknown");
  CHECK(proof.reason == "before's answer stays empty on 150 databases: that proves nothing");
}

TEST_CASE("what gives another answer each time is named and not judged", "[judge]") {
  const auto proof = proved("SELECT id FROM users ORDER BY random()", "SELECT id FROM users");
  CHECK(proof.verdict == "unknown");
  CHECK(proof.reason == "before calls random, which gives another answer each time");
  CHECK(proof.databases_tried == 0);
  CHECK(proved("SELECT id FROM users", "SELECT id FROM users WHERE name < date('now')").reason ==
        "after calls date, which gives another answer each time");
}

TEST_CASE("LIMIT without ORDER BY is unknown, unless the number of rows tells", "[judge]") {
  const auto open = proved("SELECT id FROM users WHERE age > 3 LIMIT 2",
                           "SELECT id FROM users WHERE age >= 4 LIMIT 2");
  CHECK(open.verdict == "unknown");
  CHECK(open.reason.find("LIMIT without ORDER BY") != std::string::npos);
  CHECK(proved("SELECT id FROM users LIMIT 2", "SELECT id FROM users LIMIT 3").verdict ==
        "different");
}

TEST_CASE("a before whose rows hang on the order of reading is never called different", "[judge]") {
  const auto words =
      proved("SELECT group_concat(name) FROM users",
             "SELECT group_concat(name) FROM (SELECT name FROM users ORDER BY name)");
  INFO(words.reason);
  CHECK(words.verdict == "unknown");
  const auto numbers = proved("SELECT id, ROW_NUMBER() OVER (ORDER BY age) FROM users",
                              "SELECT id, ROW_NUMBER() OVER (ORDER BY age, id DESC) FROM users");
  INFO(numbers.reason);
  CHECK(numbers.verdict != "different");
}

TEST_CASE("an after that leaves ties open is different, and the script has the index that shows it",
          "[judge]") {
  const auto proof = proved("SELECT id FROM orders ORDER BY amount DESC, id LIMIT 2",
                            "SELECT id FROM orders ORDER BY amount DESC LIMIT 2");
  REQUIRE(proof.verdict == "different");
  CHECK(proof.counterexample->database.find("CREATE INDEX") != std::string::npos);
  CHECK(proof.counterexample->before_rows != proof.counterexample->after_rows);
}

TEST_CASE("an ORDER BY that orders nothing is different from one that does", "[judge]") {
  CHECK(proved("SELECT id, name FROM users ORDER BY id",
               "SELECT id, name FROM users ORDER BY name LIKE '%'")
            .verdict == "different");
}

TEST_CASE("ties of before may swap", "[judge]") {
  CHECK(proved("SELECT id, age FROM users ORDER BY age",
               "SELECT id, age FROM users ORDER BY age, id DESC")
            .verdict == "same");
}

TEST_CASE("foreign keys and CHECKs hold on every database", "[judge]") {
  const std::string ddl =
      "CREATE TABLE p (a INTEGER, b TEXT, PRIMARY KEY (a, b));\n"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b TEXT NOT NULL, boss INTEGER "
      "REFERENCES c(id), n INTEGER CHECK (n BETWEEN 10 AND 20), FOREIGN KEY (a, b) REFERENCES p(a, "
      "b));\n";
  CHECK(proved("SELECT c.id FROM c JOIN p ON p.a = c.a AND p.b = c.b", "SELECT id FROM c", ddl)
            .verdict == "same");
  CHECK(proved("SELECT id FROM c WHERE n >= 10 AND n < 15", "SELECT id FROM c WHERE n < 15", ddl)
            .verdict == "same");
  CHECK(proved("SELECT x.id FROM c x JOIN c y ON x.boss = y.id",
               "SELECT id FROM c WHERE boss IS NOT NULL", ddl)
            .verdict == "same");
  CHECK(proved("SELECT c.id FROM c JOIN p ON p.a = c.a", "SELECT id FROM c", ddl).verdict ==
        "different");
}

TEST_CASE("what the user needs is what is compared", "[judge]") {
  auto pair = pair_of("SELECT id, name, age FROM users", "SELECT id, age FROM users");
  Prover prover(kShop, repeatable());
  CHECK(prover.prove(pair).verdict == "different");
  pair.needs.columns = {"id", "age"};
  CHECK(prover.prove(pair).verdict == "same");
}

TEST_CASE("a statement that does not run on the schema is told", "[judge]") {
  const auto proof = proved("SELECT id FROM users", "SELECT nick FROM users");
  CHECK(proof.verdict == "unknown");
  CHECK(proof.does_not_run == "after: no such column: nick");
  CHECK(proof.reason == "after does not run on this schema: no such column: nick");
}

TEST_CASE("a query that parses in no grammar of ours is tried all the same", "[judge]") {
  const auto proof =
      proved("SELECT id FROM users WHERE name REGEXP 'a' OR age IS NOT DISTINCT FROM 3",
             "SELECT id FROM users");
  CHECK(proof.verdict != "same"); // REGEXP does not run
  const auto opaque = proved("SELECT id FROM users INDEXED BY nothing", "SELECT id FROM users");
  CHECK(opaque.verdict == "unknown");
}

TEST_CASE("the same seed gives the same proof", "[judge]") {
  const auto pair = pair_of("SELECT city, COUNT(*) FROM users GROUP BY city",
                            "SELECT city, COUNT(city) FROM users GROUP BY city");
  const auto first = to_json(Prover(kShop, repeatable()).prove(pair));
  Prover warm(kShop, repeatable());
  (void)warm.prove(pair_of("SELECT id FROM users", "SELECT id FROM orders"));
  CHECK(to_json(warm.prove(pair)) == first); // what a warm prover proved before does not matter
  CHECK(first.at("verdict") == "different");
  CHECK(first.at("counterexample").at("before_rows").is_array());
  for (const char* key : {"databases_tried", "mutants_killed", "mutants", "reason"})
    CHECK(first.contains(key));
}

TEST_CASE("a hostile query costs its budget and nothing more", "[judge]") {
  auto options = repeatable(12);
  options.steps = 50'000;
  Prover prover(kShop, options);
  const auto proof = prover.prove(pair_of(
      "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
      "SELECT count(*) FROM users"));
  INFO(proof.reason);
  CHECK(proof.verdict == "unknown");
  CHECK(prover.prove(pair_of("SELECT id FROM users", "SELECT id + 1 FROM users")).verdict ==
        "different");
}

TEST_CASE("a schema may declare and do nothing else", "[judge]") {
  for (const char* ddl :
       {"INSERT INTO t VALUES (1)", "CREATE TABLE t AS SELECT 1", "ATTACH 'x' AS y",
        "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE v USING fts5(a)", "CREATE TEMP TABLE t (a)"}) {
    INFO(ddl);
    CHECK_THROWS_AS(Prover(ddl, repeatable()), Error);
  }
  try {
    (void)judge::proof::read_ddl("DROP TABLE users");
    FAIL("DROP was let through");
  } catch (const Error& error) {
    CHECK(error.format() == "error: a schema may not hold \"DROP TABLE users\"\n  where: schema\n  "
                            "fix:   leave only CREATE TABLE, CREATE INDEX and CREATE VIEW\n");
  }
  CHECK_THROWS_AS(Prover("", repeatable()), Error);
}

TEST_CASE("tables stand before those that refer to them where the engine looks", "[judge]") {
  const std::string schema = "CREATE TABLE c (p INT REFERENCES p(id), c INT REFERENCES c(p));"
                             "CREATE INDEX i ON c(p); CREATE TABLE p (id INT PRIMARY KEY)";
  const auto typed = judge::proof::read_ddl(schema, sql::Dialect::duckdb).script;
  CHECK(typed.find("CREATE TABLE p") < typed.find("CREATE TABLE c"));
  CHECK(typed.find("CREATE TABLE c") < typed.find("CREATE INDEX i"));
  const auto sqlite = judge::proof::read_ddl(schema).script;
  CHECK(sqlite.find("CREATE TABLE c") < sqlite.find("CREATE TABLE p"));
}

TEST_CASE("CHECKs and views are read from the schema's text", "[judge]") {
  const auto ddl = judge::proof::read_ddl(
      "PRAGMA foreign_keys = ON; CREATE TABLE T (a INT CHECK (a IN (1, (2))), CHECK (a > 0)); "
      "CREATE VIEW V AS SELECT a FROM t;");
  CHECK(ddl.checks.at("t") == std::vector<std::string>{"a IN (1, (2))", "a > 0"});
  CHECK(ddl.views.at("v") == "SELECT a FROM t");
  CHECK(ddl.script.find("PRAGMA") == std::string::npos);
}

TEST_CASE("mutants are one change each and never the query itself", "[judge]") {
  const auto tree =
      sql::parse("SELECT a FROM t WHERE a > 5 AND b = 'x' LIMIT 3", sql::local_grammar());
  REQUIRE(tree);
  std::vector<std::string> texts;
  for (const auto& mutant : judge::proof::mutants_of(*tree.value(), 100, sql::Dialect::sqlite))
    texts.push_back(mutant.sql);
  for (const char* wanted :
       {"SELECT a FROM t WHERE a >= 5 AND b = 'x' LIMIT 3", "SELECT a FROM t LIMIT 3",
        "SELECT a FROM t WHERE a > 6 AND b = 'x' LIMIT 3",
        "SELECT a FROM t WHERE a > 5 OR b = 'x' LIMIT 3",
        "SELECT a FROM t WHERE a > 5 AND b = 'xa' LIMIT 3",
        "SELECT a FROM t WHERE a > 5 AND b = 'x' LIMIT 4", "SELECT a FROM t WHERE a > 5 LIMIT 3"}) {
    INFO(wanted);
    CHECK(std::count(texts.begin(), texts.end(), wanted) == 1);
  }
  CHECK(judge::proof::mutants_of(*tree.value(), 4, sql::Dialect::sqlite).size() == 4);
}

TEST_CASE("near a date are the days around it and the ends of its month and year", "[judge]") {
  using judge::proof::Kind;
  const auto values = judge::proof::near(engine::Value(std::string("2024-02-10")), Kind::day, true);
  for (const char* day : {"2024-02-10", "2024-02-09", "2024-02-11", "2024-02-01", "2024-01-31",
                          "2024-03-01", "2024-02-29", "2024-01-01", "2023-12-31", "2025-01-01"})
    CHECK(std::count(values.begin(), values.end(), engine::Value(std::string(day))) >= 1);
}

TEST_CASE("pairs written before the generator was looked at: a sixth of them", "[judge]") {
  const auto result =
      score(labelled_pairs(kFolder / "proof_held_out_pairs.jsonl"), 6, repeatable(120));
  CHECK(result.found == result.different);
  CHECK(result.wrong == 0);
  CHECK(result.not_replayed == 0);
}

TEST_CASE("all pairs of known label", "[judge][slow]") {
  for (const char* name :
       {"proof_held_out_pairs.jsonl", "proof_mistake_pairs.jsonl", "fresh_pairs.jsonl"}) {
    const auto result = score(labelled_pairs(kFolder / name), 1, repeatable(600));
    CHECK(result.found == result.different);
    CHECK(result.wrong == 0);
    CHECK(result.not_replayed == 0);
    CHECK(result.unknown * 20 <= result.same); // 5 %
  }
}

TEST_CASE("the shared pairs of VeriEQL and Calcite", "[judge][slow]") {
  const auto path = shared_data() / "equivalence/pairs.jsonl";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: no " << path.string());
    return;
  }
  const auto result = score(labelled_pairs(path), 1, repeatable(600));
  CHECK(result.found == result.different);
  CHECK(result.wrong == 0);
  CHECK(result.not_replayed == 0);
  CHECK(result.unknown * 20 <= result.same);
}

TEST_CASE("a hundred tables of a thousand columns stay within the budget", "[judge][slow]") {
  std::string ddl;
  for (int t = 0; t < 100; ++t) {
    ddl += "CREATE TABLE t" + std::to_string(t) + " (c0 INTEGER";
    for (int c = 1; c < 1000; ++c)
      ddl += ", c" + std::to_string(c) + " TEXT";
    ddl += ");\n";
  }
  ProofOptions options;
  options.budget_ms = 2000;
  Prover prover(ddl, options);
  const auto start = std::chrono::steady_clock::now();
  const auto proof = prover.prove(pair_of("SELECT a.c0 FROM t1 a JOIN t2 b ON a.c1 = b.c2",
                                          "SELECT a.c0 FROM t1 a JOIN t2 b ON a.c1 = b.c3"));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  INFO(proof.reason);
  CHECK(proof.verdict == "different");
  CHECK(took.count() < 60); // 4 s of processor time, and what else the machine does
}
