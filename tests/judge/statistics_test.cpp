#include "judge/statistics.hpp"

#include "catch.hpp"

using namespace quill::judge;

TEST_CASE("quantiles of Student's t are those of the tables", "[judge]") {
  // Abramowitz and Stegun, table 26.10.
  CHECK(student_quantile(0.025, 1) == Approx(12.706).epsilon(1e-4));
  CHECK(student_quantile(0.025, 4) == Approx(2.776).epsilon(1e-3));
  CHECK(student_quantile(0.025, 15) == Approx(2.131).epsilon(1e-3));
  CHECK(student_quantile(0.001, 4) == Approx(7.173).epsilon(1e-4));
  CHECK(student_quantile(0.005, 2) == Approx(9.925).epsilon(1e-4));
  CHECK(student_quantile(0.05, 1e6) == Approx(1.645).epsilon(1e-3)); // the normal's
  CHECK(student_quantile(0.5, 3) == 0);
}

TEST_CASE("with one degree of freedom Student's tail is Cauchy's", "[judge]") {
  CHECK(student_tail(0, 1) == Approx(0.5));
  CHECK(student_tail(1, 1) == Approx(0.25)); // 1/2 - atan(1)/pi
  CHECK(student_tail(student_quantile(0.003, 2.7), 2.7) == Approx(0.003));
}

TEST_CASE("the interval of a share that was never seen is that of the rule of three", "[judge]") {
  // 1 - 0.05^(1/n)
  CHECK(share_at_most(0, 300) == Approx(0.00993608).epsilon(1e-5));
  CHECK(share_at_most(0, 1000) == Approx(0.00299124).epsilon(1e-5));
  CHECK(share_at_most(4, 1000) == Approx(0.00913).epsilon(1e-3));
  CHECK(share_at_most(5, 1000) > 0.01); // so four calls in a thousand is what a clock may make
}

TEST_CASE("both ends of a share's interval mirror each other", "[judge]") {
  CHECK(share_at_least(300, 300) == Approx(1 - 0.00993608).epsilon(1e-6));
  CHECK(share_at_least(290, 300) == Approx(1 - share_at_most(10, 300)));
  CHECK(share_at_least(0, 10) == 0);
  CHECK(share_at_most(10, 10) == 1);
  CHECK(share_at_most(0, 0) == 1);
  CHECK(share_at_least(0, 0) == 0);
}
