// quill analyze — a run read back: success over time, rewards, diversity, distributions.
#include <memory>

#include "cli/command.hpp"
#include "cli/report_page.hpp"
#include "cli/run_text.hpp"
#include "quill/loop/analyze.hpp"

namespace quill::cli {

namespace {

struct AnalyzeOptions {
  loop::AnalyzeConfig run;
  std::filesystem::path beside, html, db;
};

/// The analysis; the page needs more of the run and is written on the way.
loop::Analysis analyzed(Context& context, const AnalyzeOptions& options) {
  if (options.html.empty())
    return loop::analyze(options.run);
  loop::RecordedRun run = loop::read_recorded_run(options.run.run);
  write_run_page(run, options.run.run, options.db, options.html, context.cancel);
  return std::move(run.analysis);
}

Exit analyze(Context& context, const AnalyzeOptions& options) {
  const loop::Analysis analysis = analyzed(context, options);
  Json document = to_json(analysis);
  std::string text = analysis_text(analysis, context.out.styled());
  if (!options.beside.empty()) {
    const loop::Analysis other = loop::analyze({.run = options.beside});
    document["beside"] = to_json(other);
    text += beside_text(analysis, other, context.out.styled());
  }
  context.out.result(document, text);
  return Exit::ok;
}

} // namespace

Command analyze_command() {
  auto options = std::make_shared<AnalyzeOptions>();
  return {
      .name = "analyze",
      .group = "making training data",
      .summary = "success over time, rewards, diversity, distribution by type and speedup",
      .details = "Reads a run folder, also while the run goes on.",
      .examples = {"quill analyze data/stage1", "quill analyze data/stage1 --json",
                   "quill analyze data/stage1 --html report.html"},
      .formats = Formats::any,
      .fields =
          [options](FieldList& list) {
            options->run.fields(list);
            list.add("beside", &options->beside, "another run to compare with, span by span");
            list.add("html", &options->html, "write the run as one HTML file with plots too");
            list.add("db", &options->db,
                     "with --html: database for the plans; default: the run's own");
          },
      .run = [options](Context& context) { return analyze(context, *options); },
  };
}

} // namespace quill::cli
