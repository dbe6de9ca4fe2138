#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::Shell;

namespace {

constexpr const char* kDdl = "CREATE TABLE t (a INTEGER, b TEXT);";

void write_pair(const Shell& shell, const std::string& before, const std::string& after) {
  shell.write("ddl.sql", kDdl);
  shell.write("before.sql", before);
  shell.write("after.sql", after);
}

std::vector<std::string> words(std::vector<std::string> more = {}) {
  std::vector<std::string> all = {"equivalence", "--schema",    "ddl.sql",   "--before",
                                  "before.sql",  "--after",     "after.sql", "--measure",
                                  "steps",       "--databases", "60"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace

TEST_CASE("equivalence of a different pair prints the database that shows it, exit 1", "[cli]") {
  const Shell shell;
  write_pair(shell, "SELECT COUNT(*) FROM t", "SELECT COUNT(a) FROM t");
  const auto outcome = shell.quill(words({"--json"}));
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 1);
  CHECK(outcome.err.empty());
  const Json proof = outcome.json();
  CHECK(proof.at("format_version") == 1);
  CHECK(proof.at("verdict") == "different");
  const auto& example = proof.at("counterexample");
  CHECK(example.at("before_rows") == Json::parse("[[1]]"));
  CHECK(example.at("after_rows") == Json::parse("[[0]]"));
  CHECK(example.at("database").get<std::string>().find("INSERT INTO t") != std::string::npos);
}

TEST_CASE("equivalence of a same pair exits 0 and says what was tried", "[cli]") {
  const Shell shell;
  write_pair(shell, "SELECT a FROM t WHERE a > 3 OR a = 3", "SELECT a FROM t WHERE a >= 3");
  const auto json = shell.quill(words({"--json"}));
  INFO(json.out << json.err);
  CHECK(json.exit == 0);
  CHECK(json.json().at("verdict") == "same");
  CHECK(json.json().at("counterexample").is_null());
  CHECK(json.json().at("databases_tried") == 60);
  const auto text = shell.quill(words());
  CHECK(text.out.rfind("same: the same rows on 60 databases, ", 0) == 0);
  CHECK(shell.quill(words({"--json"})).out == json.out); // with steps a run repeats
}

TEST_CASE("equivalence --pairs prints one line a pair, bad schemas among them", "[cli]") {
  const Shell shell;
  const Json good = {{"id", "good"},
                     {"schema", kDdl},
                     {"before", "SELECT a FROM t WHERE a > 1"},
                     {"after", "SELECT a FROM t WHERE a >= 2"},
                     {"label", "same"}};
  const Json bad = {
      {"id", "bad"}, {"schema", "DROP TABLE t"}, {"before", "SELECT 1"}, {"after", "SELECT 2"}};
  shell.write("pairs.jsonl", good.dump() + "\n" + bad.dump() + "\n");
  const auto outcome = shell.quill(
      {"equivalence", "--pairs", "pairs.jsonl", "--format", "jsonl", "--budget-ms", "5000"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 1); // one is not the same
  const auto end = outcome.out.find('\n');
  const Json first = Json::parse(outcome.out.substr(0, end));
  const Json second = Json::parse(outcome.out.substr(end + 1));
  CHECK(first.at("id") == "good");
  CHECK(first.at("verdict") == "same");
  CHECK(second.at("id") == "bad");
  CHECK(second.at("verdict") == "unknown");
  CHECK(second.at("reason") == "a schema may not hold \"DROP TABLE t\"");
}

TEST_CASE("equivalence on PostgreSQL wants a server, and no other engine does", "[cli]") {
  const Shell shell;
  write_pair(shell, "SELECT 1", "SELECT 1");
  const auto outcome = shell.quill(words({"--engine", "postgres"}));
  CHECK(outcome.exit == 2);
  CHECK(outcome.err ==
        "error: no server to make the databases on\n  where: command line\n  fix:   give --db, for "
        "example \"host=/run/postgresql dbname=scratch\"\n");
  CHECK(shell.quill(words({"--db", "host=/tmp"})).exit == 2);
}

TEST_CASE("equivalence without a schema or a pair says what is missing", "[cli]") {
  const Shell shell;
  write_pair(shell, "SELECT 1", "SELECT 1");
  CHECK(shell.quill({"equivalence"}).exit == 2);
  const auto outcome =
      shell.quill({"equivalence", "--before", "before.sql", "--after", "after.sql"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err.rfind("error: no schema for the pair\n", 0) == 0);
}
