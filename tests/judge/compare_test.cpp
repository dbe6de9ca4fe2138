#include "quill/judge/compare.hpp"

#include <limits>

#include "catch.hpp"
#include "judge/window.hpp"

using namespace quill::judge;
using quill::engine::Blob;
using quill::engine::Row;
using quill::engine::Value;

namespace {

const Value kNull{};

Value integer(std::int64_t value) {
  return Value{value};
}
Value real(double value) {
  return Value{value};
}
Value text(const char* value) {
  return Value{std::string(value)};
}

Answer answer(std::vector<Row> rows, std::size_t columns = 1) {
  Answer out;
  for (std::size_t c = 0; c < columns; ++c)
    out.columns.push_back(std::string(1, static_cast<char>('a' + c)));
  out.rows = std::move(rows);
  return out;
}

Answer keyed(Answer plain, std::vector<Row> keys) {
  plain.keys = std::move(keys);
  return plain;
}

const AnswerShape kBag{};
const AnswerShape kList{.ordered = true, .approximate = {}};
const AnswerShape kApproximateBag{.ordered = false, .approximate = {true}};

} // namespace

TEST_CASE("1 is 1.0 but not '1', and NULL is only NULL", "[judge]") {
  CHECK(same_cell(integer(1), real(1.0), false));
  CHECK_FALSE(same_cell(integer(1), text("1"), false));
  CHECK_FALSE(same_cell(real(1), text("1.0"), false));
  CHECK(same_cell(kNull, kNull, false));
  CHECK_FALSE(same_cell(kNull, integer(0), false));
  CHECK_FALSE(same_cell(kNull, text(""), true));
}

TEST_CASE("text is exact to its last blank and letter case", "[judge]") {
  CHECK(same_cell(text("a"), text("a"), false));
  CHECK_FALSE(same_cell(text("a"), text("a "), false));
  CHECK_FALSE(same_cell(text("a"), text("A"), false));
  CHECK_FALSE(same_cell(text("é"), text("e\xCC\x81"), false)); // the same letter in two spellings
}

TEST_CASE("a blob is not the text with its bytes", "[judge]") {
  CHECK(same_cell(Value{Blob{"ab"}}, Value{Blob{"ab"}}, false));
  CHECK_FALSE(same_cell(Value{Blob{"ab"}}, text("ab"), false));
  CHECK_FALSE(same_cell(Value{Blob{std::string("a\0b", 3)}}, Value{Blob{"a"}}, false));
}

TEST_CASE("integers above 2^53 keep their last digit against reals", "[judge]") {
  CHECK(same_cell(integer(9007199254740992), real(9007199254740992.0), false));
  // A cast to double would make 2^53 + 1 equal to 2^53.
  CHECK_FALSE(same_cell(integer(9007199254740993), real(9007199254740992.0), false));
  CHECK_FALSE(same_cell(integer(9007199254740993), integer(9007199254740992), true));
  // 2^63 - 1 as a double is 2^63, one more than any integer.
  const auto largest = std::numeric_limits<std::int64_t>::max();
  CHECK_FALSE(same_cell(integer(largest), real(0x1p63), false));
  CHECK(same_cell(integer(std::numeric_limits<std::int64_t>::min()), real(-0x1p63), false));
  CHECK_FALSE(same_cell(integer(0), real(std::numeric_limits<double>::infinity()), false));
}

TEST_CASE("reals are exact unless an aggregate or a division made them", "[judge]") {
  const double sum = 0.1 + 0.2; // 0.30000000000000004
  CHECK_FALSE(same_cell(real(sum), real(0.3), false));
  CHECK(same_cell(real(sum), real(0.3), true));
  CHECK(same_cell(real(-0.0), real(0.0), false));
}

TEST_CASE("approximate reals may differ by 1e-9 of the larger one, no more", "[judge]") {
  CHECK(same_cell(real(1e12), real(1e12 + 999), true));        // 9.99e-10
  CHECK_FALSE(same_cell(real(1e12), real(1e12 + 1001), true)); // 1.001e-9
  CHECK(same_cell(integer(5), real(5.000000001), true));       // 2e-10
  CHECK_FALSE(same_cell(real(0), real(1e-300), true));         // nothing is near 0 but 0
  CHECK_FALSE(same_cell(real(1), real(-1), true));
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(same_cell(real(infinity), real(infinity), true));
  CHECK_FALSE(same_cell(real(infinity), real(1e308), true));
}

TEST_CASE("a bag has no order", "[judge]") {
  const auto before = answer({{integer(1)}, {kNull}, {integer(2)}});
  const auto after = answer({{integer(2)}, {integer(1)}, {kNull}});
  CHECK(compare(before, after, kBag).same);
  CHECK_FALSE(compare(before, after, kList).same);
}

TEST_CASE("duplicates in a bag are counted", "[judge]") {
  const auto before = answer({{text("x")}, {text("x")}, {text("y")}});
  const auto after = answer({{text("x")}, {text("y")}, {text("y")}});
  const auto found = compare(before, after, kBag);
  CHECK_FALSE(found.same);
  CHECK(found.reason == "the row ('x') is 2 times in before, once in after");
}

TEST_CASE("a missing row is named with both row counts", "[judge]") {
  const auto found = compare(answer({{integer(1)}, {integer(2)}}), answer({{integer(1)}}), kBag);
  CHECK_FALSE(found.same);
  CHECK(found.reason ==
        "before gives 2 rows, after 1; the row (2) is once in before, 0 times in after");
}

TEST_CASE("empty answers are equal when they have as many columns", "[judge]") {
  CHECK(compare(answer({}, 2), answer({}, 2), kBag).same);
  CHECK(compare(answer({}, 2), answer({}, 2), kList).same);
  const auto found = compare(answer({}, 2), answer({}, 1), kBag);
  CHECK_FALSE(found.same);
  CHECK(found.reason == "before has 2 columns, after 1");
}

TEST_CASE("names of columns do not count, their order does", "[judge]") {
  auto before = answer({{integer(1), integer(2)}}, 2);
  auto after = before;
  after.columns = {"x", "y"};
  CHECK(compare(before, after, kBag).same);
  after.rows = {{integer(2), integer(1)}};
  CHECK_FALSE(compare(before, after, kBag).same);
}

TEST_CASE("a list without known keys matches row by row, and the first difference is shown",
          "[judge]") {
  const auto before = answer({{integer(1), text("a")}, {integer(2), text("b")}}, 2);
  const auto after = answer({{integer(1), text("a")}, {integer(2), text("c")}}, 2);
  const auto found = compare(before, after, kList);
  CHECK_FALSE(found.same);
  CHECK(found.row == 1);
  CHECK(found.reason == "row 2: column 2 (\"b\") is 'b' in before, 'c' in after");
  CHECK(compare(before, before, kList).same);
}

TEST_CASE("a shorter list differs where it ends", "[judge]") {
  const auto found = compare(answer({{integer(1)}, {integer(2)}}), answer({{integer(1)}}), kList);
  CHECK_FALSE(found.same);
  CHECK(found.row == 1);
  CHECK(found.reason == "before gives 2 rows, after 1");
}

TEST_CASE("rows that tie on the order keys may swap", "[judge]") {
  const auto before = keyed(answer({{text("a")}, {text("b")}, {text("c")}}),
                            {{integer(1)}, {integer(1)}, {integer(2)}});
  CHECK(compare(before, answer({{text("b")}, {text("a")}, {text("c")}}), kList).same);
  const auto found = compare(before, answer({{text("a")}, {text("c")}, {text("b")}}), kList);
  CHECK_FALSE(found.same);
  CHECK(found.row == 1);
  CHECK(found.reason ==
        "row 2: after has ('c'), which before does not have among the 2 rows that tie there");
}

TEST_CASE("a tie of NULL keys is a tie", "[judge]") {
  const auto before = keyed(answer({{text("a")}, {text("b")}}), {{kNull}, {kNull}});
  CHECK(compare(before, answer({{text("b")}, {text("a")}}), kList).same);
}

TEST_CASE("a row twice in a tie group must come twice", "[judge]") {
  const auto before = keyed(answer({{text("a")}, {text("a")}, {text("b")}}),
                            {{integer(1)}, {integer(1)}, {integer(1)}});
  CHECK_FALSE(compare(before, answer({{text("a")}, {text("b")}, {text("b")}}), kList).same);
  CHECK(compare(before, answer({{text("b")}, {text("a")}, {text("a")}}), kList).same);
}

TEST_CASE("approximate reals find their partners in a bag whatever the order", "[judge]") {
  const AnswerShape shape{.ordered = false, .approximate = {false, true}};
  const auto before = answer({{text("x"), real(0.1 + 0.2)}, {text("y"), real(7)}}, 2);
  CHECK(compare(before, answer({{text("y"), integer(7)}, {text("x"), real(0.3)}}, 2), shape).same);
  // Exact cells decide the group: the sums are there, at each other's names.
  CHECK_FALSE(
      compare(before, answer({{text("x"), integer(7)}, {text("y"), real(0.3)}}, 2), shape).same);
}

TEST_CASE("approximate reals on two sides of a rounding step are still matched", "[judge]") {
  // 31-bit rounding puts a step somewhere between neighbours 1e-12 apart; over 2,000 values some
  // pairs straddle one.
  Answer before = answer({});
  Answer after = answer({});
  for (int i = 0; i < 2000; ++i) {
    const double value = 1.0 + i * 7.3e-4 + i * i * 1.1e-7;
    before.rows.push_back({real(value)});
    after.rows.push_back({real(value * (1 + 4e-10))});
  }
  std::reverse(after.rows.begin(), after.rows.end());
  CHECK(compare(before, after, kApproximateBag).same);
  after.rows[7] = {real(0.5)};
  CHECK_FALSE(compare(before, after, kApproximateBag).same);
}

TEST_CASE("a window that cuts a tie takes any rows of the tie", "[judge]") {
  // ORDER BY key LIMIT 2 over a, b, c, d with keys 1, 2, 2, 3: the second row is b or c.
  const auto full = keyed(answer({{text("a")}, {text("b")}, {text("c")}, {text("d")}}),
                          {{integer(1)}, {integer(2)}, {integer(2)}, {integer(3)}});
  const Window two{.offset = 0, .count = 2};
  CHECK(compare_window(full, two, answer({{text("a")}, {text("b")}}), kList).same);
  CHECK(compare_window(full, two, answer({{text("a")}, {text("c")}}), kList).same);
  CHECK_FALSE(compare_window(full, two, answer({{text("a")}, {text("d")}}), kList).same);
  CHECK_FALSE(compare_window(full, two, answer({{text("a")}}), kList).same);
  CHECK_FALSE(
      compare_window(full, two, answer({{text("a")}, {text("b")}, {text("c")}}), kList).same);
}

TEST_CASE("an offset that cuts a tie takes any rows of the tie", "[judge]") {
  const auto full = keyed(answer({{text("a")}, {text("b")}, {text("c")}, {text("d")}}),
                          {{integer(1)}, {integer(2)}, {integer(2)}, {integer(3)}});
  const Window last{.offset = 2, .count = 2};
  CHECK(compare_window(full, last, answer({{text("c")}, {text("d")}}), kList).same);
  CHECK(compare_window(full, last, answer({{text("b")}, {text("d")}}), kList).same);
  CHECK_FALSE(compare_window(full, last, answer({{text("a")}, {text("d")}}), kList).same);
  const Window beyond{.offset = 9, .count = 2};
  CHECK(compare_window(full, beyond, answer({}), kList).same);
}

TEST_CASE("a window of one tie takes no row twice", "[judge]") {
  const auto full = keyed(answer({{text("a")}, {text("b")}, {text("c")}}),
                          {{integer(1)}, {integer(1)}, {integer(1)}});
  const Window two{.offset = 0, .count = 2};
  CHECK(compare_window(full, two, answer({{text("c")}, {text("a")}}), kList).same);
  CHECK_FALSE(compare_window(full, two, answer({{text("c")}, {text("c")}}), kList).same);
}

TEST_CASE("the top rows of a bag may be any of its rows", "[judge]") {
  const auto before = answer({{integer(1)}, {integer(2)}, {integer(2)}});
  CHECK(compare_top_of_bag(before, answer({{integer(2)}, {integer(2)}}), 2, kBag).same);
  CHECK_FALSE(compare_top_of_bag(before, answer({{integer(1)}, {integer(1)}}), 2, kBag).same);
  CHECK_FALSE(compare_top_of_bag(before, answer({{integer(1)}}), 2, kBag).same);
  CHECK(
      compare_top_of_bag(before, answer({{integer(2)}, {integer(1)}, {integer(2)}}), 9, kBag).same);
}

TEST_CASE("long cells and wide rows are cut in a reason", "[judge]") {
  const std::string quote = "it's " + std::string(100, 'x');
  const auto found = compare(answer({{text(quote.c_str())}}), answer({{integer(1)}}), kBag);
  CHECK(found.reason ==
        "the row ('it''s " + std::string(55, 'x') + "…') is once in before, 0 times in after");
}
