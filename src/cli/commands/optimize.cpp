// quill optimize — a slow query in, a proven faster one out.
#include <memory>

#include <fmt/format.h>

#include "cli/asked_model.hpp"
#include "cli/command.hpp"
#include "cli/local_model.hpp"
#include "cli/optimize_text.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/engine/apply.hpp"
#include "quill/optimize/optimizer.hpp"
#include "quill/optimize/workload.hpp"
#include "quill/sql/text.hpp"

namespace quill::cli {

namespace {

struct OptimizeCommandConfig {
  std::filesystem::path query, workload, html;
  std::string engine = "sqlite";
  std::string db;
  bool apply = false;
  std::int64_t max_indexes = 5;
  std::int64_t max_index_mb = 0;
  double rows_written = 0;
  optimize::OptimizeConfig optimize;
  llm::ModelConfig llm;

  void fields(FieldList& list) {
    list.add_positional("QUERY", &query, "file with the slow query, - for standard input");
    list.add("db", &db, "database file, or PostgreSQL's connection string").needed();
    list.add("engine", &engine, "database engine").one_of({"sqlite", "duckdb", "postgres"});
    list.add("html", &html, "file to write the answer to, as a page");
    list.add("apply", &apply,
             "make the indexes in the database (SQLite); without it the database is never written");
    list.add("workload", &workload,
             "script of queries in place of QUERY: ranked, with one set of indexes for all");
    list.add("max_indexes", &max_indexes, "with --workload: indexes at most").range(1, 100);
    list.add("max_index_mb", &max_index_mb, "with --workload: size of all indexes, 0 = any")
        .in("MB")
        .at_least(0);
    list.add("rows_written", &rows_written,
             "with --workload: rows inserted into each table for one run of it")
        .at_least(0);
    optimize.fields(list);
    llm.fields(list);
  }

  [[nodiscard]] rewrite::WorkloadLimits workload_limits() const {
    return {.indexes = static_cast<std::size_t>(max_indexes),
            .bytes = max_index_mb << 20,
            .rows_written = rows_written,
            .timeout_ms = optimize.judge.limit_ms()};
  }
};

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

optimize::QueryText query_of(const OptimizeCommandConfig& config) {
  auto statements = sql::split_statements(read_input(config.query));
  if (!statements)
    refuse(statements.failure().what, config.query.string(), "correct the file");
  if (statements.value().size() != 1)
    refuse(fmt::format("{} statements where one is wanted", statements.value().size()),
           config.query.string(), "give one statement; several go with --workload");
  return {config.query.string(), std::move(statements).value().front()};
}

void say(const optimize::Step& step) {
  log_info(fmt::format("{}: {}", step.ask.name,
                       step.judged      ? to_string(step.judged->status)
                       : step.candidate ? "not judged"
                                        : step.failure));
}

void check(const OptimizeCommandConfig& config) {
  config.optimize.check();
  if (config.query.empty() == config.workload.empty())
    refuse(config.query.empty() ? "no query" : "QUERY and --workload were both given",
           "command line", "give one of them, for example quill optimize slow.sql --db DB");
  if (config.engine == "sqlite")
    return;
  if (config.apply)
    refuse("indexes are made in SQLite files only", "--apply --engine " + config.engine,
           "run the CREATE INDEX statements yourself, when the server has time for it");
  if (config.optimize.judge.measure == "steps")
    refuse("VM steps are SQLite's", "--measure steps --engine " + config.engine,
           "leave --measure out: the clock is what is left");
}

void make_indexes(const OptimizeCommandConfig& config, const std::vector<std::string>& indexes) {
  if (!config.apply || indexes.empty())
    return;
  engine::create_indexes(config.db, indexes);
  log_info(fmt::format("{} index{} made in {}", indexes.size(), indexes.size() == 1 ? "" : "es",
                       config.db));
}

Exit run_query(Context& context, const OptimizeCommandConfig& config, engine::Session& session) {
  const auto query = query_of(config);
  const AskedModel model(config.llm, context);
  std::optional<optimize::Knowledge> knowledge;
  if (model.access().there())
    knowledge = optimize::Knowledge::load_shipped();
  optimize::Optimizer optimizer(
      {.session = session,
       .cancel = context.cancel,
       .clock = system_clock(),
       .model = model.access(),
       .knowledge = knowledge ? &*knowledge : nullptr,
       .prompt_file = [&](std::string_view name) { return config.llm.prompt_file(name); },
       .on_step = say},
      config.optimize);
  const optimize::Answer answer = optimizer.optimize(query);
  if (!config.html.empty())
    real_disk().write_atomic(config.html, optimize_html(answer));
  context.out.result(to_json(answer), optimize_text(answer));
  make_indexes(config, answer.indexes);
  return answer.exit;
}

Exit run_workload(Context& context, const OptimizeCommandConfig& config, engine::Session& session) {
  const auto queries =
      optimize::parse_workload(read_input(config.workload), config.workload.string());
  const auto report = optimize::optimize_workload(queries, session, config.workload_limits());
  if (context.cancel.requested())
    return context.cancel.exit();
  context.out.result(to_json(report), workload_text(report, context.out.styled()));
  std::vector<std::string> indexes;
  for (const auto& index : report.advice.indexes)
    indexes.push_back(index.create);
  make_indexes(config, indexes);
  return indexes.empty() ? Exit::negative : Exit::ok;
}

Exit run_optimize(Context& context, OptimizeCommandConfig& config) {
  check(config);
  const auto engine = engine::parse_engine(config.engine);
  if (engine == engine::Engine::postgres)
    config.optimize.judge.server = config.db;
  const auto session = engine::open_session(engine, config.db, &context.cancel);
  return config.workload.empty() ? run_query(context, config, *session)
                                 : run_workload(context, config, *session);
}

} // namespace

Command optimize_command() {
  auto config = std::make_shared<OptimizeCommandConfig>();
  return {
      .name = "optimize",
      .group = "making queries faster",
      .summary = "make a slow query faster, with a proof that its rows stay the same",
      .details =
          "JSON: {\"status\": \"WIN|IMPROVED|NEUTRAL|REGRESSION|ERROR\", \"before\", \"after\", "
          "\"indexes\", \"speedup\" (of after, without the indexes), \"speedup_with_indexes\" or "
          "null, \"before_ms\", \"after_ms\", \"verdict\", \"rules\", \"explanation\", "
          "\"candidates\", ...}. \"after\" is the original when nothing better was proven.\n"
          "Exit code 0 for WIN and IMPROVED, else 1; 4 when a budget was reached: what was found "
          "by then is printed.\n"
          "With --workload: {\"queries\": [{\"number\", \"query\", \"weight\", \"ms\", "
          "\"share\", ...}], the most expensive first, \"indexes\": [{\"create\", \"bytes\", "
          "\"build_ms\", \"write_us\", \"saved_steps\", \"queries\"}], \"steps_before\", "
          "\"steps_after\"}.",
      .examples = {"quill optimize slow.sql --db shop.db",
                   "quill optimize slow.sql --engine postgres --db 'host=/run/postgresql "
                   "dbname=shop' --mode expert --provider openai"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_optimize(context, *config); },
      .needs_model = [config] { return needs_network(config->llm); },
  };
}

} // namespace quill::cli
