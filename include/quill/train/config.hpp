// Settings of training, in groups that the algorithms share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/settings.hpp"

namespace quill::train {

/// Which of the model's numbers are trained.
struct TraineeConfig {
  std::filesystem::path model;                       ///< folder
  std::filesystem::path adapter;                     ///< a PEFT folder to go on from
  std::string method = "lora";                       ///< lora | qlora | full
  std::int64_t rank = 16;                            ///< r
  double alpha = 32;                                 ///< scale alpha / r
  double dropout = 0;                                ///< of what the low-rank parts see
  std::vector<std::string> targets = {"all-linear"}; ///< last names of maps, or all-linear
  bool rank_stabilised = false;                      ///< scale alpha / sqrt(r)
  std::string dtype = "auto";                        ///< of the frozen weights and the arithmetic
  std::string recompute = "none";                    ///< none | mlp | block
  std::int64_t threads = 0;                          ///< 0: one a core
  std::string device = "auto";                       ///< auto | cpu | cuda | cuda:N
  void fields(FieldList& list);
  /// \throws Error{usage} for combinations that contradict each other
  void check() const;
};

/// AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) and its learning rate.
struct OptimizerConfig {
  double learning_rate = 2e-4; ///< the highest
  std::string schedule = "cosine";
  double warmup = 0.03; ///< share of the steps
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0; ///< of matrices; norms and biases do not decay
  double clip = 1;         ///< largest norm of the gradient; 0: any
  void fields(FieldList& list);
};

/// What a run keeps, where, and when it ends.
struct RunConfig {
  std::filesystem::path out; ///< the run's folder
  bool resume = false;       ///< go on from the newest whole checkpoint
  std::int64_t checkpoint_every = 100;
  std::int64_t keep = 2; ///< checkpoints kept, the best one apart
  std::int64_t seed = 42;
  std::int64_t memory_mb = 0; ///< most that a run may take; 0: what is free
  void fields(FieldList& list);
};

} // namespace quill::train
