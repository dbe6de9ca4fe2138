// The official comparisons of two results: Spider's and BIRD's, quirks included.
#include "catch.hpp"

#include <chrono>

#include "eval/bird_rows.hpp"
#include "eval/python_value.hpp"
#include "eval/spider_rows.hpp"

using namespace quill::eval;
using quill::engine::Blob;
using quill::engine::Row;
using quill::engine::Value;
using Rows = std::vector<Row>;

namespace {

Value text(const char* value) {
  return std::string(value);
}
Value integer(std::int64_t value) {
  return value;
}
const Value null;

} // namespace

TEST_CASE("Spider compares bags of rows when the gold query does not order", "[eval]") {
  const Rows ab = {{integer(1)}, {integer(2)}}, ba = {{integer(2)}, {integer(1)}};
  CHECK(spider_same_rows(ab, ba, false));
  CHECK_FALSE(spider_same_rows(ab, ba, true));
  CHECK_FALSE(spider_same_rows({{integer(1)}, {integer(1)}, {integer(2)}},
                               {{integer(1)}, {integer(2)}, {integer(2)}}, false));
}

TEST_CASE("Spider lets the columns come in any order, the same one for all rows", "[eval]") {
  const Rows gold = {{integer(1), text("a")}, {integer(2), text("b")}};
  CHECK(spider_same_rows(gold, {{text("a"), integer(1)}, {text("b"), integer(2)}}, true));
  CHECK(spider_same_rows(gold, {{text("b"), integer(2)}, {text("a"), integer(1)}}, false));
  CHECK_FALSE(spider_same_rows({{integer(1), integer(2)}, {integer(3), integer(4)}},
                               {{integer(1), integer(2)}, {integer(4), integer(3)}}, false));
}

TEST_CASE("Spider takes two empty results for the same whatever their columns", "[eval]") {
  CHECK(spider_same_rows({}, {}, true));
  CHECK_FALSE(spider_same_rows({}, {{integer(1)}}, false));
  CHECK_FALSE(spider_same_rows({{integer(1)}}, {{integer(1), integer(1)}}, false));
}

TEST_CASE("cells compare as in Python", "[eval]") {
  const auto same = [](Value a, Value b) { return spider_same_rows({{a}}, {{b}}, false); };
  CHECK(same(integer(1), 1.0));
  CHECK(same(null, null));
  CHECK(same(0.0, -0.0));
  CHECK_FALSE(same(text("1"), integer(1)));
  CHECK_FALSE(same(0.1 + 0.2, 0.3));
  CHECK_FALSE(same(text("x"), Blob{"x"}));
  // 2^53 + 1 has no equal real, though converting it would round it to 2^53.
  CHECK_FALSE(same(integer(9007199254740993), 9007199254740992.0));
  CHECK(same(integer(9007199254740992), 9007199254740992.0));
}

TEST_CASE("a row is sorted by how its cells look, so 1 and 1.0 may end in different places",
          "[eval]") {
  // "1.0<class 'float'>" sorts before "1<class 'int'>", and "1.5…" between them: the sorted rows
  // are (1.0, 1.5) and (1.5, 1), which differ, though the rows are equal.
  CHECK_FALSE(spider_same_rows({{1.0, 1.5}}, {{integer(1), 1.5}}, false));
  CHECK(bird_same_rows({{1.0, 1.5}}, {{integer(1), 1.5}}));
}

TEST_CASE("forty columns that look alike end within the budget", "[eval]") {
  Row row;
  for (int i = 0; i < 40; ++i)
    row.push_back(integer(i % 2));
  Row turned(row.rbegin(), row.rend());
  const auto start = std::chrono::steady_clock::now();
  CHECK(spider_same_rows({row, turned}, {turned, row}, false));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("reals are written as Python writes them", "[eval]") {
  CHECK(python_float(1) == "1.0");
  CHECK(python_float(0.1) == "0.1");
  CHECK(python_float(1e16) == "1e+16");
  CHECK(python_float(123456789012345680.0) == "1.2345678901234568e+17");
  CHECK(python_float(0.0001) == "0.0001");
  CHECK(python_float(0.00001) == "1e-05");
  CHECK(python_float(-0.0) == "-0.0");
  CHECK(python_float(1e15) == "1000000000000000.0");
  CHECK(python_float(-HUGE_VAL) == "-inf");
  CHECK(python_sort_key(Blob{std::string("a'\n\x01", 4)}) == "b\"a'\\n\\x01\"<class 'bytes'>");
}

TEST_CASE("bytes that are not UTF-8 are left out, and BIRD would not read them", "[eval]") {
  CHECK(decoded("a\xff"
                "b") == "ab");
  CHECK(decoded("\xe2\x82") == "");
  CHECK(decoded("\xe2\x82z") == "z");
  CHECK(decoded("\xed\xa0\x80!") == "!");
  CHECK(decoded("\u20ac\U0001f600") == "\u20ac\U0001f600");
  CHECK_FALSE(all_utf8({{text("\xff")}}));
  CHECK(all_utf8({{text("\u00e9"), Blob{"\xff"}}}));
}

TEST_CASE("BIRD compares sets of rows: order and repetition do not count, columns do", "[eval]") {
  CHECK(bird_same_rows({{integer(1)}, {integer(2)}, {integer(2)}}, {{integer(2)}, {integer(1)}}));
  CHECK_FALSE(bird_same_rows({{integer(1), integer(2)}}, {{integer(2), integer(1)}}));
  CHECK(bird_same_rows({}, {}));
}

TEST_CASE("soft F1 pairs rows by position and cells without regard to columns", "[eval]") {
  CHECK(bird_soft_f1({}, {}) == 1);
  CHECK(bird_soft_f1({{integer(1), integer(2)}}, {{integer(2), integer(1)}}) == 1);
  // Row 1: one of two cells found (1/2), one only predicted (1/2), one only in gold (1/2). Row 2 is
  // missing: gold only 1. tp 0.5, fp 0.5, fn 1.5: precision 0.5, recall 0.25, F1 = 0.25/0.75.
  CHECK(bird_soft_f1({{integer(1), integer(2)}, {integer(3), integer(4)}},
                     {{integer(1), integer(9)}}) == Approx(1.0 / 3));
  CHECK(bird_soft_f1({}, {{integer(1)}}) == 0);
  CHECK(bird_soft_f1({{integer(1)}, {integer(1)}}, {{integer(1)}}) == 1);
}

TEST_CASE("time ratios three deviations away are left out of the mean", "[eval]") {
  // Nineteen ratios of 1 and 1.2 in turn beside one of 100: mean 6.04, deviation 21.56.
  std::vector<double> ratios;
  for (int i = 0; i < 19; ++i)
    ratios.push_back(i % 2 == 0 ? 1 : 1.2);
  ratios.push_back(100);
  CHECK(mean_time_ratio(ratios) == Approx((10 * 1 + 9 * 1.2) / 19));
  CHECK(mean_time_ratio({2, 2, 2}) == 2);
  CHECK(mean_time_ratio({}) == 0);
}

TEST_CASE("VES is the root of the ratio, R-VES the root of a step of it", "[eval]") {
  CHECK(ves(4) == 200);
  CHECK(r_ves(2) == Approx(111.803)); // 100 * sqrt(1.25)
  CHECK(r_ves(1) == 100);
  CHECK(r_ves(0.5) == Approx(86.6025)); // 100 * sqrt(0.75)
  CHECK(r_ves(0.25) == Approx(70.7107));
  CHECK(r_ves(0.1) == 50);
  CHECK(r_ves(0) == 0);
}
