// A suite as a folder: what is written, what is read again, what is refused.
#include "catch.hpp"

#include "optimize/fixture.hpp"
#include "quill/optimize/suite.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::optimize;
using quill::test::refusal;

namespace {

SuiteHeader shop() {
  return {.name = "shop", .database = "shop.db", .scale = {}, .version = "0"};
}

} // namespace

TEST_CASE("a suite holds its queries, and one that is made is found again", "[optimize]") {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "shop";
  (void)Suite::create(folder, shop(), {{"b", "SELECT 2"}, {"a", "SELECT 1"}});
  const auto suite = Suite::open(folder);
  CHECK(suite.ids() == std::vector<std::string>{"a", "b"});
  CHECK(suite.baseline(0, "a").text == "SELECT 1");
  CHECK(suite.header().name == "shop");
  CHECK(suite.database() == (folder / "shop.db").string());
  CHECK(suite.state() == 0);
  CHECK(suites_below(scratch.path()).size() == 1);
}

TEST_CASE("a suite is not made over another", "[optimize]") {
  const ScratchFolder scratch;
  (void)Suite::create(scratch.path(), shop(), {{"a", "SELECT 1"}});
  CHECK(refusal(Exit::usage, [&] {
          (void)Suite::create(scratch.path(), shop(), {{"a", "SELECT 1"}});
        }).what.find("there is a suite in") == 0);
}

TEST_CASE("a connection string with a password is not written down", "[optimize]") {
  for (const char* connection :
       {"host=db password=secret", "postgres://me:secret@db/shop", "postgres://db/x?password=p"}) {
    const ScratchFolder scratch;
    auto header = shop();
    header.engine = engine::Engine::postgres;
    header.database = connection;
    CHECK(refusal(Exit::usage, [&] {
            (void)Suite::create(scratch.path(), header, {{"a", "SELECT 1"}});
          }).what == "the connection string holds a password, and would be written to suite.json");
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "suite.json"));
  }
  const ScratchFolder scratch;
  auto header = shop();
  header.engine = engine::Engine::postgres;
  header.database = "postgres://me@db:5432/shop";
  CHECK(Suite::create(scratch.path(), header, {{"a", "SELECT 1"}}).database() == header.database);
}

TEST_CASE("the next state starts from what was promoted, and from the state before it",
          "[optimize]") {
  const ScratchFolder scratch;
  const auto suite = Suite::create(scratch.path(), shop(), {{"a", "SELECT 1"}, {"b", "SELECT 2"}});
  suite.begin_state(1, {{"a", "SELECT 1 AS faster"}});
  CHECK(suite.state() == 1);
  CHECK(suite.baseline(1, "a").text == "SELECT 1 AS faster");
  CHECK(suite.baseline(1, "b").text == "SELECT 2");
  CHECK(suite.baseline(0, "a").text == "SELECT 1");
}

TEST_CASE("each statement of a file is a query of its own", "[optimize]") {
  const ScratchFolder scratch;
  real_disk().write_atomic(scratch.path() / "q39.sql", "SELECT 1; SELECT 2;");
  real_disk().write_atomic(scratch.path() / "q1.sql", "SELECT 3");
  const auto queries = read_queries(scratch.path(), engine::Engine::sqlite);
  REQUIRE(queries.size() == 3);
  CHECK(queries[0].name == "q1");
  CHECK(queries[1].name == "q39");
  CHECK(queries[2].name == "q39_2");
  CHECK(queries[2].text == "SELECT 2");
}

TEST_CASE("a folder without a query, and a file that cannot be an id, are refused", "[optimize]") {
  const ScratchFolder scratch;
  CHECK(refusal(Exit::usage, [&] {
          (void)read_queries(scratch.path(), engine::Engine::sqlite);
        }).what == "there is no query");
  real_disk().write_atomic(scratch.path() / "a b.sql", "SELECT 1");
  CHECK(refusal(Exit::usage, [&] {
          (void)read_queries(scratch.path(), engine::Engine::sqlite);
        }).what == "\"a b\" cannot be the id of a query");
}
