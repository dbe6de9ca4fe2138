// What is trained of a network, under names, and as the folder it is written to.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "quill/model/network.hpp"
#include "quill/train/config.hpp"

namespace quill::train {

struct Parameter {
  std::string name; ///< in its file
  torch::Tensor tensor;
  bool decays = true; ///< matrices do
  /// Name of another file beside the weights' own, without .safetensors: for what is learned but
  /// is no part of the model.
  std::string file = {};
};

struct Trainee {
  std::vector<Parameter> parameters;
  std::string kind;    ///< adapter | model: the folder it is written to
  std::string weights; ///< name of its file of weights, without .safetensors
  /// Files beside the weights that make the folder one which others load: name and text.
  std::vector<std::pair<std::string, std::string>> files;
  [[nodiscard]] std::int64_t size() const; ///< numbers in all
};

/// Lays new low-rank parts over the network (or those of config.adapter), or takes all its weights.
/// A is uniform in ± 1/√in, B zero, as PEFT begins. \throws Error{usage}: unknown targets, an
/// adapter that does not fit
[[nodiscard]] Trainee make_trainee(model::Network& network, const TraineeConfig& config,
                                   std::uint64_t seed);

/// Which inputs dropout leaves out from now on: a function of `seed` alone.
void seed_dropout(model::Network& network, std::uint64_t seed);

/// A folder that loads as an adapter or as a model. \throws Error{storage}; Error{usage} when a
/// number is not finite
void write_trainee(const Trainee& trainee, const std::filesystem::path& folder);
/// The weights back. \throws Error{usage} when a tensor is missing or of another shape
void read_trainee(Trainee& trainee, const std::filesystem::path& folder);

/// Tensors by name, to a safetensors file and back into tensors of the same shapes.
void write_tensors(const std::filesystem::path& file, const std::vector<Parameter>& tensors);
void read_tensors(const std::filesystem::path& folder, const std::string& name,
                  const std::vector<Parameter>& tensors);

/// Keeps only a part's input and runs the part again for the gradient: `mlp`, `block` or nothing.
[[nodiscard]] model::RunPart recomputation(const std::string& what);

} // namespace quill::train
