#include "quill/model/nf4.hpp"

#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/torch/normal_float.hpp"
#include "model/torch/ops.hpp"

namespace quill::model {

namespace {

/// Quantiles of the normal distribution, as QLoRA's appendix E lists them.
constexpr std::array<float, 16> kNormalFloat = {
    -1.0F,
    -0.6961928009986877F,
    -0.5250730514526367F,
    -0.39491748809814453F,
    -0.28444138169288635F,
    -0.18477343022823334F,
    -0.09105003625154495F,
    0.0F,
    0.07958029955625534F,
    0.16093020141124725F,
    0.24611230194568634F,
    0.33791524171829224F,
    0.44070982933044434F,
    0.5626170039176941F,
    0.7229568362236023F,
    1.0F,
};

} // namespace

torch::Tensor normal_float() {
  return torch::tensor(at::ArrayRef<float>(kNormalFloat.data(), kNormalFloat.size()));
}

namespace {

/// Every value scaled by its block's largest to [-1, 1], (blocks, block), and those largest.
struct Blocked {
  torch::Tensor scaled, largest;
};
Blocked scaled_blocks(const torch::Tensor& values, std::int64_t block) {
  const std::int64_t count = values.numel(), blocks = (count + block - 1) / block;
  const auto padded =
      at::constant_pad_nd(values, {0, blocks * block - count}).view({blocks, block});
  const auto largest = padded.abs().amax(-1);
  const auto inverse = largest.clamp_min(1e-38).reciprocal().unsqueeze(1);
  return {padded.mul(inverse).clamp(-1, 1).contiguous(), largest};
}

/// The number of each value's nearest in `map`, ascending.
torch::Tensor nearest(const torch::Tensor& values, const torch::Tensor& map) {
  const auto bounds = (map.slice(0, 0, -1) + map.slice(0, 1)).div(2);
  return at::bucketize(values, bounds, /*out_int32=*/true).to(torch::kUInt8);
}

/// The same as bitsandbytes looks it up on the CPU: in a table of 65,536 places between -1 and 1,
/// so that a value near the middle of two may get the farther one; a block of zeros gets code 0.
torch::Tensor nearest_in_table(const Blocked& blocks, const torch::Tensor& map) {
  constexpr std::int64_t kPlaces = 1 << 16;
  const auto grid = torch::arange(kPlaces, torch::kFloat64).mul(2.0 / (kPlaces - 1)).sub(1);
  const auto table = nearest(grid.to(torch::kFloat32), map);
  const auto places = blocks.scaled.add(1).mul((kPlaces - 1) * 0.5).add(0.5).to(torch::kInt64);
  const auto codes = table.index_select(0, places.view(-1).clamp(0, kPlaces - 1));
  return codes.view(blocks.scaled.sizes()).masked_fill(blocks.largest.eq(0).unsqueeze(1), 0);
}

} // namespace

torch::Tensor scaled_back(const torch::Tensor& values, const torch::Tensor& scales,
                          std::int64_t block) {
  const std::int64_t count = values.numel();
  const auto padded = at::constant_pad_nd(values, {0, scales.numel() * block - count});
  return (padded.view({-1, block}) * scales.unsqueeze(1)).view(-1).slice(0, 0, count);
}

/// Seven exponents; the part of a value behind its exponent has as many steps as bits are left.
torch::Tensor dynamic_map() {
  constexpr int kExponents = 7;
  std::vector<float> map = {0, 1};
  for (int i = 0; i < kExponents; ++i) {
    const auto ends = torch::linspace(0.1, 1, (1 << i) + 1, torch::kFloat32);
    const auto middles = (ends.slice(0, 0, -1) + ends.slice(0, 1)).div(2.0);
    const auto values = middles.mul(std::pow(10.0, i - kExponents + 1));
    for (std::int64_t k = 0; k < values.numel(); ++k) {
      map.push_back(values[k].item<float>());
      map.push_back(-values[k].item<float>());
    }
  }
  std::sort(map.begin(), map.end());
  return torch::tensor(map);
}

Nf4Matrix nf4_of(const torch::Tensor& weight, bool nested) {
  const torch::NoGradGuard no_grad;
  Nf4Matrix matrix;
  matrix.shape = weight.sizes().vec();
  const auto values = weight.detach().to(torch::kFloat32).contiguous().view(-1);
  const Blocked blocks = scaled_blocks(values, matrix.block);
  const auto codes = nearest(blocks.scaled, normal_float()).view(-1).slice(0, 0, values.numel());
  const auto even = at::constant_pad_nd(codes, {0, codes.numel() % 2}, 7).view({-1, 2});
  matrix.codes = even.select(1, 0).mul(16).add(even.select(1, 1)).contiguous();
  matrix.scales = blocks.largest;
  if (!nested)
    return matrix;
  const auto offset = blocks.largest.mean();
  matrix.nested_offset = offset.item<float>();
  matrix.nested_map = dynamic_map();
  const Blocked scales = scaled_blocks(blocks.largest - offset, matrix.nested_block);
  matrix.scales = nearest_in_table(scales, matrix.nested_map)
                      .view(-1)
                      .slice(0, 0, blocks.largest.numel())
                      .contiguous();
  matrix.nested_scales = scales.largest;
  return matrix;
}

torch::Tensor nf4_scales(const Nf4Matrix& matrix) {
  if (!matrix.nested_scales.defined())
    return matrix.scales;
  return scaled_back(matrix.nested_map.index_select(0, matrix.scales.to(torch::kInt64)),
                     matrix.nested_scales, matrix.nested_block) +
         matrix.nested_offset;
}

namespace {

/// As ops::nf4_values(), on the CPU: a byte at a time and without numbers in between that are eight
/// bytes a weight. Blocks are even, so that the two values of a byte share their scale.
torch::Tensor looked_up_on_cpu(const Nf4Matrix& matrix, const torch::Tensor& scales,
                               std::int64_t count) {
  auto values = at::empty({count + count % 2}, torch::kFloat32);
  auto* to = values.mutable_data_ptr<float>();
  const auto* codes = matrix.codes.const_data_ptr<std::uint8_t>();
  const auto* of_block = scales.const_data_ptr<float>();
  constexpr std::int64_t kBytesOfAThread = 1 << 14;
  at::parallel_for(0, (count + 1) / 2, kBytesOfAThread, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float scale = of_block[2 * i / matrix.block];
      to[2 * i] = kNormalFloat[codes[i] >> 4U] * scale;
      to[2 * i + 1] = kNormalFloat[codes[i] & 15U] * scale;
    }
  });
  return values.slice(0, 0, count);
}

} // namespace

torch::Tensor values_of(const Nf4Matrix& matrix, torch::ScalarType type) {
  const torch::NoGradGuard no_grad;
  std::int64_t count = 1;
  for (const std::int64_t size : matrix.shape)
    count *= size;
  const bool plain = matrix.codes.is_cpu() && matrix.codes.is_contiguous() && matrix.block % 2 == 0;
  const auto values =
      plain ? looked_up_on_cpu(matrix, nf4_scales(matrix).contiguous(), count).to(type)
            : ops::nf4_values(matrix, count, type);
  return values.view(matrix.shape);
}

} // namespace quill::model
