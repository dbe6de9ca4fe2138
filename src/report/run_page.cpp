#include "quill/report/run_page.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "report/markup.hpp"
#include "report/page_parts.hpp"

namespace quill::report {

namespace {

namespace fs = std::filesystem;

template <class T> Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

/// One list a quantity, as the plots want them.
template <class Take> Json column(const std::vector<IterationPoint>& points, const Take& take) {
  Json values = Json::array();
  for (const IterationPoint& point : points)
    values.push_back(take(point));
  return values;
}

/// Running sums of what each iteration cost; null where nothing is known yet.
Json summed_costs(const std::vector<IterationPoint>& points) {
  Json values = Json::array();
  std::optional<double> sum;
  for (const IterationPoint& point : points) {
    if (point.cost_usd)
      sum = sum.value_or(0) + *point.cost_usd;
    values.push_back(or_null(sum));
  }
  return values;
}

Json counts_json(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
  Json names = Json::array(), values = Json::array();
  for (const auto& [name, count] : counts) {
    names.push_back(name);
    values.push_back(count);
  }
  return {{"names", std::move(names)}, {"counts", std::move(values)}};
}

/// Points by rising iteration: the plots need it.
Json speedups_json(std::vector<SpeedupPoint> points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.iteration < b.iteration; });
  Json iterations = Json::array(), speedups = Json::array();
  for (const SpeedupPoint& point : points) {
    iterations.push_back(point.iteration);
    speedups.push_back(point.speedup);
  }
  return {{"iteration", std::move(iterations)}, {"speedup", std::move(speedups)}};
}

Json plot_json(const RunPage& page) {
  const auto& points = page.iterations;
  return {
      {"iteration", column(points, [](const auto& p) { return Json(p.iteration); })},
      {"success", column(points, [](const auto& p) { return Json(100 * p.success_rate); })},
      {"reward", column(points, [](const auto& p) { return or_null(p.reward_mean); })},
      {"reward_kept", column(points, [](const auto& p) { return or_null(p.reward_kept_mean); })},
      {"before_diversity",
       column(points, [](const auto& p) { return or_null(p.before_diversity); })},
      {"after_diversity", column(points, [](const auto& p) { return or_null(p.after_diversity); })},
      {"examples", column(points, [](const auto& p) { return Json(p.examples); })},
      {"cost", summed_costs(points)},
      {"tokens", column(points, [](const auto& p) { return or_null(p.tokens); })},
      {"speedups", speedups_json(page.speedups)},
      {"types", counts_json(page.by_type)},
      {"bands", counts_json(page.by_band)},
      {"rules", counts_json(page.by_rule)}};
}

std::string milliseconds(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g} ms", *value) : "";
}

std::string badges(const ShownPair& pair) {
  std::vector<std::string> parts = {pair.type};
  if (pair.speedup)
    parts.push_back(fmt::format("{:.3g}x", *pair.speedup));
  if (pair.before_ms && pair.after_ms)
    parts.push_back(milliseconds(pair.before_ms) + " to " + milliseconds(pair.after_ms));
  if (pair.reward)
    parts.push_back(fmt::format("reward {:.3f}", *pair.reward));
  if (!pair.rule.empty())
    parts.push_back(pair.rule);
  return escaped(fmt::format("{}", fmt::join(parts, " · ")));
}

std::string script_of(const ShownPair& pair) {
  std::string text;
  for (const std::string& index : pair.indexes)
    text += index + ";\n";
  return text + pair.after;
}

std::string pair_html(const ShownPair& pair) {
  std::string out = fmt::format("<article><h3>{}</h3><p class=\"badges\">{}</p>\n",
                                escaped(pair.id), badges(pair));
  if (!pair.explanation.empty())
    out += fmt::format("<p>{}</p>\n", escaped(pair.explanation));
  out += "<div class=\"sides\">\n" + side_html("before", pair.before, pair.before_plan) +
         side_html("after", script_of(pair), pair.after_plan) + "</div>\n";
  if (!pair.plan_note.empty())
    out += fmt::format("<p class=\"note\">no plan: {}</p>\n", escaped(pair.plan_note));
  return out + "</article>\n";
}

std::string pairs_html(const std::vector<ShownPair>& pairs) {
  std::string out;
  for (const ShownPair& pair : pairs)
    out += pair_html(pair);
  return out.empty() ? "<p class=\"note\">none</p>" : out;
}

} // namespace

std::optional<PlotLibrary> find_plot_library() {
  const fs::path folder = shipped_folder() / "plots";
  const fs::path script = folder / "uPlot.iife.min.js", style = folder / "uPlot.min.css";
  std::error_code ignored;
  if (!fs::exists(script, ignored) || !fs::exists(style, ignored))
    return std::nullopt;
  return PlotLibrary{.script = read_file(script), .style = read_file(style)};
}

std::string html(const RunPage& page, const std::optional<PlotLibrary>& library) {
  return filled(shipped("run.html"), {{"title", escaped(page.title)},
                                      {"subtitle", escaped(page.subtitle)},
                                      {"style", shipped("run.css")},
                                      {"plot_style", library ? library->style : ""},
                                      {"facts", facts_html(page.facts)},
                                      {"plots", library ? "" : no_library_html()},
                                      {"slowest", pairs_html(page.slowest)},
                                      {"best", pairs_html(page.best)},
                                      {"numbers", script_json(plot_json(page))},
                                      {"plot_script", library ? library->script : ""},
                                      {"script", library ? shipped("run.js") : ""}});
}

} // namespace quill::report
