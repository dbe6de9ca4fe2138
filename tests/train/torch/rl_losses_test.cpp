// The losses of GRPO, DPO and PPO against TRL's (scripts/rl_reference.py).
#include "catch.hpp"

#include <ATen/ATen.h>
#include <torch/autograd.h>

#include "folders.hpp"
#include "model/torch/tensors.hpp"
#include "quill/train/losses/dpo.hpp"
#include "quill/train/losses/grpo.hpp"
#include "quill/train/losses/logprobs.hpp"
#include "quill/train/losses/ppo.hpp"

using namespace quill;
using namespace quill::train;

namespace {

const std::vector<std::int64_t> kLengths = {5, 2, 7, 1, 4, 6};

/// What TRL made of fixed numbers.
class Reference {
 public:
  [[nodiscard]] torch::Tensor take(const std::string& name) const {
    const auto* view = file_.find(name);
    REQUIRE(view != nullptr);
    return model::tensor_over(*view, file_).clone();
  }
  [[nodiscard]] torch::Tensor learned(const std::string& name) const {
    return take(name).set_requires_grad(true);
  }

 private:
  model::Checkpoint file_{std::filesystem::path(QUILL_TESTS_FOLDER) / "reference" / "rl",
                          "reference"};
};

double apart(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.detach().to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

torch::Tensor owners() {
  std::vector<std::int64_t> of;
  for (std::size_t i = 0; i < kLengths.size(); ++i)
    of.insert(of.end(), static_cast<std::size_t>(kLengths[i]), static_cast<std::int64_t>(i));
  return torch::tensor(of, torch::kInt64);
}

double part(const Loss& loss, const std::string& name) {
  for (const auto& [key, value] : loss.parts)
    if (key == name)
      return value;
  return -1;
}

} // namespace

TEST_CASE("every variant of GRPO has TRL's loss and gradient", "[train]") {
  const Reference reference;
  const auto* name = GENERATE("grpo", "dr_grpo", "dapo", "bnpo", "gspo", "cispo");
  const bool kl = GENERATE(false, true);
  const std::string key = std::string(name) + (kl ? ".kl" : ".free");
  CAPTURE(key);
  const GrpoLossConfig config{.loss = name,
                              .epsilon_low = 0.2,
                              .epsilon_high = std::string(name) == "cispo" ? 1.2 : 0.28,
                              .beta = kl ? 0.1 : 0};
  const PolicyTokens tokens{.logprobs = reference.learned("logprobs"),
                            .old_logprobs = reference.take("old_logprobs"),
                            .reference = reference.take("reference"),
                            .advantages = reference.take("advantages"),
                            .completion = owners()};
  // 6 completions of 5 + 2 + 7 + 1 + 4 + 6 = 25 tokens, of at most 8
  const Loss loss =
      grpo_loss(config, tokens, {.completions = 6, .tokens = 25, .batches = 1, .tokens_max = 8});
  loss.value.backward();
  CHECK(apart(loss.value, reference.take(key + ".loss")) < 1e-5);
  CHECK(apart(tokens.logprobs.grad(), reference.take(key + ".gradient")) < 1e-5);
  if (kl)
    CHECK(part(loss, "kl") == Approx(reference.take(key + ".kl").item<float>()).epsilon(1e-5));
}

TEST_CASE("batches of a step add up to the loss of the whole step", "[train]") {
  const Reference reference;
  const auto* name = GENERATE("grpo", "dr_grpo", "dapo", "gspo", "cispo");
  const GrpoLossConfig config{.loss = name, .epsilon_high = 1.2, .beta = 0.1};
  const GrpoTotals totals{.completions = 6, .tokens = 25, .batches = 2, .tokens_max = 8};
  const auto some = [&](std::int64_t first, std::int64_t last, std::int64_t begin,
                        std::int64_t end) {
    return grpo_loss(config,
                     {.logprobs = reference.take("logprobs").slice(0, begin, end),
                      .old_logprobs = reference.take("old_logprobs").slice(0, begin, end),
                      .reference = reference.take("reference").slice(0, begin, end),
                      .advantages = reference.take("advantages").slice(0, first, last),
                      .completion = owners().slice(0, begin, end) - first},
                     totals)
        .value.item<double>();
  };
  // completions 0 to 2 have 5 + 2 + 7 = 14 tokens
  CHECK(some(0, 3, 0, 14) + some(3, 6, 14, 25) == Approx(some(0, 6, 0, 25)).epsilon(1e-6));
}

TEST_CASE("every variant of DPO has TRL's loss and gradient", "[train]") {
  const Reference reference;
  const auto* name = GENERATE("sigmoid", "ipo", "hinge", "robust", "apo_zero");
  const bool sft = GENERATE(false, true);
  const std::string key = std::string(name) + (sft ? ".sft" : ".free");
  CAPTURE(key);
  const DpoLossConfig config{
      .loss = name, .beta = 0.3, .label_smoothing = 0.1, .sft_weight = sft ? 0.5 : 0};
  const Preferred pairs{.chosen = reference.learned("chosen"),
                        .rejected = reference.learned("rejected"),
                        .reference_chosen = reference.take("reference_chosen"),
                        .reference_rejected = reference.take("reference_rejected"),
                        .chosen_tokens = reference.take("chosen_tokens"),
                        .rejected_tokens = reference.take("rejected_tokens")};
  // 3 + 7 + 5 + 9 = 24 tokens of better answers
  const Loss loss = dpo_loss(config, pairs, {.pairs = 4, .chosen_tokens = 24});
  loss.value.backward();
  CHECK(apart(loss.value, reference.take(key + ".loss")) < 1e-5);
  const auto gradients = at::cat({pairs.chosen.grad(), pairs.rejected.grad()});
  CHECK(apart(gradients, reference.take(key + ".gradient")) < 1e-5);
}

TEST_CASE("PPO has the loss, the gradients and the advantages of its papers", "[train]") {
  const Reference reference;
  std::vector<std::int64_t> ends;
  for (const std::int64_t length : kLengths)
    ends.push_back((ends.empty() ? 0 : ends.back()) + length);
  const auto old_values = reference.take("old_values");
  const Advantages found =
      estimated_advantages(reference.take("rewards"), old_values, ends, 0.98, 0.9);
  CHECK(apart(found.advantages, reference.take("ppo.advantages")) < 1e-5);
  CHECK(apart(found.returns, reference.take("ppo.returns")) < 1e-5);
  const auto white = whitened(found.advantages);
  CHECK(apart(white, reference.take("ppo.whitened")) < 1e-5);
  const ValuedTokens tokens{.logprobs = reference.learned("logprobs"),
                            .values = reference.learned("values"),
                            .old_logprobs = reference.take("old_logprobs"),
                            .old_values = old_values,
                            .advantages = white,
                            .returns = found.returns};
  const Loss loss = ppo_loss({}, tokens, 25);
  loss.value.backward();
  CHECK(apart(loss.value, reference.take("ppo.loss")) < 1e-5);
  CHECK(apart(tokens.logprobs.grad(), reference.take("ppo.by_logprobs")) < 1e-5);
  CHECK(apart(tokens.values.grad(), reference.take("ppo.by_values")) < 1e-5);
}

TEST_CASE("log-probabilities in chunks have the value and gradient of the whole", "[train]") {
  at::manual_seed(3);
  const auto rows = at::randn({7, 5}).set_requires_grad(true);
  const auto output = at::randn({11, 5}).set_requires_grad(true);
  const auto targets = torch::tensor({0, 10, 3, 3, 7, 1, 4}, torch::kInt64);
  const auto weights = at::randn({7});
  // two rows of 11 float32 logits at a time: 2 · 11 · 4 = 88 bytes
  const TokenLogprobs chunks = token_logprobs(rows, output, targets, 0.7, 88);
  (chunks.values * weights).sum().backward();
  const auto by_rows = rows.grad().clone(), by_output = output.grad().clone();
  rows.mutable_grad() = torch::Tensor();
  output.mutable_grad() = torch::Tensor();
  const auto logs = at::log_softmax(at::linear(rows, output) / 0.7, -1);
  const auto values = logs.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
  (values * weights).sum().backward();
  CHECK(apart(chunks.values, values.detach()) < 1e-6);
  CHECK(apart(chunks.entropies, -(logs.exp() * logs).sum(-1).detach()) < 1e-6);
  CHECK(apart(by_rows, rows.grad()) < 1e-5);
  CHECK(apart(by_output, output.grad()) < 1e-5);
}
