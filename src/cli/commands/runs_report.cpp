// quill runs report — a run as one HTML file.
#include <memory>

#include "cli/command.hpp"
#include "cli/report_page.hpp"
#include "cli/training_report.hpp"
#include "quill/core/files.hpp"

namespace quill::cli {

namespace {

struct ReportConfig {
  std::filesystem::path run = "data/stage1", db, html;

  void fields(FieldList& list) {
    list.add_positional("run", &run, "run folder; default data/stage1");
    list.add("db", &db, "database for the plans; default: the run's own, found by its hash");
    list.add("html", &html, "file to write; default report.html in the run folder");
  }
  [[nodiscard]] std::filesystem::path file() const {
    return html.empty() ? run / "report.html" : html;
  }
};

void write_page(const ReportConfig& config, const Cancel& cancel) {
  if (!train::is_training_run(config.run)) {
    write_run_page(loop::read_recorded_run(config.run), config.run, config.db, config.file(),
                   cancel);
    return;
  }
  const auto page = training_page(train::read_figures(config.run), config.run);
  real_disk().write_atomic(config.file(), report::html(page, report::find_plot_library()));
}

} // namespace

Command runs_report_command() {
  auto config = std::make_shared<ReportConfig>();
  return {
      .name = "runs report",
      .group = "making training data",
      .summary = "a run as one HTML file with plots, best and slowest pairs, and their plans",
      .details = "The file needs nothing beside it and loads nothing. Of a training run it shows "
                 "the curves: loss, learning rate, norm of the gradient, speed, evaluations.",
      .examples = {"quill runs report data/stage1 --html report.html",
                   "quill runs report runs/first"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            write_page(*config, context.cancel);
            context.out.result(
                {{"format_version", kFormatVersion}, {"html", config->file().string()}},
                config->file().string() + "\n");
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
