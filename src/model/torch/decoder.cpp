// Prefill and decode with a cache of keys and values that grows with the sequences.
#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/skinny.hpp"
#include "model/torch/attention.hpp"
#include "model/torch/dense_view.hpp"
#include "quill/core/error.hpp"
#include "quill/model/network.hpp"

namespace quill::model {

namespace {

/// Keys and values of every layer, (S, K, T, C) each.
class Cache {
 public:
  explicit Cache(const Network& network)
      : network_(network), keys_(static_cast<std::size_t>(network.shape().layers)),
        values_(keys_.size()) {}

  /// Room for `slots` sequences of `length` tokens; what is there is kept.
  void reserve(std::int64_t slots, std::int64_t length) {
    if (slots <= slots_ && length <= length_)
      return;
    const std::int64_t old_slots = slots_, old_length = length_;
    slots_ = std::max(slots, slots_);
    if (length > length_) // half as much again, so that growing costs little in all
      length_ = std::min(std::max(length, length_ + length_ / 2), network_.shape().positions_max);
    for (auto* tensors : {&keys_, &values_})
      for (torch::Tensor& tensor : *tensors)
        tensor = grown(tensor, old_slots, old_length);
  }

  [[nodiscard]] torch::Tensor& keys(std::int64_t layer) { return keys_[at(layer)]; }
  [[nodiscard]] torch::Tensor& values(std::int64_t layer) { return values_[at(layer)]; }

  [[nodiscard]] std::int64_t length() const { return length_; }

  void copy(std::int64_t from, std::int64_t to, std::int64_t length) {
    reserve(to + 1, length);
    for (auto* tensors : {&keys_, &values_})
      for (torch::Tensor& tensor : *tensors)
        tensor.select(0, to)
            .narrow(1, 0, length)
            .copy_(tensor.select(0, from).narrow(1, 0, length));
  }

 private:
  static std::size_t at(std::int64_t layer) { return static_cast<std::size_t>(layer); }

  torch::Tensor grown(const torch::Tensor& old, std::int64_t slots, std::int64_t length) const {
    const Shape& shape = network_.shape();
    // Zeros, not whatever was there: masked places are multiplied by 0, and 0 times NaN is NaN.
    auto tensor = torch::zeros({slots_, shape.kv_heads, length_, shape.head_width},
                               torch::TensorOptions(network_.dtype()).device(network_.device()));
    if (old.defined())
      tensor.narrow(0, 0, slots).narrow(2, 0, length).copy_(old);
    return tensor;
  }

  const Network& network_;
  std::int64_t slots_ = 0, length_ = 0;
  std::vector<torch::Tensor> keys_, values_;
};

class NetworkDecoder final : public Decoder {
 public:
  explicit NetworkDecoder(const Network& network)
      : network_(network), cache_(network), dense_(network.shape(), on_torch_threads) {}

  [[nodiscard]] std::int64_t vocabulary() const override { return network_.shape().vocabulary; }
  [[nodiscard]] std::int64_t positions_max() const override {
    return network_.shape().positions_max;
  }

  std::span<const float> prefill(std::int64_t slot, std::span<const TokenId> ids) override {
    const torch::InferenceMode inference;
    const auto length = static_cast<std::int64_t>(ids.size());
    constexpr std::int64_t kAhead = 64; // room for the first tokens of the answer
    cache_.reserve(slot + 1, std::min(length + kAhead, positions_max()));
    set_length(slot, length);
    const Packed packed = pack({{ids.begin(), ids.end()}}, network_.device());
    const auto hidden = network_.hidden(
        packed.ids, packed.positions,
        [&](std::int64_t layer, const torch::Tensor& q, const torch::Tensor& k,
            const torch::Tensor& v) { return prefill_attention(slot, layer, q, k, v); });
    return publish(network_.logits(hidden.slice(0, length - 1, length)));
  }

  void copy_slot(std::int64_t from, std::int64_t to) override {
    const torch::InferenceMode inference;
    const std::int64_t length = lengths_[static_cast<std::size_t>(from)];
    cache_.copy(from, to, length);
    set_length(to, length);
  }

  std::span<const float> decode(std::span<const TokenId> ids) override {
    const torch::InferenceMode inference;
    const auto count = static_cast<std::int64_t>(ids.size());
    QUILL_CHECK(ids.size() <= lengths_.size(), "decode() of a slot that was never filled");
    const std::vector<std::int64_t> lengths(lengths_.begin(), lengths_.begin() + count);
    const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end()) + 1;
    QUILL_CHECK(longest <= positions_max(), "decode() beyond the last position");
    cache_.reserve(count, longest);
    if (const auto logits = decode_dense(ids, lengths); !logits.empty())
      return logits;
    const auto device = network_.device();
    step_.positions = torch::tensor(lengths, torch::kInt64).to(device);
    step_.rows = torch::arange(count, torch::TensorOptions(torch::kInt64).device(device));
    step_.longest = longest;
    const bool same = std::count(lengths.begin(), lengths.end(), lengths[0]) == count;
    const std::int64_t window = network_.shape().window;
    const bool all_see_all = same && (window == 0 || window >= longest);
    step_.mask = all_see_all ? torch::Tensor() : visible(step_.positions, longest, window);
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    const auto hidden =
        network_.hidden(torch::tensor(wide, torch::kInt64).to(device), step_.positions,
                        [&](std::int64_t layer, const torch::Tensor& q, const torch::Tensor& k,
                            const torch::Tensor& v) { return decode_attention(layer, q, k, v); });
    lengthen(ids.size());
    return publish(network_.logits(hidden));
  }

 private:
  static void on_torch_threads(std::int64_t count, std::int64_t grain,
                               const std::function<void(std::int64_t, std::int64_t)>& body) {
    at::parallel_for(0, count, grain, body);
  }

  /// Empty when the network is not plain float32 on the CPU, or there are too many sequences.
  std::span<const float> decode_dense(std::span<const TokenId> ids,
                                      const std::vector<std::int64_t>& positions) {
    if (static_cast<std::int64_t>(ids.size()) > kSkinnyRowsMax)
      return {};
    auto view = dense_view(network_);
    if (!view)
      return {};
    for (std::size_t i = 0; i < view->blocks.size(); ++i) {
      const auto layer = static_cast<std::int64_t>(i);
      view->blocks[i].keys = cache_.keys(layer).mutable_data_ptr<float>();
      view->blocks[i].values = cache_.values(layer).mutable_data_ptr<float>();
    }
    view->cache_length = cache_.length();
    lengthen(ids.size());
    return dense_.run(*view, ids, positions);
  }

  /// A token was stored in each of the first `count` slots.
  void lengthen(std::size_t count) {
    for (std::size_t slot = 0; slot < count; ++slot)
      ++lengths_[slot];
  }

  /// What every layer of one decode step shares.
  struct Step {
    torch::Tensor rows, positions; ///< (B): slot and place of each new token
    torch::Tensor mask;            ///< (B, 1, 1, T); undefined when all are of one length
    std::int64_t longest = 0;      ///< T
  };

  void set_length(std::int64_t slot, std::int64_t length) {
    const auto at = static_cast<std::size_t>(slot);
    lengths_.resize(std::max(lengths_.size(), at + 1));
    lengths_[at] = length;
  }

  static torch::Tensor visible(const torch::Tensor& positions, std::int64_t longest,
                               std::int64_t window) {
    const auto times = torch::arange(longest, positions.options()).unsqueeze(0); // (1, T)
    const auto last = positions.unsqueeze(1);                                    // (B, 1)
    auto seen = times <= last;
    if (window > 0)
      seen = seen.logical_and(times > last - window);
    return seen.unsqueeze(1).unsqueeze(1); // (B, 1, 1, T)
  }

  torch::Tensor prefill_attention(std::int64_t slot, std::int64_t layer, const torch::Tensor& q,
                                  const torch::Tensor& k, const torch::Tensor& v) {
    const std::int64_t n = q.size(0);
    cache_.keys(layer).select(0, slot).narrow(1, 0, n).copy_(k.transpose(0, 1)); // (K, n, C)
    cache_.values(layer).select(0, slot).narrow(1, 0, n).copy_(v.transpose(0, 1));
    return causal_attention(q, k, v, network_.shape().window);
  }

  /// The heads of a group are that many queries of one head of keys: nothing is repeated.
  torch::Tensor decode_attention(std::int64_t layer, const torch::Tensor& q, const torch::Tensor& k,
                                 const torch::Tensor& v) {
    const std::int64_t B = q.size(0), K = k.size(1), C = q.size(2);
    auto& keys = cache_.keys(layer);
    auto& values = cache_.values(layer);
    store(keys, k);
    store(values, v);
    const auto past = [&](const torch::Tensor& all) {
      return all.narrow(0, 0, B).narrow(2, 0, step_.longest); // (B, K, T, C)
    };
    const auto grouped = q.view({B, K, q.size(1) / K, C}); // (B, K, G, C)
    const auto out = at::scaled_dot_product_attention(
        grouped, past(keys), past(values),
        step_.mask.defined() ? std::optional(step_.mask) : std::nullopt);
    return out.reshape({B, -1});
  }

  void store(torch::Tensor& all, const torch::Tensor& fresh) const {
    if (fresh.size(0) == 1)
      all.select(0, 0).select(1, step_.longest - 1).copy_(fresh[0]);
    else
      all.index_put_({step_.rows, torch::indexing::Slice(), step_.positions}, fresh);
  }

  std::span<const float> publish(const torch::Tensor& logits) {
    logits_ = logits.to(torch::kCPU, torch::kFloat32).contiguous();
    return {logits_.const_data_ptr<float>(), static_cast<std::size_t>(logits_.numel())};
  }

  const Network& network_;
  Cache cache_;
  DenseStep dense_;
  Step step_;
  std::vector<std::int64_t> lengths_; ///< tokens in each slot
  torch::Tensor logits_;              ///< what the last span points into
};

} // namespace

std::unique_ptr<Decoder> make_decoder(const Network& network) {
  if (network.device().is_cuda())
    return make_recorded_decoder(network);
  return std::make_unique<NetworkDecoder>(network);
}

namespace {

/// A decoder that owns its network.
class OwningDecoder final : public Decoder {
 public:
  explicit OwningDecoder(Network network)
      : network_(std::move(network)), decoder_(make_decoder(network_)) {}
  [[nodiscard]] std::int64_t vocabulary() const override { return decoder_->vocabulary(); }
  [[nodiscard]] std::int64_t positions_max() const override { return decoder_->positions_max(); }
  std::span<const float> prefill(std::int64_t slot, std::span<const TokenId> ids) override {
    return decoder_->prefill(slot, ids);
  }
  void copy_slot(std::int64_t from, std::int64_t to) override { decoder_->copy_slot(from, to); }
  std::span<const float> decode(std::span<const TokenId> ids) override {
    return decoder_->decode(ids);
  }

 private:
  Network network_;
  std::unique_ptr<Decoder> decoder_;
};

} // namespace

std::unique_ptr<Decoder> open_decoder(const std::filesystem::path& folder,
                                      const std::filesystem::path& adapter,
                                      const Arithmetic& arithmetic) {
  if (arithmetic.threads > 0)
    at::set_num_threads(static_cast<int>(arithmetic.threads));
  Network::Options options;
  options.device = device_named(arithmetic.device);
  options.four_bits = arithmetic.dtype == "nf4";
  if (arithmetic.dtype == "bfloat16" || arithmetic.dtype == "float32")
    options.dtype = arithmetic.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
  Network network = Network::load(folder, options);
  if (!adapter.empty())
    load_adapter(network, adapter);
  return std::make_unique<OwningDecoder>(std::move(network));
}

} // namespace quill::model
