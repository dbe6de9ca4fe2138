// quill optimize — a slow query in, a proven faster one out.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/optimize/optimizer.hpp"
#include "quill/sql/text.hpp"

namespace quill::cli {

namespace {

struct OptimizeCommandConfig {
  std::filesystem::path query;
  std::string engine = "sqlite";
  std::string db;
  optimize::OptimizeConfig optimize;

  void fields(FieldList& list) {
    list.add_positional("QUERY", &query, "file with the slow query, - for standard input");
    list.add("db", &db, "database file, or PostgreSQL's connection string").needed();
    list.add("engine", &engine, "database engine").one_of({"sqlite", "duckdb", "postgres"});
    optimize.fields(list);
  }
};

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

optimize::QueryText query_of(const OptimizeCommandConfig& config) {
  if (config.query.empty())
    refuse("no query", "command line", "give a file, for example quill optimize slow.sql --db DB");
  auto statements = sql::split_statements(read_input(config.query));
  if (!statements)
    refuse(statements.failure().what, config.query.string(), "correct the file");
  if (statements.value().size() != 1)
    refuse(fmt::format("{} statements where one is wanted", statements.value().size()),
           config.query.string(), "give one statement; several go with --workload");
  return {config.query.string(), std::move(statements).value().front()};
}

std::string times(const std::optional<double>& speedup) {
  return speedup ? fmt::format("{:.2f}x", *speedup) : "unknown";
}

std::string text_of(const optimize::Answer& answer) {
  std::string text = fmt::format("{}: {}", answer.name, to_string(answer.status));
  if (!answer.judged)
    return text + fmt::format("; the query stays as it is ({})\n", answer.reason);
  text += fmt::format(", {} by the statement", times(answer.speedup));
  if (answer.speedup_with_indexes)
    text += fmt::format(", {} with the indexes", times(answer.speedup_with_indexes));
  text += fmt::format("\n\n{};\n", answer.after);
  for (const std::string& index : answer.indexes)
    text += fmt::format("{};\n", index);
  return text + fmt::format("\n{}\n", answer.explanation);
}

Exit run_optimize(Context& context, OptimizeCommandConfig& config) {
  config.optimize.check();
  const auto query = query_of(config);
  const auto engine = engine::parse_engine(config.engine);
  if (engine == engine::Engine::postgres)
    config.optimize.judge.server = config.db;
  const auto session = engine::open_session(engine, config.db, &context.cancel);
  optimize::Optimizer optimizer(
      {.session = *session,
       .cancel = context.cancel,
       .clock = system_clock(),
       .model = {},
       .on_step =
           [](const optimize::Step& step) {
             log_debug(fmt::format("{}: {}", step.ask.name,
                                   step.judged ? to_string(step.judged->status) : step.failure));
           }},
      config.optimize);
  const optimize::Answer answer = optimizer.optimize(query);
  context.out.result(to_json(answer), text_of(answer));
  return answer.exit;
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
          "by then is printed.",
      .examples = {"quill optimize slow.sql --db shop.db",
                   "quill optimize slow.sql --engine postgres --db 'host=/run/postgresql "
                   "dbname=shop' --mode expert --provider openai"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_optimize(context, *config); },
  };
}

} // namespace quill::cli
