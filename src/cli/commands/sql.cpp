// quill sql — run one statement in the sandbox.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"

namespace quill::cli {

namespace {

struct SqlConfig {
  std::string engine = "sqlite";
  std::filesystem::path db;
  std::optional<std::string> sql;
  std::filesystem::path file;
  engine::Limits limits;

  void fields(FieldList& list) {
    list.add("engine", &engine, "database engine").one_of({"sqlite", "duckdb", "postgres"});
    list.add("db", &db, "database file, or PostgreSQL's connection string").needed();
    list.add("sql", &sql, "the statement");
    list.add("file", &file, "file that holds the statement, - for standard input");
    list.add("rows", &limits.rows, "most rows of an answer").range(1, 1'000'000);
    list.add("timeout_ms", &limits.timeout_ms, "longest run").in("ms").range(1, 3'600'000);
    list.add("memory_mb", &limits.memory_mb, "most memory of the engine").in("MB").range(1, 65'536);
  }
};

std::string statement(const SqlConfig& config) {
  if (config.sql.has_value() == !config.file.empty())
    throw Error{Exit::usage,
                {.what = config.sql ? "--sql and --file were both given"
                                    : "no statement: neither --sql nor --file was given",
                 .where = "command line",
                 .fix = "give one of them, for example --sql 'SELECT 1'"}};
  return config.sql ? *config.sql : read_input(config.file);
}

Json to_json(const engine::Execution& execution) {
  Json rows = Json::array();
  for (const engine::Row& row : execution.rows) {
    rows.push_back(Json::array());
    for (const engine::Value& value : row)
      rows.back().push_back(engine::to_json(value));
  }
  const std::string_view cause = engine::to_string(execution.cause);
  return {{"format_version", kFormatVersion},
          {"status", engine::to_string(execution.status)},
          {"columns", execution.columns},
          {"rows", std::move(rows)},
          {"row_count", execution.row_count},
          {"elapsed_ms", execution.elapsed_ms},
          {"cause", cause.empty() ? Json() : Json(cause)},
          {"message", execution.message}};
}

std::string cell_text(const engine::Value& value) {
  const Json json = engine::to_json(value);
  if (json.is_null())
    return "NULL";
  return json.is_string() ? json.get<std::string>() : dump_json(json);
}

std::string to_text(const engine::Execution& execution, bool styled) {
  if (execution.status != engine::Status::ok)
    return fmt::format("{}: {}\n", engine::to_string(execution.status), execution.message);
  Table table;
  for (const std::string& name : execution.columns)
    table.columns.push_back({name});
  for (const engine::Row& row : execution.rows) {
    table.rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      table.rows.back().push_back(cell_text(row[i]));
      if (i < table.columns.size() && (row[i].index() == 1 || row[i].index() == 2))
        table.columns[i].right = true;
    }
  }
  return format_table(table, styled) + fmt::format("{} row{} in {:.1f} ms\n", execution.row_count,
                                                   execution.row_count == 1 ? "" : "s",
                                                   execution.elapsed_ms);
}

} // namespace

Command sql_command() {
  auto config = std::make_shared<SqlConfig>();
  return {
      .name = "sql",
      .group = "judging and looking",
      .summary = "run one statement in the sandbox and print its rows",
      .details = "JSON: {\"status\": \"ok|blocked|error|timeout|memory-limit|row-limit\", "
                 "\"columns\", \"rows\", \"row_count\", \"elapsed_ms\", \"cause\": "
                 "\"syntax|unknown_name|forbidden|multiple|null\", \"message\"}.\nThe database "
                 "is never written. Exit code 0 for ok, 1 for every other status.",
      .examples = {"quill sql --db data/test.db --sql 'SELECT count(*) FROM orders'",
                   "quill sql --engine postgres --db 'host=/run/postgresql dbname=shop' --sql "
                   "'SELECT count(*) FROM orders'"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const std::string sql = statement(*config);
            const auto session = engine::open_session(engine::parse_engine(config->engine),
                                                      config->db.string(), &context.cancel);
            const engine::Execution execution = session->run(sql, config->limits);
            if (context.cancel.requested())
              return context.cancel.exit();
            context.out.result(to_json(execution), to_text(execution, context.out.styled()));
            return execution.status == engine::Status::ok ? Exit::ok : Exit::negative;
          },
  };
}

} // namespace quill::cli
