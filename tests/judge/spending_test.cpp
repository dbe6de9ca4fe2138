#include "judge/proof/spending.hpp"

#include <csignal>

#include "catch.hpp"

#include "quill/core/clock.hpp"

using namespace quill;
using quill::judge::Spending;

namespace {

/// About a tenth of a second.
constexpr const char* kWork = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < 400000) SELECT sum(i % 7) FROM n";

void work(engine::Session& session) {
  REQUIRE(session.run(kWork, {.timeout_ms = 60'000}).status == engine::Status::ok);
}

} // namespace

TEST_CASE("a proof pays for what its worker does", "[judge]") {
  const auto session = engine::open_sqlite_script("CREATE TABLE t(x)");
  work(*session); // the worker is there
  Spending spending(*session);
  const auto sample = session->sample(kWork, {.timeout_ms = 60'000});
  CHECK(spending.ms() >= sample.cpu_ms * 0.9); // the clocks of two processes
}

TEST_CASE("a proof does not pay for what others do meanwhile", "[judge]") {
  const auto session = engine::open_sqlite_script("CREATE TABLE t(x)");
  const auto other = engine::open_sqlite_script("CREATE TABLE t(x)");
  work(*session);
  Spending spending(*session);
  const double start = system_clock().now_ms();
  for (int i = 0; i < 3; ++i)
    work(*other);
  // a fifth of the wall clock is always counted; this thread itself did next to nothing
  CHECK(spending.ms() < (system_clock().now_ms() - start) * 0.5);
}

TEST_CASE("what a dead worker spent stays counted", "[judge]") {
  const auto session = engine::open_sqlite_script("CREATE TABLE t(x)");
  work(*session);
  Spending spending(*session);
  work(*session);
  const double before = spending.ms();
  REQUIRE(::kill(session->worker_pid(), SIGKILL) == 0);
  (void)session->run("SELECT 1", {}); // finds it dead
  work(*session);                     // in a new one
  CHECK(spending.ms() > before);
}
