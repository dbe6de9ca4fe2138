// Decoding where starting a kernel takes longer than many kernels run: each step has fixed shapes
// and reads what changes from the device's memory, so that it can be recorded once and replayed
// (CUDA graphs).
#include <algorithm>
#include <map>

#include <ATen/ATen.h>

#include "model/torch/attention.hpp"
#include "model/torch/ops.hpp"
#include "quill/core/error.hpp"
#include "quill/model/network.hpp"

#ifdef QUILL_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace quill::model {

namespace {

/// What a step of one number of sequences reads and writes, always at the same places.
struct Step {
  torch::Tensor inputs; ///< (2, B) int64: the tokens and their positions
  torch::Tensor logits; ///< (B, V)
#ifdef QUILL_CUDA
  std::unique_ptr<at::cuda::CUDAGraph> graph;
#endif
};

/// Powers of two, then multiples of 64: so many shapes are recorded, and few rows calculated in
/// vain.
std::int64_t rounded_up(std::int64_t count) {
  constexpr std::int64_t kMany = 64;
  if (count > kMany)
    return (count + kMany - 1) / kMany * kMany;
  std::int64_t size = 1;
  while (size < count)
    size *= 2;
  return size;
}

class RecordedDecoder final : public Decoder {
 public:
  explicit RecordedDecoder(const Network& network) : network_(network) {}

  [[nodiscard]] std::int64_t vocabulary() const override { return network_.shape().vocabulary; }
  [[nodiscard]] std::int64_t positions_max() const override {
    return network_.shape().positions_max;
  }

  std::span<const float> prefill(std::int64_t slot, std::span<const TokenId> ids) override {
    const torch::InferenceMode inference;
    const auto length = static_cast<std::int64_t>(ids.size());
    reserve(slot + 1, length);
    set_length(slot, length);
    const Packed packed = pack({{ids.begin(), ids.end()}}, network_.device());
    const auto hidden = network_.hidden(
        packed.ids, packed.positions,
        [&](std::int64_t layer, const torch::Tensor& q, const torch::Tensor& k,
            const torch::Tensor& v) {
          keys(layer).select(0, slot).narrow(1, 0, length).copy_(k.transpose(0, 1)); // (K, n, C)
          values(layer).select(0, slot).narrow(1, 0, length).copy_(v.transpose(0, 1));
          return causal_attention(q, k, v, network_.shape().window);
        });
    return publish(network_.logits(hidden.slice(0, length - 1, length)));
  }

  void copy_slot(std::int64_t from, std::int64_t to) override {
    const torch::InferenceMode inference;
    const std::int64_t length = lengths_[static_cast<std::size_t>(from)];
    reserve(to + 1, length);
    for (torch::Tensor& each : cache_)
      each.select(0, to).narrow(1, 0, length).copy_(each.select(0, from).narrow(1, 0, length));
    set_length(to, length);
  }

  std::span<const float> decode(std::span<const TokenId> ids) override {
    const torch::InferenceMode inference;
    const auto count = static_cast<std::int64_t>(ids.size());
    QUILL_CHECK(ids.size() <= lengths_.size(), "decode() of a slot that was never filled");
    const std::int64_t longest = *std::max_element(lengths_.begin(), lengths_.begin() + count) + 1;
    QUILL_CHECK(longest <= positions_max(), "decode() beyond the last position");
    const std::int64_t size = rounded_up(count);
    reserve(size, longest);
    Step& step = step_of(size);
    step.inputs.copy_(inputs_of(ids, size));
    run(step);
    for (std::int64_t slot = 0; slot < count; ++slot)
      ++lengths_[static_cast<std::size_t>(slot)];
    return publish(step.logits.narrow(0, 0, count));
  }

 private:
  torch::Tensor& keys(std::int64_t layer) { return cache_[static_cast<std::size_t>(2 * layer)]; }
  torch::Tensor& values(std::int64_t layer) {
    return cache_[static_cast<std::size_t>(2 * layer) + 1];
  }

  /// Room for `slots` sequences of `length` tokens; what is there is kept, what was recorded is
  /// not.
  void reserve(std::int64_t slots, std::int64_t length) {
    constexpr std::int64_t kLeast = 256;
    if (slots <= slots_ && length <= length_)
      return;
    steps_.clear();
    const std::int64_t old_slots = slots_, old_length = length_;
    slots_ = std::max(slots_, rounded_up(slots));
    while (length_ < length)
      length_ = std::min(std::max(kLeast, 2 * length_), positions_max());
    const Shape& shape = network_.shape();
    cache_.resize(static_cast<std::size_t>(2 * shape.layers));
    for (torch::Tensor& each : cache_) {
      auto grown = torch::zeros({slots_, shape.kv_heads, length_, shape.head_width},
                                torch::TensorOptions(network_.dtype()).device(network_.device()));
      if (each.defined())
        grown.narrow(0, 0, old_slots).narrow(2, 0, old_length).copy_(each);
      each = std::move(grown);
    }
  }

  void set_length(std::int64_t slot, std::int64_t length) {
    const auto at = static_cast<std::size_t>(slot);
    lengths_.resize(std::max(lengths_.size(), at + 1));
    lengths_[at] = length;
  }

  /// Rows behind the last sequence write where their slot's next token will: nothing is lost.
  [[nodiscard]] torch::Tensor inputs_of(std::span<const TokenId> ids, std::int64_t size) const {
    auto inputs = torch::zeros({2, size}, torch::kInt64);
    auto* rows = inputs.mutable_data_ptr<std::int64_t>();
    std::copy(ids.begin(), ids.end(), rows);
    for (std::size_t slot = 0; slot < std::min(lengths_.size(), static_cast<std::size_t>(size));
         ++slot)
      rows[size + static_cast<std::int64_t>(slot)] = std::min(lengths_[slot], length_ - 1);
    return inputs;
  }

  Step& step_of(std::int64_t size) {
    Step& step = steps_[size];
    if (!step.inputs.defined())
      step.inputs =
          torch::zeros({2, size}, torch::TensorOptions(torch::kInt64).device(network_.device()));
    return step;
  }

  torch::Tensor calculate(const torch::Tensor& inputs) {
    const auto positions = inputs[1];
    const auto hidden = network_.hidden(inputs[0], positions,
                                        [&](std::int64_t layer, const torch::Tensor& q,
                                            const torch::Tensor& k, const torch::Tensor& v) {
                                          plain::CacheView view{keys(layer), values(layer),
                                                                positions, network_.shape().window};
                                          return ops::decode_attention(q, k, v, view);
                                        });
    return network_.logits(hidden);
  }

  void run(Step& step) {
#ifdef QUILL_CUDA
    if (network_.device().is_cuda()) {
      const c10::cuda::CUDAGuard device(network_.device());
      if (step.graph == nullptr)
        record(step);
      step.graph->replay();
      return;
    }
#endif
    step.logits = calculate(step.inputs);
  }

#ifdef QUILL_CUDA
  /// The first run outside of the record makes what libraries make once. It writes what the replay
  /// will write again.
  void record(Step& step) {
    c10::cuda::device_synchronize();
    const c10::cuda::CUDAStreamGuard aside(at::cuda::getStreamFromPool());
    (void)calculate(step.inputs);
    c10::cuda::device_synchronize();
    auto graph = std::make_unique<at::cuda::CUDAGraph>();
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    step.logits = calculate(step.inputs);
    graph->capture_end();
    step.graph = std::move(graph);
  }
#endif

  std::span<const float> publish(const torch::Tensor& logits) {
    logits_ = logits.to(torch::kCPU, torch::kFloat32).contiguous();
    return {logits_.const_data_ptr<float>(), static_cast<std::size_t>(logits_.numel())};
  }

  const Network& network_;
  std::int64_t slots_ = 0, length_ = 0;
  std::vector<torch::Tensor> cache_;   ///< keys and values of each layer, (S, K, T, C)
  std::map<std::int64_t, Step> steps_; ///< by the number of their sequences
  std::vector<std::int64_t> lengths_;  ///< tokens in each slot
  torch::Tensor logits_;               ///< what the last span points into
};

} // namespace

std::unique_ptr<Decoder> make_recorded_decoder(const Network& network) {
  return std::make_unique<RecordedDecoder>(network);
}

} // namespace quill::model
