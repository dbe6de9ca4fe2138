#include "quill/train/config.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::train {

void TraineeConfig::fields(FieldList& list) {
  list.add("model", &model, "folder of the model").needed();
  list.add("adapter", &adapter, "folder of a LoRA adapter to go on from, as PEFT writes it");
  list.add("method", &method,
           "what is trained: low-rank parts, the same over weights in four bits, or every weight")
      .one_of({"lora", "qlora", "full"});
  list.add("rank", &rank, "rank of the low-rank parts").range(1, 65'536);
  list.add("alpha", &alpha, "their scale is alpha / rank").range(1e-6, 1e9);
  list.add("dropout", &dropout, "share of the inputs that the low-rank parts do not see")
      .range(0, 0.99);
  list.add("targets", &targets, "maps that get one: q_proj, v_proj …; all-linear for all");
  list.add("rank_stabilised", &rank_stabilised, "scale alpha / sqrt(rank)");
  list.add("dtype", &dtype, "arithmetic and frozen weights; auto takes the files' own")
      .one_of({"auto", "float32", "bfloat16"});
  list.add("recompute", &recompute,
           "what is calculated again in place of being kept: nothing, the gated networks, blocks")
      .one_of({"none", "mlp", "block"});
  list.add("device", &device, "cpu, cuda or cuda:N; auto: a GPU where build and machine have one");
  list.add("threads", &threads, "threads, 0 for one a core").range(0, 1024);
}

void TraineeConfig::check() const {
  if (method == "full" && (dtype == "bfloat16" || !adapter.empty()))
    throw Error{Exit::usage,
                {.what = adapter.empty()
                             ? "--dtype is bfloat16 with --method full; allowed: float32"
                             : "--adapter and --method full were both given",
                 .where = "command line",
                 .fix = adapter.empty() ? "a small update of a bfloat16 weight would be lost; "
                                          "train low-rank parts, which are float32"
                                        : "merge the adapter first, or train with --method lora"}};
}

void OptimizerConfig::fields(FieldList& list) {
  list.add("learning_rate", &learning_rate, "the highest learning rate").range(0, 10);
  list.add("schedule", &schedule, "how it falls after the warm-up")
      .one_of({"cosine", "linear", "constant"});
  list.add("warmup", &warmup, "share of the steps in which it rises").range(0, 1);
  list.add("beta1", &beta1, "AdamW: memory of the mean").range(0, 0.9999999);
  list.add("beta2", &beta2, "AdamW: memory of the square").range(0, 0.9999999);
  list.add("epsilon", &epsilon, "AdamW: added to the root of the square").range(1e-20, 1);
  list.add("weight_decay", &weight_decay, "AdamW: of matrices, not of norms and biases")
      .range(0, 10);
  list.add("clip", &clip, "largest norm of the gradient, 0 for any").range(0, 1e9);
}

void RunConfig::fields(FieldList& list) {
  list.add("out", &out, "folder of the run").needed();
  list.add("resume", &resume, "go on from the newest whole checkpoint there, if there is one");
  list.add("checkpoint_every", &checkpoint_every, "steps between checkpoints").range(1, 1e9);
  list.add("keep", &keep, "checkpoints kept, newest first").range(1, 1000);
  list.add("seed", &seed, "makes start, order and dropout repeatable").at_least(0);
  list.add("memory_mb", &memory_mb, "most that training may take, 0 for what is free")
      .in("MB")
      .range(0, 1e9);
}

} // namespace quill::train
