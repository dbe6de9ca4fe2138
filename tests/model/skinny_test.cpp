#include "catch.hpp"

#include <vector>

#include "model/skinny.hpp"
#include "quill/core/random.hpp"

using namespace quill;
using namespace quill::model;

TEST_CASE("a few rows by a matrix, of any width and any part of it", "[model]") {
  Rng rng(5);
  for (const std::int64_t width : {1, 7, 8, 16, 17, 31, 64, 130}) {
    for (std::int64_t rows = 1; rows <= kSkinnyRowsMax; ++rows) {
      constexpr std::int64_t kOut = 23;
      std::vector<float> x(static_cast<std::size_t>(rows * width)), w(kOut * width);
      for (auto* values : {&x, &w})
        for (float& value : *values)
          value = static_cast<float>(rng.normal());
      std::vector<float> y(static_cast<std::size_t>(rows * kOut), -7);
      skinny_product(x.data(), rows, w.data(), width, 3, 20, y.data(), kOut);
      for (std::int64_t m = 0; m < rows; ++m)
        for (std::int64_t n = 0; n < kOut; ++n) {
          double sum = n < 3 || n >= 20 ? -7 : 0; // outside of [3, 20) nothing is written
          for (std::int64_t k = 0; k < width && n >= 3 && n < 20; ++k)
            sum += static_cast<double>(x[m * width + k]) * w[n * width + k];
          CHECK(y[m * kOut + n] == Approx(sum).margin(1e-4));
        }
    }
  }
}

TEST_CASE("a row's product does not depend on the rows beside it", "[model]") {
  Rng rng(6);
  constexpr std::int64_t kWidth = 130, kOut = 19;
  std::vector<float> x(kSkinnyRowsMax * kWidth), w(kOut * kWidth);
  for (auto* values : {&x, &w})
    for (float& value : *values)
      value = static_cast<float>(rng.normal());
  std::vector<float> together(kSkinnyRowsMax * kOut), alone(kOut);
  skinny_product(x.data(), kSkinnyRowsMax, w.data(), kWidth, 0, kOut, together.data(), kOut);
  for (std::int64_t row = 0; row < kSkinnyRowsMax; ++row) {
    skinny_product(x.data() + row * kWidth, 1, w.data(), kWidth, 0, kOut, alone.data(), kOut);
    CHECK(std::equal(alone.begin(), alone.end(), together.begin() + row * kOut));
  }
}

TEST_CASE("rows are summed up by their weights, of any width", "[model]") {
  for (const std::int64_t width : {1, 8, 16, 21, 64}) {
    std::vector<float> v(static_cast<std::size_t>(3 * width)), y(static_cast<std::size_t>(width));
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = static_cast<float>(i);
    const std::vector<float> weights = {1, 0.5F, -2};
    weighted_rows(weights.data(), v.data(), 3, width, y.data());
    for (std::int64_t c = 0; c < width; ++c) // c + (width + c) / 2 - 2 (2 width + c)
      CHECK(y[static_cast<std::size_t>(c)] ==
            Approx(static_cast<double>(c) + 0.5 * static_cast<double>(width + c) -
                   2.0 * static_cast<double>(2 * width + c)));
  }
}
