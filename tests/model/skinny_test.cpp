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
