// The network as tensors: Qwen2's decoder. Axes: N tokens of all sequences one after the other, D
// hidden, H heads, K heads of keys and values, C width of a head, V vocabulary, S slots, T time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "quill/model/adapter.hpp"
#include "quill/model/config.hpp"
#include "quill/model/generate.hpp"
#include "quill/model/weights.hpp"

namespace quill::model {

/// The low-rank part of a linear map: scale · B A, in its own type (float32 by default).
struct LowRank {
  torch::Tensor a, b; ///< (r, in), (out, r)
  double scale = 1;
  bool enabled = true;
  double dropout = 0;             ///< share of the inputs left out in training
  std::uint64_t dropout_seed = 0; ///< which ones: the same seed leaves out the same
};

struct Nf4Matrix;

/// y = x Wᵀ + b, and the low-rank part over it.
struct Linear {
  torch::Tensor weight;                              ///< (out, in); undefined when it is packed
  torch::Tensor bias = {};                           ///< (out), or undefined
  std::shared_ptr<LowRank> adapter = nullptr;        ///< or none
  std::shared_ptr<const Nf4Matrix> packed = nullptr; ///< the weight in four bits, or none
  /// x (…, in) → (…, out)
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& x) const;
  /// (out, in) in `type`: the weight, or what its codes stand for, made anew in each call.
  [[nodiscard]] torch::Tensor values(torch::ScalarType type) const;
  [[nodiscard]] std::int64_t out() const;
  [[nodiscard]] std::int64_t in() const;
};

/// One block: norm, attention, norm, gated network, each with its residual.
struct Block {
  torch::Tensor attention_norm, mlp_norm; ///< (D)
  Linear q, k, v, o, gate, up, down;
};

/// Several sequences one after the other, without padding.
struct Packed {
  torch::Tensor ids;              ///< (N) int64
  torch::Tensor positions;        ///< (N) int64, from 0 in each sequence
  std::vector<std::int64_t> ends; ///< where each sequence ends; the last is N
};
/// Positions and ends for sequences of these ids, on `device`.
[[nodiscard]] Packed pack(const std::vector<std::vector<TokenId>>& sequences, torch::Device device);

/// What attention does with the queries (N, H, C), keys and values (N, K, C) of a layer: (N, H *
/// C).
using Attend = std::function<torch::Tensor(std::int64_t layer, const torch::Tensor& queries,
                                           const torch::Tensor& keys, const torch::Tensor& values)>;

/// What can be calculated again in place of being kept for the gradient.
enum class Part { block, mlp };
using Calculation = std::function<torch::Tensor(const torch::Tensor&)>;
/// Runs a part on its input. Training passes one that keeps the input alone and runs the part a
/// second time for the gradient; the part may be kept for as long as the network lives.
using RunPart = std::function<torch::Tensor(Part, const torch::Tensor& x, const Calculation& part)>;

/// cpu | cuda | cuda:N | auto: a GPU where this build and machine have one, else the CPU. Of
/// several GPUs a process that is number `local` on its machine takes that one, unless N is given.
/// \throws Error{usage} for another name, or a GPU that is not there
[[nodiscard]] torch::Device device_named(const std::string& name, std::int64_t local = 0);
/// Bytes that are free where tensors on `device` go.
[[nodiscard]] std::int64_t free_memory_on(torch::Device device);

class Network {
 public:
  struct Options {
    /// Of the arithmetic; undefined takes the files' own, but float32 for float16.
    std::optional<torch::ScalarType> dtype;
    torch::Device device = torch::kCPU;
    /// Keeps the blocks' linear maps in four bits (NF4 with double quantisation, or as the files
    /// have them) and unpacks each for its product: about 4.1 bits a weight.
    bool four_bits = false;
  };
  /// Weights whose type already fits are used where the file is mapped, without a copy.
  /// \throws Error{usage} when a tensor is missing or of another shape; unused ones are logged
  static Network load(const std::filesystem::path& folder, const Options& options);
  /// The network as it is now, whatever becomes of this one: what needs a gradient is copied, the
  /// rest is shared.
  [[nodiscard]] Network snapshot() const;

  /// Last hidden states (N, D), normalised, of whole sequences; each attends to itself alone.
  [[nodiscard]] torch::Tensor hidden(const Packed& packed, const RunPart& run = {}) const;
  /// The same with another attention (a cache).
  [[nodiscard]] torch::Tensor hidden(const torch::Tensor& ids, const torch::Tensor& positions,
                                     const Attend& attend, const RunPart& run = {}) const;
  /// Logits (R, V) of chosen rows of hidden states (R, D).
  [[nodiscard]] torch::Tensor logits(const torch::Tensor& rows) const;
  /// What logits are the products with: (V, D).
  [[nodiscard]] const torch::Tensor& output() const noexcept { return output_; }

  /// Calls `visit` with each linear map's name ("model.layers.0.self_attn.q_proj") and itself.
  void each_linear(const std::function<void(const std::string&, Linear&)>& visit);
  /// Calls `visit` with each of its own tensors under its name in a checkpoint, adapters left out;
  /// a tied output matrix is the embedding and is not visited again.
  void
  each_parameter(const std::function<void(const std::string&, const torch::Tensor&)>& visit) const;

  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] const torch::Tensor& embedding() const noexcept { return embedding_; } ///< (V, D)
  [[nodiscard]] const torch::Tensor& norm() const noexcept { return norm_; }           ///< (D)
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] torch::ScalarType dtype() const { return embedding_.scalar_type(); }
  [[nodiscard]] torch::Device device() const { return embedding_.device(); }

 private:
  Network() = default;
  [[nodiscard]] torch::Tensor attention(std::int64_t layer, const torch::Tensor& x,
                                        const torch::Tensor& cosines, const torch::Tensor& sines,
                                        const Attend& attend) const;
  [[nodiscard]] torch::Tensor mlp(std::int64_t layer, const torch::Tensor& normal) const;
  using Mix = std::function<torch::Tensor(std::int64_t layer, const torch::Tensor& normal)>;
  [[nodiscard]] torch::Tensor hidden_at_once(const torch::Tensor& x, const Mix& mix) const;
  [[nodiscard]] torch::Tensor hidden_in_parts(torch::Tensor x, const Mix& mix,
                                              const RunPart& run) const;

  Shape shape_;
  torch::Tensor embedding_, norm_, output_; ///< (V, D), (D), (V, D): tied is the same tensor
  std::vector<Block> blocks_;
};

/// Lays the adapter of a PEFT folder over the network. \throws Error{usage} when a tensor has no
/// place, is missing, or is of another shape than configuration and network say
AdapterConfig load_adapter(Network& network, const std::filesystem::path& folder);
/// Writes adapter_config.json and adapter_model.safetensors of what lies over the network.
/// \throws Error{storage}
void save_adapter(Network& network, const AdapterConfig& config,
                  const std::filesystem::path& folder);

/// While it lives the network is its base alone: the reference of a policy, without a second copy.
class AdapterOff {
 public:
  explicit AdapterOff(Network& network);
  ~AdapterOff();
  AdapterOff(const AdapterOff&) = delete;
  AdapterOff& operator=(const AdapterOff&) = delete;

 private:
  Network& network_;
};

/// A network with its cache. `network` must outlive it.
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(const Network& network);
/// The same for a network on a GPU: the cache has a place for each sequence and grows by doubling,
/// and a step of each number of sequences is recorded once (a CUDA graph) and replayed. On the CPU
/// nothing is recorded.
[[nodiscard]] std::unique_ptr<Decoder> make_recorded_decoder(const Network& network);

} // namespace quill::model
