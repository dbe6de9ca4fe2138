#include "quill/report/training_page.hpp"

#include <algorithm>

#include "quill/core/json.hpp"
#include "report/markup.hpp"
#include "report/page_parts.hpp"

namespace quill::report {

namespace {

using Values = std::vector<std::optional<double>>;

/// Of those that are there; none when none is.
std::optional<double> mean(const Values& values, std::size_t begin, std::size_t end) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = begin; i < end; ++i)
    if (values[i]) {
      sum += *values[i];
      ++count;
    }
  return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

Json chart_json(const Chart& chart) {
  Json curves = Json::array();
  for (const Curve& curve : chart.curves) {
    Json values = Json::array();
    for (const auto& value : curve.values)
      values.push_back(value ? Json(*value) : Json());
    curves.push_back({{"name", curve.name}, {"values", std::move(values)}});
  }
  return {{"title", chart.title},
          {"unit", chart.unit},
          {"steps", chart.steps},
          {"curves", std::move(curves)}};
}

} // namespace

Chart thinned(const Chart& chart, std::size_t points) {
  const std::size_t width = (chart.steps.size() + points - 1) / points;
  if (width <= 1)
    return chart;
  Chart thin{.title = chart.title, .unit = chart.unit, .steps = {}, .curves = {}};
  for (const Curve& curve : chart.curves)
    thin.curves.push_back({curve.name, {}});
  for (std::size_t begin = 0; begin < chart.steps.size(); begin += width) {
    const std::size_t end = std::min(begin + width, chart.steps.size());
    thin.steps.push_back(chart.steps[end - 1]);
    for (std::size_t i = 0; i < chart.curves.size(); ++i)
      thin.curves[i].values.push_back(mean(chart.curves[i].values, begin, end));
  }
  return thin;
}

std::string html(const TrainingPage& page, const std::optional<PlotLibrary>& library) {
  constexpr std::size_t kPoints = 2000; // more than a screen is wide
  Json charts = Json::array();
  for (const Chart& chart : page.charts)
    charts.push_back(chart_json(thinned(chart, kPoints)));
  return filled(shipped("training.html"), {{"title", escaped(page.title)},
                                           {"subtitle", escaped(page.subtitle)},
                                           {"style", shipped("run.css")},
                                           {"plot_style", library ? library->style : ""},
                                           {"facts", facts_html(page.facts)},
                                           {"plots", library ? "" : no_library_html()},
                                           {"numbers", script_json(charts)},
                                           {"plot_script", library ? library->script : ""},
                                           {"script", library ? shipped("training.js") : ""}});
}

} // namespace quill::report
