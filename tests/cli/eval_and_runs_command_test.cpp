#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::is_three_lines;
using quill::test::make_shop;
using quill::test::Shell;
using quill::test::slurp;

namespace {

/// shop.sqlite, two questions, and predictions: one right, one wrong.
void make_questions(const Shell& shell) {
  make_shop(shell);
  std::filesystem::rename(shell.path("shop.db"), shell.path("shop.sqlite"));
  shell.write("q.jsonl",
              "{\"id\":\"a\",\"db_id\":\"shop\",\"question\":\"\",\"gold\":\"SELECT count(*) FROM "
              "users\"}\n{\"id\":\"b\",\"db_id\":\"shop\",\"question\":\"\",\"gold\":\"SELECT id "
              "FROM users WHERE id < 4\"}\n");
  shell.write("p.jsonl", "{\"id\":\"a\",\"sql\":\"SELECT count(*) FROM users\"}\n"
                         "{\"id\":\"b\",\"sql\":\"SELECT id FROM users WHERE id < 5\"}\n");
}

void make_run(const Shell& shell) {
  make_shop(shell);
  const auto outcome =
      shell.quill({"restem", "--db", "shop.db", "--iterations", "3", "--measure", "steps",
                   "--trust", "fast", "--out", "runs/one", "--quiet", "--no-progress"});
  INFO(outcome.err);
  REQUIRE(outcome.exit == 0);
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("eval sql prints totals and writes one line a question", "[cli]") {
  const Shell shell;
  make_questions(shell);
  const auto outcome =
      shell.quill({"eval", "sql", "--questions", "q.jsonl", "--predictions", "p.jsonl",
                   "--databases", ".", "--details", "d.jsonl", "--json"});
  INFO(outcome.err);
  CHECK(outcome.exit == 0);
  const Json totals = outcome.json().at("totals");
  CHECK(totals.at("questions") == 2);
  CHECK(totals.at("spider_exec") == 50.0);
  CHECK(totals.at("spider_exact") == 100.0); // values do not count
  CHECK(totals.at("ves").is_null());
  CHECK(holds(slurp(shell.path("d.jsonl")), "\"id\":\"b\",\"db_id\":\"shop\",\"hardness\":\"easy\","
                                            "\"spider_exec\":0,\"spider_exec_keep_distinct\":0,"
                                            "\"spider_exact\":1,\"bird_ex\":0"));
}

TEST_CASE("eval sql with a prediction missing ends with 1, with a bad file with 2", "[cli]") {
  const Shell shell;
  make_questions(shell);
  shell.write("p.jsonl", "{\"id\":\"a\",\"sql\":\"SELECT count(*) FROM users\"}\n");
  const auto missing = shell.quill(
      {"eval", "sql", "--questions", "q.jsonl", "--predictions", "p.jsonl", "--databases", "."});
  CHECK(missing.exit == 1);
  CHECK(holds(missing.out, "1 without a prediction: scored 0\n"));
  shell.write("p.jsonl", "not JSON\n");
  const auto bad = shell.quill(
      {"eval", "sql", "--questions", "q.jsonl", "--predictions", "p.jsonl", "--databases", "."});
  CHECK(bad.exit == 2);
  CHECK(is_three_lines(bad.err));
}

TEST_CASE("runs are listed, shown and written as a page with plans", "[cli]") {
  const Shell shell;
  make_run(shell);
  const auto list = shell.quill({"runs", "ls", "runs", "--json"});
  CHECK(list.exit == 0);
  REQUIRE(list.json().at("runs").size() == 1);
  CHECK(list.json().at("runs")[0].at("folder") == "runs/one");
  CHECK(list.json().at("runs")[0].at("totals").at("iterations") == 3);
  const auto shown = shell.quill({"runs", "show", "runs/one"});
  CHECK(shown.exit == 0);
  CHECK(holds(shown.out, "restem --db shop.db --iterations 3"));
  CHECK(holds(shown.out, "judge.measure"));
  const auto report =
      shell.quill({"runs", "report", "runs/one", "--db", "shop.db", "--html", "r.html"});
  INFO(report.err);
  CHECK(report.exit == 0);
  const std::string page = slurp(shell.path("r.html"));
  CHECK(holds(page, "<h1>Quill run runs/one</h1>"));
  CHECK(holds(page, "<pre class=\"plan\">"));
  CHECK(shell.quill({"analyze", "runs/one", "--html", "a.html", "--db", "shop.db"}).exit == 0);
  CHECK(slurp(shell.path("a.html")) == page);
}

TEST_CASE("a run that cannot be read is listed with its problem", "[cli]") {
  const Shell shell;
  shell.write("runs/bad/run.db", "no database");
  const auto list = shell.quill({"runs", "ls", "runs", "--json"});
  CHECK(list.exit == 0);
  CHECK(list.json().at("runs")[0].at("problem").is_string());
  CHECK(shell.quill({"runs", "ls", "nowhere"}).exit == 2);
}
