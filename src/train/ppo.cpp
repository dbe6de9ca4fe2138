#include "quill/train/ppo.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::train {

void PpoLossConfig::fields(FieldList& list) {
  list.add("ratio_epsilon", &epsilon, "how far a ratio may be from 1").range(0, 10);
  list.add("value_epsilon", &value_epsilon, "how far a value may be from what it was")
      .range(0, 1000);
  list.add("value_weight", &value_weight, "of the value's loss").range(0, 1000);
}

void PpoConfig::fields(FieldList& list) {
  rollout.fields(list);
  reward.fields(list);
  loss.fields(list);
  list.add("gamma", &gamma, "what a reward one token later is worth now").range(0, 1);
  list.add("lambda", &lambda, "of the generalised advantages").range(0, 1);
  list.add("kl", &kl,
           "reward lost for each nat away from the model without its adapter, by token; 0: none")
      .range(0, 1000);
  list.add("iterations", &iterations, "steps taken on the same answers").range(1, 1000);
  list.add("batch", &batch, "answers that go through the network together").range(1, 65'536);
  list.add("steps", &steps, "steps").range(1, 1e9);
  trainee.fields(list);
  optimizer.fields(list);
  run.fields(list);
}

void PpoConfig::check() const {
  trainee.check();
  if (kl > 0 && (trainee.method == "full" || !trainee.adapter.empty()))
    throw Error{Exit::usage,
                {.what = fmt::format("--kl is {}, but there is no adapter whose absence would be "
                                     "the reference",
                                     kl),
                 .where = "command line",
                 .fix = "train a new LoRA adapter (merge the old one first), or give --kl 0"}};
}

} // namespace quill::train
