// Matching by sorting, against a reference one can read.
#include "judge/bag.hpp"

#include <algorithm>

#include "catch.hpp"
#include "judge/cells.hpp"
#include "quill/core/random.hpp"

using namespace quill::judge;
using quill::engine::Blob;
using quill::engine::Row;
using quill::engine::Value;

namespace {

/// Cells that are easily mistaken for each other.
const std::vector<Value>& cells() {
  static const std::vector<Value> all{Value{},
                                      Value{std::int64_t{1}},
                                      Value{1.0},
                                      Value{std::string("1")},
                                      Value{Blob{"1"}},
                                      Value{std::string("")},
                                      Value{0.0},
                                      Value{-0.0},
                                      Value{std::int64_t{0}},
                                      Value{std::int64_t{9007199254740993}},
                                      Value{9007199254740992.0},
                                      Value{0.1 + 0.2},
                                      Value{0.3}};
  return all;
}

std::vector<Row> random_rows(quill::Rng& rng) {
  std::vector<Row> rows(rng.below(5));
  for (auto& row : rows)
    row = {rng.pick(cells()), rng.pick(cells())};
  return rows;
}

/// Takes away one equal row for each; slow and plain.
bool same_bag_by_hand(const std::vector<Row>& before, std::vector<Row> after) {
  for (const auto& row : before) {
    const auto partner = std::find_if(after.begin(), after.end(),
                                      [&](const Row& other) { return same_row(row, other, {}); });
    if (partner == after.end())
      return false;
    after.erase(partner);
  }
  return after.empty();
}

} // namespace

TEST_CASE("bags match by sorting exactly when they match by hand", "[judge]") {
  quill::Rng rng(7);
  int same = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto before = random_rows(rng);
    auto after = rng.chance(0.5) ? before : random_rows(rng);
    rng.shuffle(after);
    const auto left = match_bags(before, after, {});
    const bool matched = left.only_before.empty() && left.only_after.empty();
    REQUIRE(matched == same_bag_by_hand(before, after));
    same += matched ? 1 : 0;
  }
  CHECK(same > 9'000); // half of them are shuffled copies
  CHECK(same < 12'000);
}

TEST_CASE("the order of cells is a total order that agrees with sameness", "[judge]") {
  for (const auto& a : cells())
    for (const auto& b : cells()) {
      CHECK(order_of(a, b) == -order_of(b, a));
      CHECK((order_of(a, b) == 0) == same_cell(a, b, false));
      for (const auto& c : cells())
        if (order_of(a, b) <= 0 && order_of(b, c) <= 0)
          CHECK(order_of(a, c) <= 0);
    }
}

TEST_CASE("unmatched rows are those of either side that are left", "[judge]") {
  const std::vector<Row> before{{Value{std::int64_t{1}}}, {Value{std::int64_t{2}}}};
  const std::vector<Row> after{{Value{std::int64_t{2}}}, {Value{std::int64_t{3}}}};
  const auto left = match_bags(before, after, {});
  REQUIRE(left.only_before.size() == 1);
  REQUIRE(left.only_after.size() == 1);
  CHECK(left.only_before[0] == &before[0]);
  CHECK(left.only_after[0] == &after[1]);
}
