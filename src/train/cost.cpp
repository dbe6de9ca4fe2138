#include "quill/train/cost.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/model/weights.hpp"

namespace quill::train {

namespace {

constexpr std::int64_t kFloatBytes = 4;

bool is_full(const TraineeConfig& config) {
  return config.method == "full";
}

/// Bytes of a number of the frozen weights and of the activations.
std::int64_t type_bytes(const model::Shape& shape, const TraineeConfig& config) {
  constexpr std::int64_t kHalfBytes = 2;
  const bool wide = is_full(config) || config.dtype == "float32" ||
                    (config.dtype == "auto" && shape.dtype != "bfloat16");
  return wide ? kFloatBytes : kHalfBytes;
}

/// "q_proj" of "model.layers.0.self_attn.q_proj.weight".
std::string map_of(const std::string& tensor) {
  const std::string map = tensor.substr(0, tensor.rfind('.'));
  return map.substr(map.rfind('.') + 1);
}

bool is_target(const TraineeConfig& config, const model::NamedShape& tensor) {
  const std::string map = map_of(tensor.name);
  if (tensor.shape.size() != 2 || !map.ends_with("_proj"))
    return false;
  return config.targets == std::vector<std::string>{"all-linear"} ||
         std::find(config.targets.begin(), config.targets.end(), map) != config.targets.end();
}

double product(std::int64_t a, std::int64_t b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

} // namespace

std::int64_t trained_parameters(const model::Shape& shape, const TraineeConfig& config) {
  if (is_full(config))
    return shape.parameters();
  std::int64_t sum = 0;
  for (const model::NamedShape& tensor : model::tensors_of(shape))
    if (is_target(config, tensor))
      sum += config.rank * (tensor.shape[0] + tensor.shape[1]);
  return sum;
}

double operations(const model::Shape& shape, const TraineeConfig& config, const Load& load) {
  const double passes = is_full(config) ? 3 : 2; // forward, activations, weights
  const double low_rank =
      is_full(config) ? 0 : 6 * static_cast<double>(trained_parameters(shape, config));
  const double weights = 2 * passes * static_cast<double>(shape.block_parameters());
  // Scores and their products with the values, half of them masked; twice as much backward.
  const double attention =
      3 * 2 * static_cast<double>(shape.layers) * product(shape.heads, shape.head_width);
  const double logits = 2 * passes * product(shape.vocabulary, shape.hidden);
  return load.tokens * (weights + low_rank) + load.squares * attention + load.loss_rows * logits;
}

namespace {

/// In four bits a block's matrices take 4 bits a weight, 8 for 64 of them and 32 for 16,384; one is
/// unpacked at a time.
std::int64_t weight_bytes(const model::Shape& shape, const TraineeConfig& config,
                          std::int64_t bytes) {
  if (config.method != "qlora")
    return shape.parameters() * bytes;
  constexpr double kPackedBytes = (4 + 8.0 / 64 + 32.0 / 16'384) / 8;
  const std::int64_t largest = shape.hidden * shape.inner * kFloatBytes;
  const auto packed =
      static_cast<std::int64_t>(static_cast<double>(shape.block_parameters()) * kPackedBytes);
  return packed + largest + (shape.parameters() - shape.block_parameters()) * bytes;
}

} // namespace

MemoryNeed memory_need(const model::Shape& shape, const TraineeConfig& config,
                       std::int64_t tokens) {
  const std::int64_t bytes = type_bytes(shape, config);
  const std::int64_t D = shape.hidden, F = shape.inner;
  const std::int64_t Q = shape.heads * shape.head_width, P = shape.kv_heads * shape.head_width;
  MemoryNeed need;
  need.weights = weight_bytes(shape, config, bytes);
  // Gradient and two moments, in float32; low-rank parts themselves too.
  const std::int64_t copies = is_full(config) ? 3 : 4;
  need.trained = trained_parameters(shape, config) * copies * kFloatBytes;

  // Kept of a block: the residual stream and its norm twice, queries, keys, values and what
  // attention makes of them, and the four inner results of the gated network.
  const std::int64_t mixer = 3 * D + 2 * Q + 2 * P, mlp = D + 4 * F;
  const std::int64_t whole = mixer + mlp;
  const std::int64_t kept = config.recompute == "block" ? D
                            : config.recompute == "mlp" ? mixer + D
                                                        : whole;
  need.activations = tokens * bytes * shape.layers * kept;
  // One block's results and gradients at a time and the last hidden states; 16 MB of logits as
  // values, exponentials and gradients; full training has the output matrix's gradient twice.
  // Measured on the CPU: what was freed comes back late, so that a block takes 3.6 times its sizes;
  // LibTorch's code takes 120 MB.
  constexpr std::int64_t kTransientPercent = 360;
  constexpr std::int64_t kLogits = 3 * (std::int64_t{16} << 20U);
  constexpr std::int64_t kProgram = std::int64_t{120} << 20U;
  const std::int64_t output = is_full(config) ? 2 * shape.vocabulary * D * kFloatBytes : 0;
  const std::int64_t transient = (whole + 2 * F + 4 * D) * kTransientPercent / 100;
  need.rest = tokens * bytes * transient + kLogits + kProgram + output;
  return need;
}

std::int64_t BatchDemand::tokens_max() const {
  const std::int64_t all = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  if (packed)
    return std::min(all, batch * length_max);
  std::vector<std::int64_t> sorted = lengths;
  for (std::int64_t& length : sorted)
    length = std::min(length, length_max);
  std::sort(sorted.rbegin(), sorted.rend());
  const auto count = std::min(sorted.size(), static_cast<std::size_t>(batch));
  return std::accumulate(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count),
                         std::int64_t{0});
}

namespace {

/// The settings a remedy changes.
struct Settings {
  TraineeConfig trainee;
  BatchDemand demand;
};

struct Remedy {
  std::string options; ///< as they are typed
  std::function<void(Settings&)> apply;
};

/// What costs time first, then what changes the step, then what changes the data.
std::vector<Remedy> remedies(const Settings& now) {
  const std::int64_t together = now.demand.batch * now.demand.accumulate;
  const auto recompute = [](Settings& settings) { settings.trainee.recompute = "block"; };
  const auto one_by_one = [](Settings& settings) { settings.demand.batch = 1; };
  const std::string batch_options = fmt::format("--batch 1 --accumulate {}", together);
  std::vector<Remedy> list = {
      {"--recompute mlp", [](Settings& settings) { settings.trainee.recompute = "mlp"; }},
      {"--recompute block", recompute},
      {batch_options, one_by_one},
      {batch_options + " --recompute block",
       [=](Settings& settings) {
         one_by_one(settings);
         recompute(settings);
       }},
  };
  const auto all_of_it = [=](Settings& settings) {
    one_by_one(settings);
    recompute(settings);
  };
  if (is_full(now.trainee))
    list.push_back({batch_options + " --recompute block --method lora", [=](Settings& settings) {
                      all_of_it(settings);
                      settings.trainee.method = "lora";
                    }});
  else if (now.trainee.dtype != "bfloat16")
    list.push_back({batch_options + " --recompute block --dtype bfloat16", [=](Settings& settings) {
                      all_of_it(settings);
                      settings.trainee.dtype = "bfloat16";
                    }});
  if (now.trainee.method == "lora")
    list.push_back({batch_options + " --recompute block --method qlora", [=](Settings& settings) {
                      all_of_it(settings);
                      settings.trainee.method = "qlora";
                    }});
  for (std::int64_t length = now.demand.length_max / 2; length >= 128; length /= 2)
    list.push_back({fmt::format("{} --recompute block --max-length {}", batch_options, length),
                    [=](Settings& settings) {
                      all_of_it(settings);
                      settings.demand.length_max = length;
                    }});
  return list;
}

std::int64_t need_of(const model::Shape& shape, const Settings& settings) {
  return memory_need(shape, settings.trainee, settings.demand.tokens_max()).total();
}

std::int64_t megabytes(std::int64_t bytes) {
  return (bytes >> 20U) + 1;
}

/// How the error says to mend it.
std::string advice(const model::Shape& shape, const Settings& now, std::int64_t available) {
  std::int64_t least = need_of(shape, now);
  for (const Remedy& remedy : remedies(now)) {
    Settings other = now;
    remedy.apply(other);
    const std::int64_t need = need_of(shape, other);
    least = std::min(least, need);
    if (need <= available)
      return fmt::format("give {}: about {} MB", remedy.options, megabytes(need));
  }
  return fmt::format("no option makes it fit: take a smaller model, or a machine with {} MB free",
                     megabytes(least));
}

} // namespace

void require_memory(const model::Shape& shape, const TraineeConfig& config,
                    const BatchDemand& demand, std::int64_t available) {
  const MemoryNeed need = memory_need(shape, config, demand.tokens_max());
  if (need.total() <= available)
    return;
  throw Error{
      Exit::usage,
      {.what = fmt::format("training would take about {} MB (weights {}, what is trained {}, "
                           "activations of {} tokens {}, the rest {}), and {} MB are free",
                           megabytes(need.total()), megabytes(need.weights),
                           megabytes(need.trained), demand.tokens_max(),
                           megabytes(need.activations), megabytes(need.rest), available >> 20U),
       .where = config.model.string(),
       .fix = advice(shape, {config, demand}, available) +
              "; --memory-mb says what a run may take, when the estimate is wrong"}};
}

} // namespace quill::train
