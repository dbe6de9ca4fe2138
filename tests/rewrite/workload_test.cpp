#include "quill/rewrite/workload.hpp"

#include <fmt/format.h>

#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

/// 3,000 orders more, so that an index saves something.
engine::Session& full_shop() {
  static const auto session = open_shop(
      "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3009) INSERT INTO "
      "orders SELECT i, 1 + i % 3, NULL, 'p' || (i % 50), 1 + i % 7, i % 90, 's' || (i % 20), "
      "'2024-01-01', NULL, NULL FROM n;");
  return *session;
}

const WorkloadQuery kByProduct{"SELECT id, amount FROM orders WHERE product = 'p7'"};
const WorkloadQuery kByStatus{"SELECT count(*) FROM orders WHERE status = 's3'"};

} // namespace

TEST_CASE("indexes for several queries come with size, build and write cost", "[rewrite]") {
  const auto advice = advise_workload({kByProduct, kByStatus}, full_shop());
  REQUIRE(advice.indexes.size() == 2);
  for (const auto& index : advice.indexes) {
    INFO(index.create);
    CHECK(index.bytes > 0);
    CHECK(index.build_ms > 0);
    CHECK(index.write_us > 0);
    CHECK(index.saved_steps > 0);
    CHECK(index.queries.size() == 1);
  }
  CHECK(advice.steps_after < advice.steps_before / 5); // 60 and 150 rows of 3,003
  CHECK(advice.indexes[0].saved_steps >= advice.indexes[1].saved_steps);
}

TEST_CASE("a query that runs more often gets its index first", "[rewrite]") {
  auto often = kByProduct;
  often.weight = 100;
  WorkloadLimits one;
  one.indexes = 1;
  const auto advice = advise_workload({kByStatus, often}, full_shop(), one);
  REQUIRE(advice.indexes.size() == 1);
  CHECK(advice.indexes[0].create.find("product") != std::string::npos);
  CHECK(advice.indexes[0].queries == std::vector<std::size_t>{1});
}

TEST_CASE("one index serves two queries that begin alike", "[rewrite]") {
  const WorkloadQuery longer{"SELECT id FROM orders WHERE product = 'p7' AND status = 's7'"};
  const auto advice = advise_workload({kByProduct, longer}, full_shop());
  std::size_t served = 0;
  for (const auto& index : advice.indexes)
    served = std::max(served, index.queries.size());
  CHECK((served == 2 || advice.indexes.size() == 2));
  CHECK(advice.steps_after < advice.steps_before / 5);
}

TEST_CASE("indexes that cost more to write than they save are left out", "[rewrite]") {
  WorkloadLimits busy;
  busy.rows_written = 1e6;
  CHECK(advise_workload({kByProduct, kByStatus}, full_shop(), busy).indexes.empty());
}

TEST_CASE("a limit on bytes holds for all indexes together", "[rewrite]") {
  WorkloadLimits small;
  small.bytes = 1;
  CHECK(advise_workload({kByProduct}, full_shop(), small).indexes.empty());
}

TEST_CASE("a query that does not run is left out and named", "[rewrite]") {
  const auto advice = advise_workload({{"SELECT nope FROM orders"}, kByProduct}, full_shop());
  CHECK(advice.left_out == std::vector<std::size_t>{0});
  CHECK(advice.indexes.size() == 1);
  CHECK(advice.indexes[0].queries == std::vector<std::size_t>{1});
}

TEST_CASE("no queries give no advice", "[rewrite]") {
  const auto advice = advise_workload({}, full_shop());
  CHECK(advice.indexes.empty());
  CHECK(advice.steps_before == 0);
}
