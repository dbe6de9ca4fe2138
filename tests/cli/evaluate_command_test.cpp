#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::make_shop;
using quill::test::Shell;

namespace {

constexpr const char* kSlow =
    "SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) "
    "AS n FROM users u";
constexpr const char* kFast = "SELECT u.name, coalesce(c.n, 0) AS n FROM users u LEFT JOIN (SELECT "
                              "user_id, count(*) AS n FROM orders GROUP BY user_id) c ON "
                              "c.user_id = u.id";

Json pair(const std::string& id, const std::string& before, const std::string& after) {
  return {{"id", id}, {"before", before}, {"after", after}};
}

} // namespace

TEST_CASE("evaluate of one pair prints the fields of its contract", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("slow.sql", kSlow);
  shell.write("fast.sql", kFast);
  const auto outcome = shell.quill({"evaluate", "--db", "shop.db", "--before", "slow.sql",
                                    "--after", "fast.sql", "--measure", "steps", "--json"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 0);
  CHECK(outcome.err.empty());
  const Json verdict = outcome.json();
  CHECK(verdict.at("format_version") == 1);
  CHECK(verdict.at("correct") == true);
  CHECK(verdict.at("verdict") == "same");
  CHECK(verdict.at("status") == "ok");
  CHECK(verdict.at("speedup").get<double>() > 5); // 60 scans of 300 rows against one
  CHECK(verdict.at("kept") == true);
  for (const char* key :
       {"before_ms", "after_ms", "noise", "significant", "reward", "readability", "type"})
    CHECK(verdict.contains(key));
}

TEST_CASE("a wrong answer is different, with exit code 1", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("slow.sql", "SELECT count(*) FROM orders");
  shell.write("fast.sql", "SELECT count(*) + 1 FROM orders");
  const auto outcome = shell.quill({"evaluate", "--db", "shop.db", "--before", "slow.sql",
                                    "--after", "fast.sql", "--measure", "steps", "--json"});
  CHECK(outcome.exit == 1);
  const Json verdict = outcome.json();
  CHECK(verdict.at("correct") == false);
  CHECK(verdict.at("verdict") == "different");
  CHECK(verdict.at("kept") == false);
  CHECK(!verdict.at("reason").get<std::string>().empty());
}

TEST_CASE("evaluate --pairs prints one verdict a pair, as document, lines and table", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("pairs.jsonl", pair("good", kSlow, kFast).dump() + "\n" +
                                 pair("bad", "SELECT 1", "SELECT 2").dump() + "\n");
  const std::vector<std::string> words = {"evaluate",    "--db",      "shop.db", "--pairs",
                                          "pairs.jsonl", "--measure", "steps",   "--format"};
  const auto printed = [&](const std::string& format) {
    std::vector<std::string> all = words;
    all.push_back(format);
    const auto outcome = shell.quill(all);
    CHECK(outcome.exit == 1); // "bad" is not correct
    return outcome;
  };
  const Json document = printed("json").json();
  REQUIRE(document.at("pairs").size() == 2);
  CHECK(document.at("pairs").at(0).at("id") == "good");
  CHECK(document.at("pairs").at(0).at("correct") == true);
  CHECK(document.at("pairs").at(1).at("correct") == false);
  CHECK(document.at("summary").at("correct") == 1);
  CHECK(document.at("summary").at("different") == 1);

  const std::string lines = printed("jsonl").out;
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(quill::parse_json(lines.substr(0, lines.find('\n')), "line").at("format_version") == 1);

  const std::string table = printed("table").out;
  CHECK(table.find("2 pairs: 1 correct, 1 different, 0 unknown, 1 kept") != std::string::npos);
}

TEST_CASE("--require kept asks for more than the same rows", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("q.sql", "SELECT count(*) FROM orders");
  const std::vector<std::string> words = {"evaluate", "--db",     "shop.db", "--before",
                                          "q.sql",    "--after",  "q.sql",   "--measure",
                                          "steps",    "--require"};
  std::vector<std::string> correct = words, kept = words;
  correct.emplace_back("correct");
  kept.emplace_back("kept");
  CHECK(shell.quill(correct).exit == 0);
  CHECK(shell.quill(kept).exit == 1); // the same query is not faster than itself
}

TEST_CASE("a pair's own database goes before --db", "[cli]") {
  const Shell shell;
  make_shop(shell);
  Json line = pair("own", "SELECT count(*) FROM orders", "SELECT count(id) FROM orders");
  line["db"] = "shop.db";
  shell.write("pairs.jsonl", line.dump() + "\n");
  const auto outcome =
      shell.quill({"evaluate", "--pairs", "pairs.jsonl", "--measure", "steps", "--json"});
  INFO(outcome.err);
  CHECK(outcome.json().at("pairs").at(0).at("correct") == true);
}

TEST_CASE("what its user needs makes a smaller answer right", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("before.sql", "SELECT id, name, email FROM users ORDER BY id");
  shell.write("after.sql", "SELECT name FROM users ORDER BY id LIMIT 3");
  const std::vector<std::string> words = {"evaluate",   "--db",    "shop.db",   "--before",
                                          "before.sql", "--after", "after.sql", "--measure",
                                          "steps",      "--json"};
  CHECK(shell.quill(words).exit == 1);
  std::vector<std::string> needed = words;
  needed.insert(needed.end(), {"--need-column", "name", "--need-top", "3"});
  const auto outcome = shell.quill(needed);
  INFO(outcome.out);
  CHECK(outcome.exit == 0);
  CHECK(outcome.json().at("correct") == true);
}

TEST_CASE("judge says which of two queries reads better, without running them", "[cli]") {
  const Shell shell;
  shell.write("nested.sql", "SELECT a FROM (SELECT a FROM (SELECT a FROM t WHERE b = 1) x) y");
  shell.write("flat.sql", "SELECT a FROM t WHERE b = 1");
  const auto outcome =
      shell.quill({"judge", "--before", "nested.sql", "--after", "flat.sql", "--json"});
  INFO(outcome.err);
  CHECK(outcome.exit == 0);
  CHECK(outcome.json().at("judge") == "offline");
  CHECK(outcome.json().at("readability").get<double>() > 0);
  CHECK(outcome.json().at("readability").get<double>() <= 0.2);
}

TEST_CASE("rules list and rules show tell what a rule does, where it pays and where it hurts",
          "[cli]") {
  const Shell shell;
  const auto list = shell.quill({"rules", "list", "--json"});
  CHECK(list.exit == 0);
  const Json rules = list.json();
  REQUIRE(rules.is_array());
  CHECK(rules.size() >= 7); // six rewrites and the index adviser, at least
  for (const Json& rule : rules)
    for (const char* key : {"name", "summary", "engines", "pays", "hurts"})
      CHECK(!rule.at(key).empty());
  const std::string name = rules.at(0).at("name");
  const auto show = shell.quill({"rules", "show", name, "--json"});
  CHECK(show.exit == 0);
  CHECK(show.json().at("summary") == rules.at(0).at("summary"));
  const auto absent = shell.quill({"rules", "show", name + "x"});
  CHECK(absent.exit == 2);
  CHECK(absent.err.find("did you mean \"" + name + "\"?") != std::string::npos);
}

TEST_CASE("--trust full proves by default, --trust fast says that it does not", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("slow.sql", "SELECT DISTINCT email FROM users");
  shell.write("fast.sql", "SELECT email FROM users"); // no two users share one here
  const std::vector<std::string> words = {"evaluate", "--db",      "shop.db",
                                          "--before", "slow.sql",  "--after",
                                          "fast.sql", "--measure", "steps"};
  std::vector<std::string> json = words, fast = words;
  json.emplace_back("--json");
  const auto full = shell.quill(json);
  CHECK(full.exit == 1);
  CHECK(full.json().at("trust") == "full");
  CHECK(full.json().at("verdict") == "different");
  CHECK(full.json().at("reward") == 0);
  CHECK(full.json().at("proof").at("counterexample").at("database").is_string());
  fast.insert(fast.end(), {"--trust", "fast"});
  const auto text = shell.quill(fast);
  CHECK(text.exit == 0);
  CHECK(text.out.find("trust fast: compared on this database alone, not proved on others") !=
        std::string::npos);
}
