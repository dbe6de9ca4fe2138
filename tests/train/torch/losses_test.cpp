// Losses against their definitions.
#include "catch.hpp"

#include <ATen/ATen.h>

#include "quill/train/losses/sft.hpp"

using namespace quill::train;

namespace {

struct Case {
  torch::Tensor rows, output, targets;
};

Case random_case(std::int64_t count, std::int64_t width, std::int64_t vocabulary) {
  at::manual_seed(5);
  return {at::randn({count, width}).requires_grad_(),
          at::randn({vocabulary, width}).requires_grad_(), at::randint(vocabulary, {count})};
}

torch::Tensor plain_loss(const Case& given, double denominator) {
  return at::cross_entropy_loss(at::linear(given.rows, given.output), given.targets, {},
                                at::Reduction::Sum)
      .div(denominator);
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

} // namespace

TEST_CASE("the loss in chunks is cross-entropy, and so are its gradients", "[train]") {
  const Case given = random_case(13, 8, 50);
  plain_loss(given, 20).backward();
  const auto of_rows = given.rows.grad().clone(), of_output = given.output.grad().clone();
  for (const std::int64_t rows_a_chunk : {1, 4, 13, 100}) {
    INFO(rows_a_chunk);
    given.rows.mutable_grad().reset();
    given.output.mutable_grad().reset();
    const Loss loss = sft_loss(given.rows, given.output, given.targets, 20, rows_a_chunk * 50 * 4);
    CHECK(loss.value.item<double>() == Approx(plain_loss(given, 20).item<double>()).epsilon(1e-6));
    loss.value.backward();
    CHECK(largest_difference(given.rows.grad(), of_rows) < 1e-6);
    CHECK(largest_difference(given.output.grad(), of_output) < 1e-6);
  }
}

TEST_CASE("a frozen output matrix gets no gradient", "[train]") {
  Case given = random_case(5, 8, 50);
  given.output = given.output.detach();
  sft_loss(given.rows, given.output, given.targets, 5).value.backward();
  CHECK(given.rows.grad().defined());
  CHECK_FALSE(given.output.grad().defined());
}

TEST_CASE("logits far apart give a finite loss", "[train]") {
  Case given = random_case(5, 8, 50);
  const auto far = (given.rows.detach() * 1e4).requires_grad_();
  const Loss loss = sft_loss(far, given.output, given.targets, 5);
  loss.value.backward();
  CHECK(at::isfinite(loss.value).item<bool>());
  CHECK(at::isfinite(far.grad()).all().item<bool>());
}
