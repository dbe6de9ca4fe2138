#include "quill/report/training_page.hpp"

#include "catch.hpp"

using namespace quill;
using namespace quill::report;

namespace {

Chart loss_chart(std::int64_t steps) {
  Chart chart{.title = "Loss", .unit = "nats", .steps = {}, .curves = {{"loss", {}}, {"eval", {}}}};
  for (std::int64_t step = 1; step <= steps; ++step) {
    chart.steps.push_back(step);
    chart.curves[0].values.push_back(static_cast<double>(step));
    chart.curves[1].values.push_back(step % 4 == 0 ? std::optional(1.5) : std::nullopt);
  }
  return chart;
}

} // namespace

TEST_CASE("a chart of many steps becomes means of neighbours", "[report]") {
  const Chart thin = thinned(loss_chart(10), 4); // ten steps in threes
  CHECK(thin.steps == std::vector<std::int64_t>{3, 6, 9, 10});
  using Values = std::vector<std::optional<double>>;
  CHECK(thin.curves[0].values == Values{2.0, 5.0, 8.0, 10.0});
  CHECK(thin.curves[1].values == Values{std::nullopt, 1.5, 1.5, std::nullopt});
  CHECK(thinned(loss_chart(4), 4).steps.size() == 4);
}

TEST_CASE("a training run's page holds its curves and loads nothing", "[report]") {
  const TrainingPage page{.title = "run <b>",
                          .subtitle = "4 steps",
                          .facts = {{"rank", "8"}},
                          .charts = {loss_chart(4)}};
  const std::string text = html(page, PlotLibrary{.script = "/*plot*/", .style = ""});
  CHECK_THAT(text, Catch::Contains("run &lt;b&gt;"));
  CHECK_THAT(text, Catch::Contains("default-src 'none'"));
  CHECK_THAT(text, Catch::Contains("<th scope=\"row\">rank</th><td>8</td>"));
  CHECK_THAT(text, Catch::Contains(R"("steps":[1,2,3,4],"curves":[{"name":"loss","values":[1.0,)"));
  CHECK_THAT(text, Catch::Contains("\"values\":[null,null,null,1.5]"));
  CHECK_THAT(html(page, std::nullopt), Catch::Contains("uPlot is not installed"));
}
