#include "folders.hpp"
#include "quill/loop/pool.hpp"

#include "catch.hpp"

#include <fstream>
#include <set>

#include "quill/core/files.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using loop::Example;
using loop::Pool;

namespace {

Example example(const std::string& before, const std::string& after) {
  Example made;
  made.id = "1-0";
  made.schema = "CREATE TABLE t (a)";
  made.before = before;
  made.after = after;
  made.type = "indexing";
  made.rule = "index-single";
  made.explanation = "Why.";
  made.provider = "rules";
  made.iteration = 1;
  made.fingerprint = sql::pair_fingerprint(before, after, made.indexes);
  return made;
}

ErrorText refusal(const std::string& text) {
  const ScratchFolder folder;
  const auto file = folder.path() / "seeds.json";
  std::ofstream(file) << text;
  try {
    (void)loop::read_seed_examples(file);
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    ErrorText found = error.text();
    if (found.where.starts_with(file.string()))
      found.where = "seeds.json" + found.where.substr(file.string().size());
    return found;
  }
  FAIL("accepted");
  return {};
}

} // namespace

TEST_CASE("a pool holds each fingerprint once", "[loop]") {
  Pool pool;
  CHECK(pool.add(example("SELECT 1", "SELECT 2")));
  CHECK_FALSE(pool.add(example("select 1", "SELECT  2 -- same")));
  CHECK(pool.examples().size() == 1);
}

TEST_CASE("shots come from different queries, never from the one asked about", "[loop]") {
  Pool pool;
  for (const char* before : {"SELECT 1", "SELECT 2", "SELECT 3"})
    for (const char* after : {"SELECT 10", "SELECT 20"})
      pool.add(example(before, after));
  const task::Problem problem{.id = "p", .schema = "", .before = "select 2", .needs = {}};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::set<std::string> befores;
    for (const task::Shot& shot : pool.shots(problem, 5, Rng(seed)))
      CHECK(befores.insert(shot.before).second);
    CHECK(befores == std::set<std::string>{"SELECT 1", "SELECT 3"});
  }
  CHECK(pool.shots(problem, 1, Rng(1)).size() == 1);
  CHECK(pool.shots(problem, 0, Rng(1)).empty());
}

TEST_CASE("an example in JSON has the keys others read, and comes back the same", "[loop]") {
  Example made = example("SELECT a FROM t WHERE a = 1", "SELECT a FROM t WHERE a = 1");
  made.indexes = {"CREATE INDEX i ON t(a)", "CREATE INDEX j ON t(b)"};
  made.needs.top = 10;
  made.speedup = 12.5;
  made.reward = 0.7;
  const Json value = to_json(made);
  for (const char* key : {"schema", "before", "after", "type", "rule", "explanation", "speedup",
                          "reward", "readability", "provider", "model", "iteration"})
    CHECK(value.contains(key));
  CHECK(value["format_version"] == 1);
  CHECK(value["after"] ==
        "CREATE INDEX i ON t(a);\nCREATE INDEX j ON t(b);\nSELECT a FROM t WHERE a = 1");
  CHECK(value["readability"].is_null());
  CHECK(value["model"].is_null());
  const Example back = loop::example_from_json(value, "here");
  CHECK(to_json(back) == value);
  CHECK(back.indexes == made.indexes);
  CHECK(back.after == made.after);
}

TEST_CASE("seed examples are read from a list, an object, and in the first seeds' words",
          "[loop]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "seeds.json";
  std::ofstream(file) << R"json([
    {"before": "SELECT 1", "after": "CREATE INDEX i ON t(a); SELECT 1", "indexes": ["CREATE INDEX j ON t(b)"]},
    {"id": "named", "slow_query": "SELECT 2", "fast_query": "SELECT 3", "needs": {"top": 5}}])json";
  const auto seeds = loop::read_seed_examples(file);
  REQUIRE(seeds.size() == 2);
  CHECK(seeds[0].id == "seed-0");
  CHECK(seeds[0].after == "SELECT 1");
  CHECK(seeds[0].indexes ==
        std::vector<std::string>{"CREATE INDEX i ON t(a)", "CREATE INDEX j ON t(b)"});
  CHECK(seeds[1].id == "named");
  CHECK(seeds[1].before == "SELECT 2");
  CHECK(seeds[1].needs.top == 5);
  CHECK(seeds[1].provider == "seed");
  CHECK(seeds[1].seed());

  std::ofstream(file) << R"({"examples": [{"before": "SELECT 1", "after": "SELECT 2"}]})";
  CHECK(loop::read_seed_examples(file).size() == 1);
}

TEST_CASE("the shipped seed examples can be read", "[loop]") {
  const auto seeds = loop::read_seed_examples(std::filesystem::path(QUILL_SOURCE_FOLDER) / "data" /
                                              "seed_data.json");
  CHECK(seeds.size() == 20);
}

TEST_CASE("wrong seed files are refused with file, element and key", "[loop]") {
  CHECK(refusal("[]").what == "there is no example in the file");
  CHECK(refusal("3").what ==
        "the file is neither a list of examples nor an object with \"examples\"");
  CHECK(refusal(R"([{"before": "SELECT 1", "after": "SELECT 1; SELECT 2"}])").where ==
        "seeds.json: element 0");
  const ErrorText missing =
      refusal(R"([{"before": "SELECT 1", "after": "SELECT 2"}, {"before": "SELECT 1"}])");
  CHECK(missing.where.find("seeds.json: element 1") == 0);
  CHECK((missing.what + missing.where).find("after") != std::string::npos);
  CHECK(refusal(R"([{"id": "x", "before": "SELECT 1", "after": "SELECT 2"},
                    {"id": "x", "before": "SELECT 1", "after": "SELECT 3"}])")
            .what == "the id \"x\" is used twice");
}
