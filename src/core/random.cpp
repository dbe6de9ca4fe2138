// xoshiro256** 1.0 by Blackman and Vigna (https://prng.di.unimi.it/xoshiro256starstar.c), seeded
// with splitmix64 as its authors advise.
#include "quill/core/random.hpp"

#include <bit>
#include <cmath>

#include "quill/core/error.hpp"
#include "quill/core/portable_math.hpp"

namespace quill {

namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

/// FNV-1a: the same for every machine and word size.
std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

/// One splitmix64 step as a mixing function.
std::uint64_t mixed(std::uint64_t value) {
  return splitmix64(value);
}

} // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed), state_{} {
  std::uint64_t filler = seed;
  for (auto& word : state_)
    word = splitmix64(filler);
}

Rng Rng::child(std::string_view name) const {
  return Rng(mixed(seed_ ^ mixed(hash_name(name))));
}

Rng Rng::child(std::string_view name, std::uint64_t index) const {
  return Rng(mixed(child(name).seed_ + mixed(index)));
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  QUILL_CHECK(bound > 0, "below(0) has no answer");
  // Lemire, "Fast random integer generation in an interval" (2019): the high word of a 128-bit
  // product, drawn again when the low word falls in the uneven rest.
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t rest = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < rest)
      product = static_cast<Wide>(next()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64U);
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  QUILL_CHECK(low <= high, "between(low, high) with low above high");
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t offset = span == 0 ? next() : below(span); // 0: all 2^64 values
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

double Rng::uniform() {
  return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

double Rng::normal() {
  // Marsaglia's polar method; the second of each pair is dropped, so that a draw has no memory.
  for (;;) {
    const double x = 2 * uniform() - 1;
    const double y = 2 * uniform() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1)
      return x * std::sqrt(-2 * portable_log(square) / square);
  }
}

std::size_t Rng::weighted(const std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) {
    QUILL_CHECK(weight >= 0 && std::isfinite(weight), "weights must be finite and not negative");
    sum += weight;
  }
  QUILL_CHECK(sum > 0 && std::isfinite(sum), "weights must have a positive finite sum");
  double rest = uniform() * sum;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0)
      continue;
    if (rest < weights[i])
      return i;
    rest -= weights[i];
    last = i;
  }
  return last; // rounding may leave a rest after the last positive weight
}

} // namespace quill
