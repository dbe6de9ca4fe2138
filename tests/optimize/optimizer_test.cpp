// The rules alone on SQLite, counted in VM steps, so that every figure repeats.
#include "catch.hpp"

#include "optimize/fixture.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::optimize;
using namespace quill::optimize::test;

TEST_CASE("a correlated count is made faster, and proven the same", "[optimize]") {
  Desk desk;
  const Answer answer = desk.optimize(
      "SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u");
  CHECK(answer.exit == Exit::ok);
  CHECK(answer.status == Status::win);
  REQUIRE(answer.judged);
  CHECK(answer.judged->proof->verdict == "same");
  CHECK(std::max(*answer.speedup, answer.speedup_with_indexes.value_or(0)) > 5);
  CHECK(answer.steps.size() == 3); // standard: three candidates, one of them without indexes
  CHECK(std::any_of(answer.steps.begin(), answer.steps.end(), [](const Step& step) {
    return step.candidate && step.candidate->indexes.empty() && step.judged->proven();
  }));
}

TEST_CASE("the same query gives the same answer when steps are counted", "[optimize]") {
  const char* slow = "SELECT name FROM users WHERE id IN (SELECT user_id FROM orders WHERE total > "
                     "5) ORDER BY name";
  Json first = to_json(Desk().optimize(slow));
  CHECK(first == to_json(Desk().optimize(slow)));
}

TEST_CASE("a query that nothing makes faster stays, with exit code 1", "[optimize]") {
  const Answer answer = Desk().optimize("SELECT name FROM users WHERE id = 7");
  CHECK(answer.exit == Exit::negative);
  CHECK(answer.status == Status::neutral);
  CHECK(answer.after == answer.before);
  CHECK(answer.speedup == 1);
  CHECK(!answer.reason.empty());
}

TEST_CASE("a statement that writes is refused with advice", "[optimize]") {
  Desk desk;
  const ErrorText text =
      quill::test::refusal(Exit::usage, [&] { (void)desk.optimize("DELETE FROM orders"); });
  CHECK(text.what.starts_with("the query does not run: "));
  CHECK(text.where == "slow.sql on sqlite");
}

TEST_CASE("modes with a fixed number of workers refuse another", "[optimize]") {
  OptimizeConfig config;
  config.mode = "swarm";
  CHECK(config.workers_in_force() == 4);
  config.workers = 3;
  CHECK(quill::test::refusal(Exit::usage, [&] { config.check(); }).what ==
        "mode swarm always has 4 workers");
  config.mode = "single";
  CHECK(config.workers_in_force() == 3);
}

TEST_CASE("statuses begin at 1.10, 1.05 and 0.95, and noise is no speedup", "[optimize]") {
  CHECK(status_of(1.10, true) == Status::win);
  CHECK(status_of(1.0999, true) == Status::improved);
  CHECK(status_of(1.05, true) == Status::improved);
  CHECK(status_of(1.0499, true) == Status::neutral);
  CHECK(status_of(0.95, true) == Status::neutral);
  CHECK(status_of(0.9499, true) == Status::regression);
  CHECK(status_of(3, false) == Status::neutral);
}
