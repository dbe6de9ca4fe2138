// A training run as one HTML file of curves, which needs nothing beside it and loads nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quill/report/run_page.hpp"

namespace quill::report {

/// A line of a chart: a value a step, or none.
struct Curve {
  std::string name;
  std::vector<std::optional<double>> values;
};

/// Curves over the same steps, which rise.
struct Chart {
  std::string title, unit;
  std::vector<std::int64_t> steps;
  std::vector<Curve> curves; ///< each as long as `steps`
};

/// At most `points` of them: neighbouring steps become one, with the mean of each curve there.
[[nodiscard]] Chart thinned(const Chart& chart, std::size_t points);

struct TrainingPage {
  std::string title, subtitle;
  std::vector<std::pair<std::string, std::string>> facts; ///< name, value
  std::vector<Chart> charts;
};

/// The file's bytes. Without a library the page says in place of the plots how to get it.
/// \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string html(const TrainingPage& page, const std::optional<PlotLibrary>& library);

} // namespace quill::report
