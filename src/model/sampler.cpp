#include "model/sampler.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/refuse.hpp"

namespace quill::model {

namespace {

/// A token and its probability, up to a factor that all share.
struct Candidate {
  float weight;
  TokenId id;
};

bool more_likely(const Candidate& a, const Candidate& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
}

/// In lanes, which compilers turn into vector instructions: one chain of comparisons takes ten
/// times as long. NaN is never larger.
float largest_of(std::span<const float> logits) {
  constexpr std::size_t kLanes = 32;
  float lanes[kLanes];
  std::fill(std::begin(lanes), std::end(lanes), -std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j)
      lanes[j] = logits[i + j] > lanes[j] ? logits[i + j] : lanes[j];
  for (; i < logits.size(); ++i)
    lanes[0] = logits[i] > lanes[0] ? logits[i] : lanes[0];
  return *std::max_element(std::begin(lanes), std::end(lanes));
}

/// The first of the largest. Piece by piece, so that it is looked for where the cache has it.
TokenId most_likely(std::span<const float> logits) {
  constexpr std::size_t kPiece = 2048;
  float best = -std::numeric_limits<float>::infinity();
  std::size_t piece = 0;
  for (std::size_t from = 0; from < logits.size(); from += kPiece) {
    const float largest = largest_of(logits.subspan(from, std::min(kPiece, logits.size() - from)));
    if (largest > best) {
      best = largest;
      piece = from;
    }
  }
  const auto at =
      std::find(logits.begin() + static_cast<std::ptrdiff_t>(piece), logits.end(), best);
  if (!std::isfinite(best) || at == logits.end())
    refuse("the network's output holds no finite number", "logits",
           "its weights are damaged, or too large for their type: fetch the model again");
  return static_cast<TokenId>(at - logits.begin());
}

/// The tokens that can be within top_k, top_p and min_p, most likely first when that matters.
std::vector<Candidate> candidates_of(std::span<const float> logits, const Sampling& sampling) {
  const float largest = logits[static_cast<std::size_t>(most_likely(logits))];
  std::vector<Candidate> all(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto scaled = static_cast<float>((logits[i] - largest) / sampling.temperature);
    all[i] = {std::exp(scaled), static_cast<TokenId>(i)};
    sum += all[i].weight;
  }
  const auto k = static_cast<std::size_t>(sampling.top_k);
  if (k > 0 && k < all.size()) {
    std::nth_element(all.begin(), all.begin() + sampling.top_k, all.end(), more_likely);
    all.resize(k);
  } else if (sampling.top_p < 1) {
    // Together those below this weight are less than what top_p leaves out.
    const double least = (1 - sampling.top_p) * sum / static_cast<double>(all.size());
    std::erase_if(all, [&](const Candidate& each) { return each.weight < least; });
  }
  return all;
}

/// The shortest list of most likely candidates with top_p of `sum`.
void keep_top_p(std::vector<Candidate>& candidates, double top_p, double sum) {
  std::sort(candidates.begin(), candidates.end(), more_likely);
  double before = 0;
  const auto end = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
    const bool beyond = before >= top_p * sum;
    before += each.weight;
    return beyond;
  });
  candidates.erase(std::max(end, candidates.begin() + 1), candidates.end());
}

double sum_of(const std::vector<Candidate>& candidates) {
  double sum = 0;
  for (const Candidate& each : candidates)
    sum += each.weight;
  return sum;
}

double sum_of_weights(std::span<const float> logits, double temperature, float largest) {
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<float>((logit - largest) / temperature));
  return sum;
}

} // namespace

TokenId sample(std::span<const float> logits, const Sampling& sampling, Rng& rng) {
  if (sampling.temperature <= 0)
    return most_likely(logits);
  auto candidates = candidates_of(logits, sampling);
  if (sampling.top_p < 1) {
    const bool limited = sampling.top_k > 0;
    const float largest = logits[static_cast<std::size_t>(most_likely(logits))];
    const double sum =
        limited ? sum_of(candidates) : sum_of_weights(logits, sampling.temperature, largest);
    keep_top_p(candidates, sampling.top_p, sum);
  }
  // The largest weight is exp(0) = 1, so min_p is a least weight.
  std::erase_if(candidates, [&](const Candidate& each) { return each.weight < sampling.min_p; });
  double rest = rng.uniform() * sum_of(candidates);
  for (const Candidate& each : candidates) {
    rest -= each.weight;
    if (rest < 0)
      return each.id;
  }
  return candidates.back().id; // rounding left a little over
}

namespace {

/// log Σ exp(logit / scale), relative to the largest.
double log_sum_of(std::span<const float> logits, double scale, float largest) {
  return std::log(sum_of_weights(logits, scale, largest));
}

} // namespace

float logprob(std::span<const float> logits, double temperature, TokenId id) {
  const double scale = temperature > 0 ? temperature : 1;
  const float largest = logits[static_cast<std::size_t>(most_likely(logits))];
  return static_cast<float>((logits[static_cast<std::size_t>(id)] - largest) / scale -
                            log_sum_of(logits, scale, largest));
}

std::vector<TokenLogprob> most_likely(std::span<const float> logits, double temperature,
                                      std::int64_t count) {
  const double scale = temperature > 0 ? temperature : 1;
  std::vector<TokenId> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto size = std::min<std::int64_t>(count, static_cast<std::int64_t>(ids.size()));
  std::partial_sort(ids.begin(), ids.begin() + size, ids.end(), [&](TokenId a, TokenId b) {
    const float first = logits[static_cast<std::size_t>(a)];
    const float second = logits[static_cast<std::size_t>(b)];
    return first != second ? first > second : a < b;
  });
  const float largest = logits[static_cast<std::size_t>(ids[0])];
  const double log_sum = log_sum_of(logits, scale, largest);
  std::vector<TokenLogprob> top;
  for (std::int64_t i = 0; i < size; ++i) {
    const TokenId id = ids[static_cast<std::size_t>(i)];
    const double logit = logits[static_cast<std::size_t>(id)];
    top.push_back({id, static_cast<float>((logit - largest) / scale - log_sum)});
  }
  return top;
}

} // namespace quill::model
