// Which speedup stage 2 wants next, and which example of a slow query it takes.
#pragma once

#include <cstdint>
#include <vector>

#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// Speedups in [low, high) and the share wanted of the examples of 2x and more (mission.md 3).
struct Band {
  std::string_view name;
  double low = 2, high = 10, share = 0.5;
};
[[nodiscard]] const std::vector<Band>& wanted_bands();

/// The band that is furthest below its share, given the counts by band so far.
[[nodiscard]] const Band& next_band(const Counts& by_band);

/// Of the kept candidates of one slow query the one to take: in the wanted band if there is one,
/// then by reward, then the first. `speedups` and `rewards` go together; returns their size when
/// they are empty.
[[nodiscard]] std::size_t choose_example(const std::vector<double>& speedups,
                                         const std::vector<double>& rewards, const Band& wanted);

} // namespace quill::loop
