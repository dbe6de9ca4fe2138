#include "quill/rewrite/pessimise.hpp"

#include "catch.hpp"

#include <set>

#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "rewrite/pessimiser/condition.hpp"
#include "rewrite/pessimiser/shapes.hpp"

using namespace quill;
using namespace quill::rewrite;

namespace {

engine::Session& small_shop() {
  static const ScratchFolder folder;
  static const auto session = [] {
    auto blueprint = engine::Blueprint::load("shop");
    blueprint.resize("users", 100);
    blueprint.resize("orders", 500);
    const Cancel cancel;
    engine::build_database(blueprint, 42, folder.path() / "shop.db", false, cancel);
    return engine::open_sqlite(folder.path() / "shop.db");
  }();
  return *session;
}

constexpr SlowWish kFewTimes{.low = 2, .high = 10, .steps = true};

} // namespace

TEST_CASE("a slow query is slower as wished and gives the same rows as the sensible one",
          "[rewrite]") {
  Pessimiser pessimiser(small_shop());
  int in_band = 0;
  for (std::uint64_t k = 0; k < 20; ++k) {
    const auto query = pessimiser.write(kFewTimes, Rng(k));
    REQUIRE(query);
    CHECK(query->before != query->after);
    CHECK(query->speedup >= 1.5);
    CHECK_FALSE(query->rule.empty());
    CHECK_FALSE(query->explanation.empty());
    in_band += query->speedup >= 2 && query->speedup < 10;
    if (!query->needs.empty())
      continue;
    const auto before = small_shop().sample(query->before, {.rows = 0});
    const auto built = small_shop().build_indexes(query->indexes, {});
    REQUIRE(built.ok);
    const auto after = small_shop().sample(query->after, {.rows = 0}, engine::Side::indexed);
    CHECK(before.digest.bag[0] == after.digest.bag[0]);
  }
  CHECK(in_band >= 15);
}

TEST_CASE("the same wish and seed give the same query, others another", "[rewrite]") {
  Pessimiser one(small_shop()), two(small_shop());
  CHECK(one.write(kFewTimes, Rng(3))->before == two.write(kFewTimes, Rng(3))->before);
  CHECK(one.write(kFewTimes, Rng(3))->before != one.write(kFewTimes, Rng(4))->before);
}

TEST_CASE("no product of tables where it is not allowed", "[rewrite]") {
  Pessimiser pessimiser(small_shop());
  SlowWish wish{.low = 100, .high = 1e9, .steps = true};
  wish.pathological = false;
  for (std::uint64_t k = 0; k < 10; ++k)
    if (const auto query = pessimiser.write(wish, Rng(k)))
      CHECK_FALSE(query->pathological);
}

TEST_CASE("every shape gives both spellings that SQLite takes", "[rewrite]") {
  const Samples samples = sample_tables(small_shop());
  for (const Shape shape : {listing, grouping, per_parent, membership, summary, latest,
                            above_average, ranking, running_total}) {
    int drawn = 0;
    for (std::uint64_t k = 0; k < 30; ++k) {
      Temper temper(Rng(k), Strength::heavy);
      const auto draft = shape(samples, temper);
      if (!draft)
        continue;
      ++drawn;
      INFO(draft->before);
      CHECK(small_shop().plan(draft->before).ok);
      INFO(draft->after);
      CHECK(small_shop().plan(draft->after).ok);
    }
    CHECK(drawn > 0);
  }
}

TEST_CASE("an index is missing only where no index begins with the column", "[rewrite]") {
  Samples samples = sample_tables(small_shop());
  for (const bool indexed : {false, true}) {
    for (TableSample& table : samples.tables)
      for (ColumnSample& column : table.columns)
        column.indexed = indexed;
    std::size_t missing = 0;
    for (std::uint64_t k = 0; k < 100; ++k) {
      Temper temper(Rng(k), Strength::heavy);
      if (const auto draft = listing(samples, temper))
        missing += draft->indexes.size();
    }
    CHECK((missing > 0) == !indexed);
  }
}

TEST_CASE("a schema without an integer key has no slow query", "[rewrite]") {
  const auto session = engine::open_sqlite_script("CREATE TABLE t (a TEXT PRIMARY KEY);"
                                                  "INSERT INTO t VALUES ('x');");
  CHECK_FALSE(Pessimiser(*session).write(kFewTimes, Rng(1)));
}

TEST_CASE("conditions are spelled plainly, and in a hurry with the same meaning", "[rewrite]") {
  ColumnSample column{.name = "status", .values = {"open", "paid"}};
  column.is_text = true;
  const Condition list{Condition::Kind::one_of, &column, {"open", "it's"}};
  CHECK(spelled({list}, "o") == "o.status IN ('open', 'it''s')");
  std::set<std::string> spellings;
  for (std::uint64_t k = 0; k < 60; ++k) {
    Temper temper(Rng(k), Strength::light);
    spellings.insert(hurried({list}, "o", temper));
  }
  CHECK(spellings.contains("o.status IN ('open', 'it''s')"));
  CHECK(spellings.contains("(o.status = 'open' OR o.status = 'it''s')"));
  CHECK(spellings.contains("(o.status || '' = 'open' OR o.status || '' = 'it''s')"));
  // coalesce would let NULL through where '' passes
  const Condition at_most{Condition::Kind::at_most, &column, {"open"}};
  for (std::uint64_t k = 0; k < 60; ++k) {
    Temper temper(Rng(k), Strength::light);
    CHECK(hurried({at_most}, "o", temper).find("coalesce") == std::string::npos);
  }
}

TEST_CASE("every habit has its words once", "[rewrite]") {
  const auto names = habit_names();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  CHECK(names.size() == all_habits().size());
}
