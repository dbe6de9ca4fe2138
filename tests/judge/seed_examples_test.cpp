// The twenty seed examples before the judge: each one is the same and cheaper in VM steps.
#include <cstdlib>

#include "catch.hpp"
#include "folders.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/judge/pairs.hpp"

using namespace quill;

namespace {

/// A shop of a fifth of its usual size: large enough that every example has rows.
std::filesystem::path small_shop(const std::filesystem::path& folder) {
  auto blueprint = engine::Blueprint::load("shop");
  blueprint.resize("users", 2'000);
  blueprint.resize("orders", 10'000);
  const Cancel never;
  return engine::build_database(blueprint, 42, folder / "shop.db", false, never).path;
}

} // namespace

namespace {

void check_seeds(const std::string& trust) {
  ::setenv("QUILL_DATA_DIR", QUILL_SOURCE_FOLDER "/data", 0);
  const ScratchFolder folder;
  const auto session = engine::open_sqlite(small_shop(folder.path()));
  judge::JudgeConfig config;
  config.measure = "steps"; // no clock: the same on every machine
  config.readability = "off";
  config.trust = trust;
  judge::Judge judge(*session, config);
  const auto pairs = judge::read_pairs(shipped_folder() / "seed_data.json");
  REQUIRE(pairs.size() == 20);
  for (const auto& line : pairs) {
    const auto verdict = judge.evaluate(line.pair);
    INFO(line.pair.id << ": " << verdict.reason << ", speedup " << verdict.speedup.value_or(0));
    CHECK(verdict.status == judge::PairStatus::ok);
    CHECK(verdict.verdict == "same");
    CHECK(verdict.rows > 0);
    CHECK(verdict.speedup.value_or(0) >= 1.5);
    CHECK(verdict.proof.has_value() == (trust == "full"));
  }
}

} // namespace

TEST_CASE("every seed example is the same and at least 1.5 times cheaper", "[judge]") {
  check_seeds("fast");
}

TEST_CASE("every seed example is proved on small databases", "[judge][slow]") {
  check_seeds("full");
}
