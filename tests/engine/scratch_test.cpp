// A database whose rows are replaced again and again.
#include "quill/engine/scratch.hpp"

#include <csignal>

#include "catch.hpp"

using namespace quill::engine;

namespace {

const std::string kDdl =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CHECK (a < 10), b TEXT);"
    "CREATE TABLE u (x TEXT NOT NULL, UNIQUE (x));";

Value integer(std::int64_t value) {
  return value;
}

TableRows rows_of_t(std::vector<std::int64_t> values) {
  TableRows out{.table = "t", .columns = {"id", "a"}, .rows = {}};
  for (const auto value : values)
    out.rows.push_back({integer(static_cast<std::int64_t>(out.rows.size()) + 1), integer(value)});
  return out;
}

} // namespace

TEST_CASE("each load replaces the rows", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  REQUIRE(scratch->load({rows_of_t({1, 2, 3})}).ok);
  CHECK(scratch->run("SELECT sum(a) FROM t", {}).rows == std::vector<Row>{{integer(6)}});
  REQUIRE(scratch->load({rows_of_t({5})}).ok);
  CHECK(scratch->run("SELECT sum(a) FROM t", {}).rows == std::vector<Row>{{integer(5)}});
  CHECK(scratch->schema().tables.size() == 2);
}

TEST_CASE("rows the schema refuses are left out and told", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  const TableRows u{.table = "u",
                    .columns = {"x"},
                    .rows = {{std::string("k")}, {std::string("k")}, {std::monostate{}}}};
  const auto loaded = scratch->load({rows_of_t({1, 99}), u});
  REQUIRE(loaded.ok);
  CHECK(loaded.kept == std::vector<std::vector<std::uint8_t>>{{1, 0}, {1, 0, 0}}); // CHECK, UNIQUE
  CHECK(scratch->run("SELECT count(*) FROM t, u", {}).rows == std::vector<Row>{{integer(1)}});
}

TEST_CASE("a batch hashes each statement and says what may not run", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  (void)scratch->load({rows_of_t({1, 2})});
  const auto samples = scratch->hashes({{"SELECT a FROM t", Side::base},
                                        {"SELECT a FROM t ORDER BY a DESC", Side::base},
                                        {"SELECT missing FROM t", Side::base},
                                        {"DELETE FROM t", Side::base}},
                                       {});
  REQUIRE(samples.size() == 4);
  CHECK(samples[0].row_count == 2);
  CHECK(samples[0].digest.bag[0] == samples[1].digest.bag[0]);
  CHECK(samples[0].digest.list[0] != samples[1].digest.list[0]);
  CHECK(samples[2].cause == Cause::unknown_name);
  CHECK(samples[3].cause == Cause::forbidden);
  CHECK(scratch->run("SELECT count(*) FROM t", {}).rows == std::vector<Row>{{integer(2)}});
}

TEST_CASE("the reversed side visits the same rows the other way round", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  (void)scratch->load({rows_of_t({1, 2, 3})});
  const auto forward = scratch->run("SELECT id FROM t", {}, Side::base).rows;
  const auto backward = scratch->run("SELECT id FROM t", {}, Side::reversed).rows;
  CHECK(forward == std::vector<Row>{{integer(1)}, {integer(2)}, {integer(3)}});
  CHECK(backward == std::vector<Row>{{integer(3)}, {integer(2)}, {integer(1)}});
}

TEST_CASE("indexes are built on the reversed side and go with the next ones", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  (void)scratch->load({rows_of_t({1, 1})});
  REQUIRE(scratch->build_indexes({"CREATE INDEX i ON t(a)"}, {}).ok);
  // Read backwards for the order, the index gives the later row of a tie first.
  const std::string sql = "SELECT id FROM t ORDER BY a DESC";
  CHECK(scratch->run(sql, {}, Side::base).rows[0] == Row{integer(1)});
  CHECK(scratch->run(sql, {}, Side::reversed).rows[0] == Row{integer(2)});
  REQUIRE(scratch->build_indexes({}, {}).ok);
  CHECK(scratch->plan(sql, Side::reversed).indexes_used.empty());
  CHECK_FALSE(scratch->build_indexes({"DROP TABLE t"}, {}).ok);
}

TEST_CASE("a killed worker comes back with the rows it had", "[engine]") {
  const auto scratch = open_sqlite_scratch(kDdl);
  (void)scratch->load({rows_of_t({7})});
  ::kill(scratch->worker_pid(), SIGKILL);
  const auto samples = scratch->hashes({{"SELECT a FROM t WHERE a = 7", Side::base}}, {});
  const auto again = scratch->run("SELECT a FROM t", {});
  CHECK(again.rows == std::vector<Row>{{integer(7)}});
  CHECK(samples.size() == 1);
}

TEST_CASE("a script that fails is a usage error", "[engine]") {
  CHECK_THROWS_AS(open_sqlite_scratch("CREATE TABLE t (a); CREATE TABLE t (a);"), quill::Error);
}
