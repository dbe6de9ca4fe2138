// Attention of one new token a sequence, over a cache: one or more blocks for each sequence and
// each head of keys. The threads of a block form teams of width / 8, each of which takes every
// so-many-th key and keeps a running softmax (Milakov and Gimelshein 2018, arXiv:1805.02867); what
// the teams found is merged in warps, then in blocks, and where few sequences would leave the
// device idle, over several blocks by a second kernel.
#include <algorithm>
#include <type_traits>

#include "model/kernels/device.cuh"

namespace quill::model::kernels {

namespace {

constexpr int kGroupMax = 8;                   ///< heads of queries to a head of keys
constexpr int kWarpsMax = 8;                   ///< of a block: a thread may take 255 registers
constexpr std::size_t kSharedMax = 48U * 1024; ///< bytes that every device has

/// What a team has seen of one head's softmax: eight elements of Σ weight · value.
struct Seen {
  float largest, sum;
  float values[kEight];
};

__device__ inline float shrink(float from, float to) {
  return from == to ? 1 : expf(from - to);
}

__device__ inline void join(Seen& seen, float largest, float sum, const float* values) {
  const float both = fmaxf(seen.largest, largest);
  const float mine = shrink(seen.largest, both), other = shrink(largest, both);
  seen.largest = both;
  seen.sum = seen.sum * mine + sum * other;
  for (int k = 0; k < kEight; ++k)
    seen.values[k] = seen.values[k] * mine + values[k] * other;
}

/// Over the teams of a warp, to each of them.
__device__ inline void join_warp(Seen& seen, int team) {
  for (int mask = team; mask < kWarp; mask *= 2) {
    const float largest = __shfl_xor_sync(kAllLanes, seen.largest, mask);
    const float sum = __shfl_xor_sync(kAllLanes, seen.sum, mask);
    float values[kEight];
    for (int k = 0; k < kEight; ++k)
      values[k] = __shfl_xor_sync(kAllLanes, seen.values[k], mask);
    join(seen, largest, sum, values);
  }
}

/// The softmax over `count` records of `group` heads: each has the largest score, the sum, and
/// `width` values.
__device__ inline Seen merged(const float* records, int count, int group, int width, int head,
                              int element) {
  const int record = width + 2;
  Seen all{-INFINITY, 0, {}};
  for (int i = 0; i < count; ++i)
    all.largest = fmaxf(all.largest, records[(i * group + head) * record]);
  for (int i = 0; i < count; ++i) {
    const float* each = records + (i * group + head) * record;
    const float part = shrink(each[0], all.largest);
    all.sum += part * each[1];
    all.values[0] += part * each[2 + element];
  }
  return all;
}

/// What `count` records say, as the answer of `group` heads.
template <class T>
__device__ void answer(const float* records, int count, T* out, int group, int width) {
  for (int i = static_cast<int>(threadIdx.x); i < group * width;
       i += static_cast<int>(blockDim.x)) {
    const Seen all = merged(records, count, group, width, i / width, i % width);
    out[i] = narrow<T>(all.values[0] / all.sum);
  }
}

/// The same as one record.
__device__ inline void combine(const float* records, int count, float* out, int group, int width) {
  for (int i = static_cast<int>(threadIdx.x); i < group * width;
       i += static_cast<int>(blockDim.x)) {
    const Seen all = merged(records, count, group, width, i / width, i % width);
    float* record = out + i / width * (width + 2);
    record[0] = all.largest; // the same from each thread of the head
    record[1] = all.sum;
    record[2 + i % width] = all.values[0];
  }
}

template <class T> __global__ void join_parts(DecodeAttentionWork work, int group) {
  const int width = static_cast<int>(work.width), parts = static_cast<int>(work.parts);
  answer(work.scratch + static_cast<std::int64_t>(blockIdx.x) * parts * group * (width + 2), parts,
         static_cast<T*>(work.out) + static_cast<std::int64_t>(blockIdx.x) * group * width, group,
         width);
}

template <class T, int kGroup>
__global__ void __launch_bounds__(kWarpsMax* kWarp)
    decode_attention_block(DecodeAttentionWork work, float scale) {
  QUILL_SHARED(float, shared);
  const int width = static_cast<int>(work.width), team = width / kEight;
  const int lane = static_cast<int>(threadIdx.x) % team;
  const int teams_here = static_cast<int>(blockDim.x) / team;
  const int teams = teams_here * static_cast<int>(work.parts);
  const int number =
      static_cast<int>(blockIdx.z) * teams_here + static_cast<int>(threadIdx.x) / team;
  const std::int64_t place = static_cast<std::int64_t>(blockIdx.y) * work.kv_heads + blockIdx.x;
  const std::int64_t position = work.positions[blockIdx.y];
  T* keys = static_cast<T*>(work.keys) + place * work.length * width + lane * kEight;
  T* values = static_cast<T*>(work.values) + place * work.length * width + lane * kEight;
  const T* fresh_key = static_cast<const T*>(work.fresh_keys) + place * width + lane * kEight;
  const T* fresh_value = static_cast<const T*>(work.fresh_values) + place * width + lane * kEight;
  if (number == 0) {
    store(keys + position * width, load(fresh_key));
    store(values + position * width, load(fresh_value));
  }

  float queries[kGroup][kEight];
  Seen seen[kGroup];
  for (int head = 0; head < kGroup; ++head) {
    const Eight<T> query =
        load(static_cast<const T*>(work.queries) + (place * kGroup + head) * width + lane * kEight);
    seen[head].largest = -INFINITY;
    seen[head].sum = 0;
    for (int k = 0; k < kEight; ++k) {
      queries[head][k] = wide(query.values[k]) * scale;
      seen[head].values[k] = 0;
    }
  }
  const std::int64_t end = position + 1;
  const std::int64_t begin = work.window > 0 && end > work.window ? end - work.window : 0;
  // All threads go round as often, since those of a warp shuffle together.
  for (std::int64_t first = begin; first < end; first += teams) {
    const std::int64_t time = first + number;
    const bool there = time < position;
    // The newest is not read back: another block may have stored it just now, or not yet.
    const Eight<T> key = load(there ? keys + time * width : fresh_key);
    const Eight<T> value = load(there ? values + time * width : fresh_value);
    float past[kEight];
    for (int k = 0; k < kEight; ++k)
      past[k] = wide(value.values[k]);
    for (int head = 0; head < kGroup; ++head) {
      float score = 0;
      for (int k = 0; k < kEight; ++k)
        score += queries[head][k] * wide(key.values[k]);
      for (int mask = team / 2; mask > 0; mask /= 2)
        score += __shfl_xor_sync(kAllLanes, score, mask);
      if (time < end)
        join(seen[head], score, 1, past);
    }
  }

  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  for (int head = 0; head < kGroup; ++head) {
    join_warp(seen[head], team);
    float* record = shared + (warp * kGroup + head) * (width + 2);
    if (static_cast<int>(threadIdx.x) % kWarp >= team)
      continue;
    record[0] = seen[head].largest; // the same from each thread
    record[1] = seen[head].sum;
    for (int k = 0; k < kEight; ++k)
      record[2 + lane * kEight + k] = seen[head].values[k];
  }
  __syncthreads();
  const int warps = static_cast<int>(blockDim.x) / kWarp;
  if (work.parts == 1)
    answer(shared, warps, static_cast<T*>(work.out) + place * kGroup * width, kGroup, width);
  else
    combine(shared, warps, work.scratch + (place * work.parts + blockIdx.z) * kGroup * (width + 2),
            kGroup, width);
}

std::size_t shared_bytes(std::int64_t warps, std::int64_t group, std::int64_t width) {
  return static_cast<std::size_t>(warps * group * (width + 2)) * sizeof(float);
}

template <class T, int kGroup> void launch_group(const DecodeAttentionWork& work, Stream stream) {
  std::int64_t warps = kWarpsMax;
  while (shared_bytes(warps, kGroup, work.width) > kSharedMax)
    warps /= 2;
  const auto kv_heads = static_cast<unsigned>(work.kv_heads),
             sequences = static_cast<unsigned>(work.sequences);
  const auto threads = static_cast<unsigned>(warps * kWarp);
  launch(decode_attention_block<T, kGroup>,
         dim3(kv_heads, sequences, static_cast<unsigned>(work.parts)), threads,
         shared_bytes(warps, kGroup, work.width), stream, work,
         1 / sqrtf(static_cast<float>(work.width)));
  if (work.parts > 1)
    launch(join_parts<T>, dim3(kv_heads * sequences), threads, 0, stream, work, kGroup);
}

template <class T> void launch_element(const DecodeAttentionWork& work, Stream stream) {
  switch (work.heads / work.kv_heads) {
  case 1:
    return launch_group<T, 1>(work, stream);
  case 2:
    return launch_group<T, 2>(work, stream);
  case 3:
    return launch_group<T, 3>(work, stream);
  case 4:
    return launch_group<T, 4>(work, stream);
  case 5:
    return launch_group<T, 5>(work, stream);
  case 6:
    return launch_group<T, 6>(work, stream);
  case 7:
    return launch_group<T, 7>(work, stream);
  default:
    return launch_group<T, kGroupMax>(work, stream);
  }
}

} // namespace

std::int64_t decode_parts(std::int64_t sequences, std::int64_t kv_heads) {
  constexpr std::int64_t kBlocks = 128,
                         kPartsMax = 16; // about one for each processor of a large device
  return std::min(kPartsMax, std::max<std::int64_t>(1, kBlocks / (sequences * kv_heads)));
}

void decode_attention(const DecodeAttentionWork& work, Stream stream) {
  by_element(work.element, [&](auto* type) {
    launch_element<std::remove_pointer_t<decltype(type)>>(work, stream);
  });
}

} // namespace quill::model::kernels
