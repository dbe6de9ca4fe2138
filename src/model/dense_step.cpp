#include "model/dense_step.hpp"

#include <algorithm>
#include <cmath>

#include "model/skinny.hpp"

namespace quill::model {

namespace {

constexpr std::int64_t kProductsOfAThread = 1 << 16; // less is not worth a second thread

std::size_t sized(std::int64_t size) {
  return static_cast<std::size_t>(size);
}

/// exp(scores - max) / sum, in place.
void soften(float* scores, std::int64_t length, float scale) {
  const float largest = *std::max_element(scores, scores + length);
  float sum = 0;
  for (std::int64_t t = 0; t < length; ++t) {
    scores[t] = std::exp((scores[t] - largest) * scale);
    sum += scores[t];
  }
  for (std::int64_t t = 0; t < length; ++t)
    scores[t] /= sum;
}

} // namespace

DenseStep::DenseStep(const Shape& shape, Parallel parallel)
    : shape_(shape), parallel_(std::move(parallel)) {
  const auto width = static_cast<float>(shape.head_width);
  for (std::int64_t i = 0; i < shape.head_width; i += 2) {
    const auto exponent = static_cast<float>(i) / width;
    frequencies_.push_back(1 / std::pow(static_cast<float>(shape.rope_base), exponent));
  }
}

/// Several maps of the same rows, side by side, so that the threads meet once.
void DenseStep::products(const std::vector<float>& x, std::initializer_list<Output> outputs) {
  std::int64_t all = 0;
  for (const Output& each : outputs) {
    each.to->resize(sized(rows_ * each.map->out));
    all += each.map->out;
  }
  const std::int64_t in = outputs.begin()->map->in;
  parallel_(all, std::max<std::int64_t>(16, kProductsOfAThread / in),
            [&](std::int64_t begin, std::int64_t end) {
              std::int64_t first = 0;
              for (const Output& each : outputs) {
                const std::int64_t from = std::max(begin - first, std::int64_t{0});
                const std::int64_t to = std::min(end - first, each.map->out);
                if (from < to)
                  skinny_product(x.data(), rows_, each.map->weight, in, from, to, each.to->data(),
                                 each.map->out);
                first += each.map->out;
              }
            });
  for (const Output& each : outputs)
    adapt(x, each);
}

/// Bias and adapter.
void DenseStep::adapt(const std::vector<float>& x, const Output& output) {
  const DenseLinear& map = *output.map;
  for (std::int64_t row = 0; map.bias != nullptr && row < rows_; ++row)
    for (std::int64_t i = 0; i < map.out; ++i)
      (*output.to)[sized(row * map.out + i)] += map.bias[i];
  if (map.a == nullptr)
    return;
  low_.resize(sized(rows_ * map.rank));
  skinny_product(x.data(), rows_, map.a, map.in, 0, map.rank, low_.data(), map.rank);
  more_.resize(sized(rows_ * map.out));
  skinny_product(low_.data(), rows_, map.b, map.rank, 0, map.out, more_.data(), map.out);
  for (std::size_t i = 0; i < output.to->size(); ++i)
    (*output.to)[i] += map.scale * more_[i];
}

/// x / sqrt(mean(x²) + ε) · weight, row by row.
void DenseStep::normalise(const std::vector<float>& x, const float* weight,
                          std::vector<float>& to) const {
  const std::int64_t D = shape_.hidden;
  to.resize(x.size());
  for (std::int64_t row = 0; row < rows_; ++row) {
    const float* from = x.data() + row * D;
    float squares = 0;
    skinny_product(from, 1, from, D, 0, 1, &squares, 1);
    const float scale =
        1 / std::sqrt(squares / static_cast<float>(D) + static_cast<float>(shape_.norm_epsilon));
    for (std::int64_t i = 0; i < D; ++i)
      to[sized(row * D + i)] = from[i] * scale * weight[i];
  }
}

void DenseStep::prepare_angles(std::span<const std::int64_t> positions) {
  cosines_.clear();
  sines_.clear();
  for (const std::int64_t position : positions)
    for (const float frequency : frequencies_) {
      const float angle = static_cast<float>(position) * frequency;
      cosines_.push_back(std::cos(angle));
      sines_.push_back(std::sin(angle));
    }
}

/// Each half pair of every head turned by its angle (Su et al. 2021, arXiv:2104.09864).
void DenseStep::rotate(std::vector<float>& heads, std::int64_t count) const {
  const std::int64_t C = shape_.head_width, half = C / 2;
  for (std::int64_t row = 0; row < rows_; ++row)
    for (std::int64_t head = 0; head < count; ++head) {
      float* x = heads.data() + (row * count + head) * C;
      for (std::int64_t i = 0; i < half; ++i) {
        const float cosine = cosines_[sized(row * half + i)], sine = sines_[sized(row * half + i)];
        const float first = x[i], second = x[half + i];
        x[i] = first * cosine - second * sine;
        x[half + i] = second * cosine + first * sine;
      }
    }
}

void DenseStep::store(const DenseBlock& block, std::span<const std::int64_t> positions,
                      std::int64_t cache_length) const {
  const std::int64_t K = shape_.kv_heads, C = shape_.head_width;
  for (std::int64_t row = 0; row < rows_; ++row)
    for (std::int64_t head = 0; head < K; ++head) {
      const std::int64_t from = (row * K + head) * C;
      const std::int64_t to = ((row * K + head) * cache_length + positions[sized(row)]) * C;
      std::copy_n(k_.data() + from, C, block.keys + to);
      std::copy_n(v_.data() + from, C, block.values + to);
    }
}

/// The heads that share one head of keys are its rows of queries.
void DenseStep::attend_group(const DenseBlock& block, std::int64_t row, std::int64_t group,
                             std::int64_t length, std::int64_t cache_length,
                             std::vector<float>& scores) {
  const std::int64_t K = shape_.kv_heads, C = shape_.head_width, G = shape_.heads / K;
  const std::int64_t first = (row * shape_.heads + group * G) * C;
  const std::int64_t unseen =
      shape_.window > 0 ? std::max<std::int64_t>(0, length - shape_.window) : 0;
  const std::int64_t past = ((row * K + group) * cache_length + unseen) * C;
  length -= unseen;
  scores.resize(sized(G * length));
  skinny_product(q_.data() + first, G, block.keys + past, C, 0, length, scores.data(), length);
  const float scale = 1 / std::sqrt(static_cast<float>(C));
  for (std::int64_t head = 0; head < G; ++head) {
    float* own = scores.data() + head * length;
    soften(own, length, scale);
    weighted_rows(own, block.values + past, length, C, mixed_.data() + first + head * C);
  }
}

void DenseStep::attend(const DenseBlock& block, std::span<const std::int64_t> positions,
                       std::int64_t cache_length) {
  const std::int64_t K = shape_.kv_heads;
  mixed_.resize(q_.size());
  const std::int64_t longest = *std::max_element(positions.begin(), positions.end()) + 1;
  const std::int64_t work = longest * shape_.head_width * 2 * (shape_.heads / K);
  parallel_(rows_ * K, std::max<std::int64_t>(1, kProductsOfAThread / work),
            [&](std::int64_t begin, std::int64_t end) {
              std::vector<float> scores;
              for (std::int64_t i = begin; i < end; ++i)
                attend_group(block, i / K, i % K, positions[sized(i / K)] + 1, cache_length,
                             scores);
            });
}

/// gate · sigmoid(gate) · up, in place of gate.
void DenseStep::gate() {
  constexpr std::int64_t kExponentials = 1 << 12;
  parallel_(static_cast<std::int64_t>(gate_.size()), kExponentials,
            [&](std::int64_t begin, std::int64_t end) {
              for (std::int64_t i = begin; i < end; ++i)
                gate_[sized(i)] *= up_[sized(i)] / (1 + std::exp(-gate_[sized(i)]));
            });
}

void DenseStep::add(const std::vector<float>& more) {
  for (std::size_t i = 0; i < x_.size(); ++i)
    x_[i] += more[i];
}

std::span<const float> DenseStep::run(const DenseNetwork& network, std::span<const TokenId> ids,
                                      std::span<const std::int64_t> positions) {
  rows_ = static_cast<std::int64_t>(ids.size());
  x_.clear();
  for (const TokenId id : ids)
    x_.insert(x_.end(), network.embedding + id * shape_.hidden,
              network.embedding + (id + 1) * shape_.hidden);
  prepare_angles(positions);
  std::vector<float> sum;
  for (const DenseBlock& block : network.blocks) {
    normalise(x_, block.attention_norm, normal_);
    products(normal_, {{&block.q, &q_}, {&block.k, &k_}, {&block.v, &v_}});
    rotate(q_, shape_.heads);
    rotate(k_, shape_.kv_heads);
    store(block, positions, network.cache_length);
    attend(block, positions, network.cache_length);
    products(mixed_, {{&block.o, &sum}});
    add(sum);
    normalise(x_, block.mlp_norm, normal_);
    products(normal_, {{&block.gate, &gate_}, {&block.up, &up_}});
    gate();
    products(gate_, {{&block.down, &sum}});
    add(sum);
  }
  normalise(x_, network.norm, normal_);
  products(normal_, {{&network.output, &logits_}});
  return logits_;
}

} // namespace quill::model
