// One more token of several sequences through a float32 network on the CPU, without tensors: what a
// step costs besides reading the weights is as little as can be. Its reference is Network::hidden()
// with a cache. Axes as in network.hpp; B sequences.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quill/model/config.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::model {

/// Views of a network's parameters, row-major. Nothing is owned.
struct DenseLinear {
  const float* weight = nullptr; ///< (out, in)
  const float* bias = nullptr;   ///< (out), or null
  std::int64_t out = 0, in = 0;
  const float *a = nullptr, *b = nullptr; ///< adapter (r, in), (out, r), or null
  std::int64_t rank = 0;
  float scale = 1;
};
struct DenseBlock {
  const float *attention_norm, *mlp_norm; ///< (D)
  DenseLinear q, k, v, o, gate, up, down;
  float *keys, *values; ///< the cache: (S, K, T, C)
};
struct DenseNetwork {
  const float *embedding, *norm; ///< (V, D), (D)
  DenseLinear output;
  std::vector<DenseBlock> blocks;
  std::int64_t cache_length = 0; ///< T
};

/// Calls body(begin, end) on parts of [0, count) of at least `grain`, on several threads.
using Parallel =
    std::function<void(std::int64_t count, std::int64_t grain,
                       const std::function<void(std::int64_t begin, std::int64_t end)>& body)>;

/// Keeps its buffers between steps.
class DenseStep {
 public:
  DenseStep(const Shape& shape, Parallel parallel);

  /// Sequence i stands in slot i and gets ids[i] at positions[i] < T; keys and values are stored
  /// there. Logits (B, V), until the next call. At most kSkinnyRowsMax sequences.
  std::span<const float> run(const DenseNetwork& network, std::span<const TokenId> ids,
                             std::span<const std::int64_t> positions);

 private:
  struct Output {
    const DenseLinear* map;
    std::vector<float>* to;
  };
  void products(const std::vector<float>& x, std::initializer_list<Output> outputs);
  void adapt(const std::vector<float>& x, const Output& output);
  void normalise(const std::vector<float>& x, const float* weight, std::vector<float>& to) const;
  void prepare_angles(std::span<const std::int64_t> positions);
  void rotate(std::vector<float>& heads, std::int64_t count) const;
  void store(const DenseBlock& block, std::span<const std::int64_t> positions,
             std::int64_t cache_length) const;
  void attend(const DenseBlock& block, std::span<const std::int64_t> positions,
              std::int64_t cache_length);
  void attend_group(const DenseBlock& block, std::int64_t row, std::int64_t group,
                    std::int64_t length, std::int64_t cache_length, std::vector<float>& scores);
  void gate();
  void add(const std::vector<float>& more);

  Shape shape_;
  Parallel parallel_;
  std::int64_t rows_ = 0;                              ///< B
  std::vector<float> frequencies_, cosines_, sines_;   ///< (C/2), (B, C/2)
  std::vector<float> x_, normal_;                      ///< (B, D)
  std::vector<float> q_, k_, v_, mixed_;               ///< (B, H * C), (B, K * C)
  std::vector<float> gate_, up_, more_, low_, logits_; ///< (B, F), (B, D), (B, r), (B, V)
};

} // namespace quill::model
