// What the scratch of every engine does alike.
#pragma once

#include "engine/fixtures.hpp"
#include "quill/engine/scratch.hpp"

namespace quill::engine::test {

/// For every engine's dialect; the second table refers to the first.
inline constexpr const char* kScratchTables =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CHECK (a < 10), d DATE, ok BOOLEAN);"
    "CREATE TABLE u (x VARCHAR NOT NULL UNIQUE, t INTEGER REFERENCES t(id));"
    "CREATE VIEW v AS SELECT id FROM t WHERE ok;";

inline TableRows rows_of_t(const std::vector<std::int64_t>& values) {
  TableRows out{.table = "t", .columns = {"id", "a", "d", "ok"}, .rows = {}};
  for (const auto value : values)
    out.rows.push_back({integer(static_cast<std::int64_t>(out.rows.size()) + 1), integer(value),
                        std::string("2024-02-29"), integer(value % 2)});
  return out;
}

inline std::vector<Row> ids(std::vector<std::int64_t> values) {
  std::vector<Row> rows;
  for (const auto value : values)
    rows.push_back({integer(value)});
  return rows;
}

inline void check_rows_are_replaced(Scratch& scratch) {
  REQUIRE(scratch.load({rows_of_t({1, 2, 3})}).ok);
  CHECK(scratch.run("SELECT id FROM v ORDER BY id", {}).rows == ids({1, 3})); // the odd ones
  REQUIRE(scratch.load({rows_of_t({5})}).ok);
  CHECK(scratch.run("SELECT a FROM t WHERE d > '2024-02-28'", {}).rows == ids({5}));
  CHECK(scratch.run("DELETE FROM t", {}).status == Status::blocked);
  CHECK(scratch.schema().tables.size() == 2);
}

inline void check_bad_rows_are_left_out(Scratch& scratch) {
  const Row no_day = {integer(3), integer(1), std::string("2023-02-30"), integer(1)};
  auto t = rows_of_t({1, 99});
  t.rows.push_back(no_day);
  const TableRows u{.table = "u",
                    .columns = {"x", "t"},
                    .rows = {{std::string("k"), integer(77)}, // no such row of t: not looked at
                             {std::string("k"), integer(1)},
                             {std::monostate{}, integer(1)}}};
  const auto loaded = scratch.load({t, u});
  REQUIRE(loaded.ok);
  // CHECK, no date; UNIQUE, NOT NULL
  CHECK(loaded.kept == std::vector<std::vector<std::uint8_t>>{{1, 0, 0}, {1, 0, 0}});
  CHECK(scratch.run("SELECT t FROM u", {}).rows == ids({77}));
}

inline void check_rows_turn_round(Scratch& scratch) {
  REQUIRE(scratch.load({rows_of_t({1, 2, 3})}).ok);
  CHECK(scratch.run("SELECT id FROM t", {}, Side::reversed).rows == ids({3, 2, 1}));
  CHECK(scratch.run("SELECT id FROM t", {}, Side::base).rows == ids({1, 2, 3}));
  const auto samples = scratch.hashes({{"SELECT id FROM t", Side::base},
                                       {"SELECT id FROM t", Side::reversed},
                                       {"SELECT missing FROM t", Side::base},
                                       {std::string(200'000, ' ') + "SELECT 1", Side::base}},
                                      {});
  REQUIRE(samples.size() == 4);
  CHECK(samples[0].row_count == 3);
  CHECK(samples[0].digest.bag[0] == samples[1].digest.bag[0]);
  CHECK(samples[0].digest.list[0] != samples[1].digest.list[0]);
  CHECK(samples[2].cause == Cause::unknown_name);
  CHECK(samples[3].status == Status::blocked);
}

inline void check_rows_outlive_the_worker(Scratch& scratch) {
  REQUIRE(scratch.load({rows_of_t({1, 2})}).ok);
  ::kill(scratch.worker_pid(), SIGKILL);
  (void)scratch.run("SELECT sum(a) FROM t", {}); // may meet the death
  CHECK(scratch.run("SELECT a FROM t ORDER BY a", {}).rows == ids({1, 2}));
}

} // namespace quill::engine::test
