#include "quill/optimize/statistics.hpp"

#include <fstream>

#include "catch.hpp"

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

using namespace quill;
using namespace quill::optimize;

TEST_CASE("wins are counted by rule, strategy and model over all answers below a folder",
          "[optimize]") {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.path() / "a");
  std::ofstream(folder.path() / "a" / "1.json") << R"({"model": "m1", "candidates": [
           {"role": "rules", "rule": "count-to-exists", "status": "WIN", "speedup": 4},
           {"role": "worker", "strategy": "joins", "rule": "other", "status": "WIN", "speedup": 2},
           {"role": "worker", "strategy": "joins", "status": "ERROR", "speedup": null}]})";
  std::ofstream(folder.path() / "2.json")
      << R"({"candidates": [{"role": "rules", "rule": "count-to-exists",
           "status": "REGRESSION", "speedup": 0.25}]})";
  std::ofstream(folder.path() / "notes.json") << "no JSON";
  std::ofstream(folder.path() / "list.json") << "[]";

  const Statistics statistics = read_statistics(folder.path());
  CHECK(statistics.answers == 2);
  CHECK(statistics.candidates == 4);
  REQUIRE(statistics.rules.size() == 3);
  CHECK(statistics.rules[0].name == "count-to-exists");
  CHECK(statistics.rules[0].tried == 2);
  CHECK(statistics.rules[0].wins == 1);
  CHECK(statistics.rules[0].regressions == 1);
  CHECK(statistics.rules[0].geomean() == Approx(1)); // sqrt(4 · 0.25)
  CHECK(statistics.rules[0].best == 4);
  REQUIRE(statistics.strategies.size() == 2);
  CHECK(statistics.strategies[0].name == "joins");
  CHECK(statistics.strategies[0].errors == 1);
  REQUIRE(statistics.models.size() == 2);
  CHECK(statistics.models[0].name == "m1");
  CHECK(statistics.models[0].geomean() == Approx(2)); // the failed one has no speedup
}

TEST_CASE("statistics of a folder that is not there are refused", "[optimize]") {
  CHECK_THROWS_AS(read_statistics("no-such-folder"), Error);
}
