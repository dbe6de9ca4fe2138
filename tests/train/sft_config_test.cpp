// What --weights may be.
#include "catch.hpp"

#include "quill/core/error.hpp"
#include "quill/train/sft.hpp"

using quill::train::read_weights;

TEST_CASE("weights are numbers of 0 or more, one of them above 0", "[train]") {
  CHECK(read_weights({"0.3", "2", "0"}) == std::vector<double>{0.3, 2, 0});
  CHECK(read_weights({}).empty());
  CHECK_THROWS_AS(read_weights({"much"}), quill::Error);
  CHECK_THROWS_AS(read_weights({"1x"}), quill::Error);
  CHECK_THROWS_AS(read_weights({"-1"}), quill::Error);
  CHECK_THROWS_AS(read_weights({"nan"}), quill::Error);
  CHECK_THROWS_AS(read_weights({"0", "0"}), quill::Error);
}
