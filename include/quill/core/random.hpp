// Named randomness: the same seed and name give the same numbers on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace quill {

/// xoshiro256** (Blackman & Vigna 2018) seeded by splitmix64. Not thread-safe: give each thread a
/// child.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  /// An independent stream named `name`; does not advance this one, so the order of calls is free.
  [[nodiscard]] Rng child(std::string_view name) const;
  [[nodiscard]] Rng child(std::string_view name, std::uint64_t index) const;

  std::uint64_t next();
  /// Uniform in [0, bound), bound > 0, without modulo bias (Lemire 2019).
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Standard normal by the polar method, with arithmetic that is the same on every machine.
  double normal();
  bool chance(double probability) { return uniform() < probability; }
  /// Index with probability proportional to its weight; weights must be >= 0 with a positive sum.
  std::size_t weighted(const std::vector<double>& weights);

  template <class T> void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(i)]);
  }
  template <class T> const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

} // namespace quill
