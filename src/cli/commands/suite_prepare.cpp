// quill suite prepare — TPC-DS on DuckDB, and DSB's queries on the same tables in PostgreSQL.
#include <memory>

#include <fmt/format.h>

#include "cli/suite_text.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/engine/prepare.hpp"

namespace quill::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "database.duckdb";

struct SuitePrepareConfig {
  std::string suite, dsn;
  double sf = 1;
  fs::path out, queries, extension;

  void fields(FieldList& list) {
    list.add_positional("SUITE", &suite, "tpcds (on DuckDB) or dsb (on PostgreSQL)")
        .one_of({"tpcds", "dsb"})
        .needed();
    list.add("sf", &sf, "scale factor: 1 is about 1 GB of text").range(0.01, 1000);
    list.add("out", &out, "folder of the suite; default: duckdb_tpcds, postgres_dsb");
    list.add("queries", &queries, "dsb: folder with its queries, one .sql file each");
    list.add("dsn", &dsn, "dsb: connection string of an empty PostgreSQL database");
    list.add("extension", &extension,
             "file of DuckDB's tpcds extension; default: the one scripts/setup.sh fetched");
  }
};

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

void check(const SuitePrepareConfig& config) {
  const bool dsb = config.suite == "dsb";
  if (dsb && (config.queries.empty() || config.dsn.empty()))
    refuse("DSB's queries and a PostgreSQL database are needed", "command line",
           "give both: quill suite prepare dsb --queries DIR --dsn 'host=/run/postgresql "
           "dbname=dsb'");
  if (!dsb && (!config.queries.empty() || !config.dsn.empty()))
    refuse("--queries and --dsn are for dsb", "suite prepare tpcds",
           "leave them out: the queries of TPC-DS come with DuckDB's extension");
}

fs::path folder_of(const SuitePrepareConfig& config) {
  const fs::path folder =
      config.out.empty() ? (config.suite == "dsb" ? "postgres_dsb" : "duckdb_tpcds") : config.out;
  if (fs::exists(folder / "suite.json"))
    refuse(fmt::format("there is a suite in \"{}\" already", folder.string()), folder.string(),
           "give another folder with --out, or remove that one");
  return folder;
}

optimize::SuiteHeader header_of(const SuitePrepareConfig& config, engine::Engine engine,
                                std::string database) {
  return {.name = config.suite,
          .engine = engine,
          .database = std::move(database),
          .scale = config.sf,
          .version = QUILL_VERSION};
}

Exit prepare_tpcds(Context& context, const SuitePrepareConfig& config) {
  const auto folder = folder_of(config);
  const ScratchFolder scratch("quill-tpcds");
  make_folder(folder);
  fs::remove(folder / kDatabase); // of a start that did not end
  log_info(fmt::format("making TPC-DS at scale factor {:g}", config.sf));
  engine::make_tpcds(config.sf,
                     {.extension = engine::tpcds_extension(config.extension),
                      .database = folder / kDatabase,
                      .folder = scratch.path()},
                     context.cancel);
  return make_suite(context, folder, header_of(config, engine::Engine::duckdb, kDatabase),
                    optimize::read_queries(scratch.path(), engine::Engine::duckdb));
}

std::vector<engine::TableFile> tables_in(const fs::path& folder) {
  std::vector<engine::TableFile> out;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".csv")
      out.push_back({entry.path().stem().string(), entry.path()});
  return out;
}

Exit prepare_dsb(Context& context, const SuitePrepareConfig& config) {
  const auto folder = folder_of(config);
  const auto queries = optimize::read_queries(config.queries, engine::Engine::postgres);
  const ScratchFolder scratch("quill-dsb");
  log_info(fmt::format("making the tables of TPC-DS at scale factor {:g}", config.sf));
  engine::make_tpcds(config.sf,
                     {.extension = engine::tpcds_extension(config.extension),
                      .database = scratch.path() / kDatabase,
                      .folder = scratch.path(),
                      .tables = true},
                     context.cancel);
  log_info("filling PostgreSQL");
  engine::fill_postgres(config.dsn, read_file(scratch.path() / "schema.sql"),
                        tables_in(scratch.path()), "ANALYZE", context.cancel);
  return make_suite(context, folder, header_of(config, engine::Engine::postgres, config.dsn),
                    queries);
}

Exit run_suite_prepare(Context& context, const SuitePrepareConfig& config) {
  check(config);
  return config.suite == "dsb" ? prepare_dsb(context, config) : prepare_tpcds(context, config);
}

} // namespace

Command suite_prepare_command() {
  auto config = std::make_shared<SuitePrepareConfig>();
  return {
      .name = "suite prepare",
      .group = "whole benchmarks",
      .summary = "make a known benchmark: TPC-DS on DuckDB, DSB on PostgreSQL",
      .details = "tpcds: tables with primary keys, and 99 queries, by DuckDB's own extension. dsb: "
                 "the same tables put into an empty PostgreSQL database by COPY, in one "
                 "transaction, and the queries of a folder.\n"
                 "JSON as of suite init.",
      .examples = {"quill suite prepare tpcds --sf 0.1 --out duckdb_tpcds",
                   "quill suite prepare dsb --sf 0.1 --queries dsb/queries --dsn "
                   "'host=/run/postgresql dbname=dsb'"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_suite_prepare(context, *config); },
  };
}

} // namespace quill::cli
