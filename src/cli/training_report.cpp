#include "cli/training_report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace quill::cli {

namespace {

using Names = std::vector<std::string>;

report::Curve curve_of(const train::Figures& figures, const std::string& name) {
  report::Curve curve{.name = name, .values = {}};
  for (const Json& line : figures.steps) {
    const auto found = line.find(name);
    const bool known = found != line.end() && found->is_number();
    curve.values.push_back(known ? std::optional(found->get<double>()) : std::nullopt);
  }
  return curve;
}

report::Chart chart_of(const train::Figures& figures, const std::string& title,
                       const std::string& unit, const Names& names) {
  report::Chart chart{.title = title, .unit = unit, .steps = {}, .curves = {}};
  for (const Json& line : figures.steps)
    chart.steps.push_back(line.at("step").get<std::int64_t>());
  for (const std::string& name : names)
    chart.curves.push_back(curve_of(figures, name));
  return chart;
}

/// Charts that every run has, with their unit and their numbers.
struct Known {
  const char *title, *unit;
  Names names;
};
std::vector<Known> known_charts() {
  return {{"Loss", "nats a token", {"loss", "eval_loss"}},
          {"Learning rate", "", {"learning_rate"}},
          {"Norm of the gradient", "", {"grad_norm"}},
          {"Speed", "tokens a second", {"tokens_per_second"}}};
}

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the last line says, as a table.
std::vector<std::pair<std::string, std::string>> facts_of(const train::Figures& figures) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (!figures.steps.empty())
    for (const auto& [name, value] : figures.steps.back().items())
      if (value.is_number())
        facts.emplace_back(name, value.is_number_float()
                                     ? fmt::format("{:.6g}", value.get<double>())
                                     : fmt::format("{}", value.get<std::int64_t>()));
  for (const auto& [name, value] : figures.settings.items())
    facts.emplace_back(name, value.is_string() ? value.get<std::string>() : dump_json(value));
  return facts;
}

} // namespace

report::TrainingPage training_page(const train::Figures& figures,
                                   const std::filesystem::path& folder) {
  report::TrainingPage page{.title = "Quill training run " + folder.string(),
                            .subtitle = fmt::format("{} steps", figures.steps.size()),
                            .facts = facts_of(figures),
                            .charts = {}};
  const Names names = figures.names();
  Names shown = {"tokens", "epoch"}; // they rise and say no more
  for (const Known& known : known_charts()) {
    Names there;
    for (const std::string& name : known.names)
      if (holds(names, name))
        there.push_back(name);
    shown.insert(shown.end(), there.begin(), there.end());
    if (!there.empty())
      page.charts.push_back(chart_of(figures, known.title, known.unit, there));
  }
  for (const std::string& name : names)
    if (!holds(shown, name))
      page.charts.push_back(chart_of(figures, name, "", {name}));
  return page;
}

} // namespace quill::cli
