// What the rows of the shop look like, and that they are the same on every machine.
#include <fmt/format.h>

#include "blueprint_fixture.hpp"
#include "engine/blueprint_cells.hpp"

using namespace quill;
using namespace quill::engine;
using fixture::Reader;

namespace {

/// All rows of a small shop as text, one hash.
std::string content_hash(const Blueprint& blueprint, std::uint64_t seed) {
  const auto& model = blueprint.model();
  const auto sizes = seed::resolved_sizes(model.tables, model.where);
  const seed::CellMaker maker(model, sizes, seed);
  std::string text;
  std::vector<seed::Cell> cells;
  for (std::size_t t = 0; t < sizes.size(); ++t)
    for (std::int64_t row = 0; row < sizes[t]; ++row) {
      maker.make(t, row, cells);
      for (const auto& cell : cells)
        text += fmt::format("{}:{}|", cell.index(), seed::cell_text(cell));
      text += '\n';
    }
  return sha256_hex(text);
}

/// The default shop, built once.
Reader& shop() {
  static const ScratchFolder folder("quill-shop");
  static const auto report = fixture::build(fixture::shop(), 42, folder.path() / "shop.db");
  static Reader reader(report.path);
  return reader;
}

} // namespace

TEST_CASE("the same seed makes the same rows on every machine", "[engine]") {
  const auto small = fixture::shop(50, 200);
  CHECK(content_hash(small, 42) ==
        "76e744b9c9e78ac4ad1f5d15d60be365c1056012841099b66175acdb2896317f");
  CHECK(content_hash(small, 43) != content_hash(small, 42));
}

TEST_CASE("a row does not depend on the rows made before it", "[engine]") {
  const auto small = fixture::shop(50, 200);
  const seed::CellMaker maker(small.model(), {50, 200}, 42);
  std::vector<seed::Cell> first, again;
  maker.make(1, 150, first);
  for (std::int64_t row = 199; row >= 0; --row)
    maker.make(1, row, again);
  maker.make(1, 150, again);
  CHECK(again == first);
}

TEST_CASE("a few users have most orders", "[engine]") {
  // Share of the first k of n parents: ((k+q)^0.1 - q^0.1) / ((n+q)^0.1 - q^0.1) with q = 10, which
  // for k = 100, n = 10000 is (1.6001 - 1.2589)/(2.5121 - 1.2589) = 0.272.
  CHECK(shop().number("SELECT sum(n) / 50000.0 FROM (SELECT count(*) AS n FROM orders "
                      "GROUP BY user_id ORDER BY n DESC LIMIT 100)") == Approx(0.272).margin(0.01));
  // And they are not the first rows: a hundred users in order have about 1 % of the orders.
  CHECK(shop().number("SELECT count(*) / 50000.0 FROM orders WHERE user_id <= 100") < 0.06);
}

TEST_CASE("cells are missing as often as the blueprint says", "[engine]") {
  CHECK(shop().number("SELECT avg(age IS NULL) FROM users") == Approx(0.06).margin(0.008));
  CHECK(shop().number("SELECT avg(city IS NULL) FROM users") == Approx(0.08).margin(0.009));
}

TEST_CASE("what hangs together in the world hangs together in the rows", "[engine]") {
  CHECK(shop().one("SELECT count(*) FROM orders WHERE status IN ('pending', 'cancelled') "
                   "AND shipped_at IS NOT NULL") == "0");
  CHECK(shop().one("SELECT count(*) FROM orders WHERE shipped_at < created_at") == "0");
  CHECK(shop().one("SELECT count(*) FROM users WHERE city = 'Porto' AND country <> 'Portugal'") ==
        "0");
  CHECK(shop().number("SELECT count(*) FROM users WHERE city = 'Porto'") > 50);
  CHECK(shop().number("SELECT avg(amount) FROM orders WHERE category = 'jewelry'") >
        5 * shop().number("SELECT avg(amount) FROM orders WHERE category = 'books'"));
  CHECK(shop().one("SELECT count(*) FROM users WHERE email NOT LIKE "
                   "replace(lower(name), ' ', '.') || '%@%'") == "0");
}

TEST_CASE("amounts have a long tail and two decimals", "[engine]") {
  CHECK(shop().one("SELECT count(*) FROM orders WHERE round(amount, 2) <> amount") == "0");
  const double mean = shop().number("SELECT avg(amount) FROM orders");
  const double median =
      shop().number("SELECT amount FROM orders ORDER BY amount LIMIT 1 OFFSET 25000");
  CHECK(mean > 1.5 * median);
  CHECK(shop().number("SELECT max(amount) FROM orders") > 40 * mean);
}

TEST_CASE("orders become more towards the end, most of all in December", "[engine]") {
  const auto month = [](const char* text) {
    return shop().number(fmt::format(
        "SELECT count(*) FROM orders WHERE created_at >= '{0}' AND created_at < '{0}-32'", text));
  };
  CHECK(month("2024-05") > 1.4 * month("2022-05"));
  CHECK(month("2023-12") > 1.5 * month("2023-09"));
  CHECK(shop().one("SELECT count(*) FROM orders a JOIN orders b ON b.id = a.id + 1 "
                   "WHERE b.created_at < a.created_at") == "0"); // in the order of their ids
}

TEST_CASE("text is UTF-8 timestamps, numbers are numbers", "[engine]") {
  CHECK(shop().lines("SELECT DISTINCT typeof(amount), typeof(quantity), typeof(created_at), "
                     "length(created_at) FROM orders") ==
        std::vector<std::string>{"real|integer|text|19"});
}
