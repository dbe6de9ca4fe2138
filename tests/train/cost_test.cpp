#include "quill/train/cost.hpp"

#include "catch.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

/// One layer, 2 heads of 4, 1 of keys: every number below can be counted by hand.
model::Shape small_shape() {
  model::Shape shape;
  shape.layers = 1;
  shape.hidden = 8;
  shape.inner = 16;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_width = 4;
  shape.vocabulary = 100;
  shape.tied = true;
  return shape;
}

/// As Qwen2.5-0.5B.
model::Shape half_billion() {
  model::Shape shape;
  shape.layers = 24;
  shape.hidden = 896;
  shape.inner = 4864;
  shape.heads = 14;
  shape.kv_heads = 2;
  shape.head_width = 64;
  shape.vocabulary = 151'936;
  shape.tied = true;
  return shape;
}

TraineeConfig low_rank(std::int64_t rank) {
  TraineeConfig config;
  config.model = "models/half";
  config.rank = rank;
  return config;
}

} // namespace

TEST_CASE("low-rank parameters are rank times both sides of each map", "[train]") {
  // q and o 8+8, k and v 8+4, gate, up and down 8+16: 32 + 24 + 72 = 128, twice.
  CHECK(trained_parameters(small_shape(), low_rank(2)) == 256);
  TraineeConfig two = low_rank(2);
  two.targets = {"q_proj", "v_proj"};
  CHECK(trained_parameters(small_shape(), two) == 2 * (16 + 12));
  two.method = "full";
  CHECK(trained_parameters(small_shape(), two) == small_shape().parameters());
}

TEST_CASE("Qwen2.5-0.5B at rank 16 has PEFT's 8.8 million parameters", "[train]") {
  CHECK(trained_parameters(half_billion(), low_rank(16)) == 8'798'208);
}

TEST_CASE("operations are 4 N a token for low-rank parts and 6 N for all weights", "[train]") {
  const model::Shape shape = half_billion(); // 0.358 billion in the blocks
  const double blocks = static_cast<double>(shape.block_parameters());
  TraineeConfig full = low_rank(16);
  full.method = "full";
  CHECK(operations(shape, full, {.tokens = 1}) == Approx(6 * blocks));
  CHECK(operations(shape, low_rank(16), {.tokens = 1}) == Approx(4 * blocks + 6 * 8'798'208.0));
  // One row of logits: forward and backward, 2 V D each.
  CHECK(operations(shape, low_rank(16), {.loss_rows = 1}) == Approx(4.0 * 151'936 * 896));
  // Attention of T tokens: 2 H C T² forward, half of the scores masked; three times with backward.
  CHECK(operations(shape, full, {.squares = 100}) == Approx(3 * 2.0 * 24 * 14 * 64 * 100));
}

TEST_CASE("the largest batch is that of the longest samples, or of full rows", "[train]") {
  BatchDemand demand{.lengths = {5, 50, 7, 40}, .batch = 2, .accumulate = 1, .length_max = 45};
  CHECK(demand.tokens_max() == 45 + 40);
  demand.packed = true;
  CHECK(demand.tokens_max() == 90);
  demand.batch = 8;
  CHECK(demand.tokens_max() == 102); // there are no more
}

TEST_CASE("what fits is let through, and recomputation needs less", "[train]") {
  const model::Shape shape = half_billion();
  TraineeConfig config = low_rank(16);
  std::int64_t last = memory_need(shape, config, 4096).activations;
  for (const char* recompute : {"mlp", "block"}) {
    config.recompute = recompute;
    const std::int64_t next = memory_need(shape, config, 4096).activations;
    CHECK(next < last / 2);
    last = next;
  }
  const BatchDemand demand{.lengths = {512}, .batch = 1};
  CHECK_NOTHROW(require_memory(shape, config, demand, std::int64_t{64} << 30U));
}

TEST_CASE("what cannot fit is refused with the option that would", "[train]") {
  const model::Shape shape = half_billion();
  const BatchDemand demand{.lengths = std::vector<std::int64_t>(64, 1024),
                           .batch = 8,
                           .accumulate = 2,
                           .length_max = 1024};
  const auto said = [&](const TraineeConfig& config, std::int64_t gigabytes) {
    return refusal(Exit::usage, [&] { require_memory(shape, config, demand, gigabytes << 30U); });
  };
  const ErrorText mlp = said(low_rank(16), 16);
  CHECK_THAT(mlp.what, Catch::StartsWith("training would take about "));
  CHECK_THAT(mlp.what, Catch::Contains("activations of 8192 tokens"));
  CHECK_THAT(mlp.what, Catch::EndsWith("16384 MB are free"));
  CHECK(mlp.where == "models/half");
  CHECK_THAT(mlp.fix, Catch::StartsWith("give --recompute mlp: about "));
  CHECK_THAT(mlp.fix, Catch::Contains("--memory-mb"));
  CHECK_THAT(said(low_rank(16), 8).fix, Catch::StartsWith("give --recompute block: about "));
  CHECK_THAT(said(low_rank(16), 5).fix, Catch::StartsWith("give --batch 1 --accumulate 16: "));
  TraineeConfig full = low_rank(16);
  full.method = "full";
  CHECK_THAT(said(full, 3).fix, Catch::StartsWith("give --batch 1 --accumulate 16 --recompute "
                                                  "block --method lora: about "));
  CHECK_THAT(said(low_rank(16), 2).fix, Catch::Contains("--recompute block --dtype bfloat16: "));
  CHECK_THAT(said(low_rank(16), 1).fix,
             Catch::StartsWith("no option makes it fit: take a smaller model, or a machine with "));
}
