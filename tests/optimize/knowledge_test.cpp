#include "quill/optimize/knowledge.hpp"

#include <algorithm>
#include <fstream>

#include "catch.hpp"

#include "optimize/gold_fixture.hpp"
#include "optimize/query_shape.hpp"

using namespace quill;
using namespace quill::optimize;
using test::shipped;

namespace {

QueryShape shape(const std::string& sql) {
  return query_shape(*sql::parse(sql, sql::local_grammar()).value());
}

Retrieved nearest(const KnownRewrite& rewrite) {
  return shipped()
      .retrieve(rewrite.before, rewrite.engine, sql::local_grammar(), {.without = rewrite.id})
      .value();
}

bool finds_family(const KnownRewrite& rewrite) {
  const auto found = nearest(rewrite).gold;
  return std::any_of(found.begin(), found.end(),
                     [&](const auto& match) { return match.rewrite->family == rewrite.family; });
}

} // namespace

TEST_CASE("16 gold examples of DuckDB, 5 of PostgreSQL and at least 10 of SQLite are shipped",
          "[optimize]") {
  std::map<engine::Engine, int> gold;
  for (const auto& rewrite : shipped().rewrites())
    gold[rewrite.engine] += rewrite.regression ? 0 : 1;
  CHECK(gold[engine::Engine::duckdb] == 16);
  CHECK(gold[engine::Engine::postgres] == 5);
  CHECK(gold[engine::Engine::sqlite] >= 10);
}

TEST_CASE("with an example left out, its family is among the first three for at least 80 %",
          "[optimize]") {
  int asked = 0, right = 0;
  for (const auto& rewrite : shipped().rewrites()) {
    if (rewrite.regression)
      continue;
    ++asked;
    const bool found = finds_family(rewrite);
    right += found ? 1 : 0;
    if (!found)
      UNSCOPED_INFO("missed: " << rewrite.id);
  }
  INFO(right << " of " << asked);
  CHECK(10 * right >= 8 * asked);
}

TEST_CASE("only what was seen on the asked engine is found", "[optimize]") {
  for (const auto& rewrite : shipped().rewrites()) {
    const auto found =
        shipped().retrieve(rewrite.before, rewrite.engine, sql::local_grammar(), {.gold = 100});
    REQUIRE(found.ok());
    for (const auto& match : found.value().gold) {
      const auto& also = match.rewrite->also;
      CHECK((match.rewrite->engine == rewrite.engine ||
             std::find(also.begin(), also.end(), rewrite.engine) != also.end()));
    }
  }
}

TEST_CASE("an example finds itself first, at no distance", "[optimize]") {
  const auto& rewrite = shipped().rewrites().front();
  const auto found =
      shipped().retrieve(rewrite.before, rewrite.engine, sql::local_grammar()).value();
  REQUIRE(found.gold.size() == 3);
  CHECK(found.gold[0].rewrite->id == rewrite.id);
  CHECK(found.gold[0].distance == Approx(0).margin(1e-3));
  CHECK(found.gold[1].distance <= found.gold[2].distance);
}

TEST_CASE("neither names nor the values of literals are part of a shape", "[optimize]") {
  CHECK(shape("SELECT a FROM t WHERE b = 1") == shape("SELECT x FROM u WHERE y = 77"));
  CHECK(shape("SELECT a FROM t WHERE b = 1") != shape("SELECT a FROM t WHERE b < 1"));
}

TEST_CASE("text that is no query is refused with the reason", "[optimize]") {
  const auto found =
      shipped().retrieve("DROP TABLE t", engine::Engine::sqlite, sql::local_grammar());
  REQUIRE_FALSE(found.ok());
  CHECK_FALSE(found.failure().what.empty());
}

TEST_CASE("of eleven constraints the critical ones stand first and last in a prompt",
          "[optimize]") {
  CHECK(shipped().constraints().size() == 11);
  for (const auto engine :
       {engine::Engine::sqlite, engine::Engine::duckdb, engine::Engine::postgres}) {
    const auto ordered = shipped().constraints_for_prompt(engine);
    const auto critical = std::count_if(
        shipped().constraints().begin(), shipped().constraints().end(),
        [](const auto& one) { return one.severity == Constraint::Severity::critical; });
    REQUIRE(ordered.size() == 11 + static_cast<std::size_t>(critical)); // six stand twice
    CHECK(ordered.front()->id == "same-rows");
    for (std::ptrdiff_t i = 0; i < critical; ++i)
      CHECK(ordered[static_cast<std::size_t>(i)] == *(ordered.end() - critical + i));
  }
}

TEST_CASE("a gold file with a slip is refused by file and key", "[optimize]") {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.path() / "gold");
  std::ofstream(folder.path() / "constraints.json") << R"({"constraints": []})";
  const auto refusal = [&](const std::string& one) {
    std::ofstream(folder.path() / "gold" / "sqlite.json") << R"({"gold": [)" + one + "]}";
    try {
      (void)Knowledge::load(folder.path());
    } catch (const Error& error) {
      return error.text().what + " @ " + error.text().where;
    }
    return std::string("accepted");
  };
  const auto where = (folder.path() / "gold" / "sqlite.json").string() + ": gold[0]";
  const auto one = [](const std::string& before, const std::string& speedup) {
    return R"({"id": "a", "family": "f", "principle": "p", "schema": "s", "before": )" + before +
           R"(, "after": ["SELECT 1"], "speedup": )" + speedup + "}";
  };
  CHECK(refusal(one(R"(["SELECT 1"])", "2")) == "accepted");
  CHECK(refusal(one("[]", "2")) == "\"before\" has no lines @ " + where);
  CHECK(refusal(one(R"(["SELECT 1"])", "0.5")) == "\"a\" has speedup 0.5 @ " + where);
  CHECK(refusal(one(R"(["SELECT 1"])", "2") + "," + one(R"(["SELECT 1"])", "2")) ==
        "the id \"a\" comes twice @ " + (folder.path() / "gold").string());
}
