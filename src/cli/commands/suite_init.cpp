// quill suite init — a suite of one's own queries on one's own database.
#include <memory>

#include "cli/suite_text.hpp"

namespace quill::cli {

namespace {

struct SuiteInitConfig {
  std::string db, name;
  std::string engine = "sqlite";
  std::filesystem::path queries, out;

  void fields(FieldList& list) {
    list.add("db", &db, "database file, or PostgreSQL's connection string").needed();
    list.add("queries", &queries, "folder with one .sql file a query").needed();
    list.add("out", &out, "folder of the suite").needed();
    list.add("engine", &engine, "database engine").one_of({"sqlite", "duckdb", "postgres"});
    list.add("name", &name, "name of the suite; default: that of its folder");
  }
};

Exit run_suite_init(Context& context, const SuiteInitConfig& config) {
  const auto engine = engine::parse_engine(config.engine);
  const bool file = engine != engine::Engine::postgres;
  optimize::SuiteHeader header{
      .name = config.name.empty() ? config.out.lexically_normal().filename().string() : config.name,
      .engine = engine,
      .database =
          file ? std::filesystem::absolute(config.db).lexically_normal().string() : config.db,
      .scale = {},
      .version = QUILL_VERSION};
  return make_suite(context, config.out, std::move(header),
                    optimize::read_queries(config.queries, engine));
}

} // namespace

Command suite_init_command() {
  auto config = std::make_shared<SuiteInitConfig>();
  return {
      .name = "suite init",
      .group = "whole benchmarks",
      .summary = "make a suite of your own queries on your own database",
      .details = "JSON: {\"suite\", \"name\", \"engine\", \"queries\", \"intents\", \"refused\": "
                 "[{\"id\", \"message\"}]}. Exit code 1 when the engine refuses a query; the suite "
                 "is made all the same.",
      .examples = {"quill suite init --db shop.db --queries slow/ --out shop_suite"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_suite_init(context, *config); },
  };
}

} // namespace quill::cli
