// Which tensors a shape has, how they fit a checkpoint, and random ones for a new model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quill/model/config.hpp"
#include "quill/model/safetensors.hpp"

namespace quill::model {

struct NamedShape {
  std::string name; ///< as Hugging Face names it: "model.layers.0.self_attn.q_proj.weight"
  std::vector<std::int64_t> shape;
};
/// Every tensor of the network, in the order of the forward pass. A tied output matrix is none.
[[nodiscard]] std::vector<NamedShape> tensors_of(const Shape& shape);

/// What a checkpoint lacks and what nothing reads. A tied model's "lm_head.weight" is unused.
struct Fit {
  std::vector<std::string> missing, unused;
};
/// \throws Error{usage} for a tensor of another shape or of no floating-point type
[[nodiscard]] Fit fit_of(const Shape& shape, const Checkpoint& checkpoint);
/// \throws Error{usage} listing the missing ones
void require_complete(const Fit& fit, const std::string& where);

/// Writes FOLDER/model.safetensors (float32) with normal weights of deviation `deviation`, zero
/// biases and norms of one, as transformers starts a model. The same seed gives the same bytes.
/// \throws Error{storage}
void write_random_weights(const std::filesystem::path& folder, const Shape& shape, double deviation,
                          std::uint64_t seed);

} // namespace quill::model
