// quill knowledge build — read the gold examples, index them, and run each on its engine.
#include <map>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/optimize/check_rewrite.hpp"

namespace quill::cli {

namespace {

struct BuildConfig {
  std::filesystem::path folder;
  std::string server;
  bool run = false;

  void fields(FieldList& list) {
    list.add("folder", &folder, "folder with gold/ and constraints.json; default: the shipped one");
    list.add("server", &server, "PostgreSQL's connection string, for examples of that engine");
    list.add("run", &run, "run every example on its engine: the same rows? does it pay?");
  }
};

/// What became of one known rewrite.
struct Outcome {
  const optimize::KnownRewrite* rewrite;
  optimize::Checked checked;
  bool ran = false;

  [[nodiscard]] bool holds() const {
    const double speedup = checked.speedup();
    return checked.problem.empty() && checked.same && checked.rows > 0 &&
           (rewrite->regression ? speedup < 1 : speedup > 1);
  }
  [[nodiscard]] std::string state() const {
    if (!checked.problem.empty())
      return checked.problem;
    if (!ran)
      return "not run";
    if (!checked.same)
      return "other rows";
    if (checked.rows == 0)
      return "no rows: proves nothing";
    return holds() ? "holds" : rewrite->regression ? "does not hurt here" : "does not pay here";
  }
};

class Runner {
 public:
  Runner(const BuildConfig& config, std::filesystem::path folder, const Cancel& cancel)
      : config_(config), folder_(std::move(folder)), cancel_(cancel) {}

  Outcome outcome(const optimize::KnownRewrite& rewrite) {
    Outcome out{&rewrite, {}, false};
    out.checked.problem = why_not(rewrite.engine);
    if (!config_.run || !out.checked.problem.empty())
      return out;
    auto& session = sessions_[{rewrite.engine, rewrite.schema}];
    if (!session)
      session = optimize::open_schema_of(rewrite, folder_, config_.server, &cancel_);
    out.checked = optimize::check_rewrite(rewrite, *session);
    out.ran = true;
    return out;
  }

 private:
  [[nodiscard]] std::string why_not(engine::Engine engine) const {
    if (!config_.run)
      return "";
    if (engine == engine::Engine::postgres && config_.server.empty())
      return "not run: no --server";
    const auto state = engine::engine_state(engine);
    return state.built ? "" : "not run: " + state.reason;
  }

  const BuildConfig& config_;
  std::filesystem::path folder_;
  const Cancel& cancel_;
  std::map<std::pair<engine::Engine, std::string>, std::unique_ptr<engine::Session>> sessions_;
};

Json to_json(const Outcome& outcome) {
  const auto number = [&](double value) { return outcome.ran ? Json(value) : Json(nullptr); };
  return {{"id", outcome.rewrite->id},
          {"engine", engine::to_string(outcome.rewrite->engine)},
          {"family", outcome.rewrite->family},
          {"kind", outcome.rewrite->regression ? "regression" : "gold"},
          {"said", outcome.rewrite->speedup},
          {"measured",
           outcome.ran && outcome.checked.same ? number(outcome.checked.speedup()) : Json(nullptr)},
          {"before_ms", number(outcome.checked.before_ms)},
          {"after_ms", number(outcome.checked.after_ms)},
          {"rows", outcome.ran ? Json(outcome.checked.rows) : Json(nullptr)},
          {"state", outcome.state()}};
}

std::vector<std::string> row_of(const Outcome& outcome) {
  return {outcome.rewrite->id, outcome.rewrite->family,
          fmt::format("{:.2f}x", outcome.rewrite->speedup),
          outcome.ran && outcome.checked.same ? fmt::format("{:.2f}x", outcome.checked.speedup())
                                              : "",
          outcome.state()};
}

Exit run_build(Context& context, const BuildConfig& config) {
  const auto folder = config.folder.empty() ? shipped_folder() : config.folder;
  const auto knowledge = optimize::Knowledge::load(folder);
  Runner runner(config, folder, context.cancel);
  Table table{.columns = {{"id"}, {"family"}, {"said", true}, {"measured", true}, {"state"}},
              .rows = {}};
  Json list = Json::array();
  bool all_hold = true;
  for (const auto& rewrite : knowledge.rewrites()) {
    const Outcome outcome = runner.outcome(rewrite);
    if (context.cancel.requested())
      return context.cancel.exit();
    all_hold = all_hold && (!outcome.ran || outcome.holds());
    list.push_back(to_json(outcome));
    table.rows.push_back(row_of(outcome));
  }
  const auto last = fmt::format("{} known rewrites and {} constraint rules\n",
                                knowledge.rewrites().size(), knowledge.constraints().size());
  context.out.result(Json{{"format_version", kFormatVersion},
                          {"folder", folder.string()},
                          {"constraints", knowledge.constraints().size()},
                          {"rewrites", std::move(list)}},
                     format_table(table, context.out.styled()) + last);
  return all_hold ? Exit::ok : Exit::negative;
}

} // namespace

Command knowledge_build_command() {
  auto config = std::make_shared<BuildConfig>();
  return {
      .name = "knowledge build",
      .group = "making queries faster",
      .summary = "read the gold examples, index them, and run each on its engine",
      .details = "JSON: {\"folder\", \"constraints\": n, \"rewrites\": [{\"id\", \"engine\", "
                 "\"family\", \"kind\", \"said\", \"measured\", \"before_ms\", \"after_ms\", "
                 "\"rows\", \"state\"}]}. The index itself is made in memory wherever it is "
                 "needed, in milliseconds. Exit code 1 when an example that was run does not hold.",
      .examples = {"quill knowledge build --run --server 'host=/run/postgresql dbname=postgres'"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_build(context, *config); },
  };
}

} // namespace quill::cli
