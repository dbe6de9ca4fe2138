// quill knowledge search — known rewrites of queries that are built like this one.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/optimize/knowledge.hpp"

namespace quill::cli {

namespace {

struct SearchConfig {
  std::filesystem::path query;
  std::optional<std::string> sql;
  std::string engine = "sqlite";
  std::int64_t count = 3;

  void fields(FieldList& list) {
    list.add_positional("QUERY", &query, "file with the query, - for standard input");
    list.add("sql", &sql, "the query itself, in place of a file");
    list.add("engine", &engine, "engine whose examples are wanted")
        .one_of({"sqlite", "duckdb", "postgres"});
    list.add("count", &count, "how many gold examples, and how many regressions").range(1, 100);
  }
};

std::string query_of(const SearchConfig& config) {
  if (config.sql.has_value() == !config.query.empty())
    throw Error{Exit::usage,
                {.what = config.sql ? "a file and --sql were both given" : "no query",
                 .where = "command line",
                 .fix = "give one: quill knowledge search slow.sql"}};
  return config.sql ? *config.sql : read_input(config.query);
}

Json to_json(const std::vector<optimize::Match>& matches) {
  Json list = Json::array();
  for (const auto& match : matches) {
    list.push_back(optimize::to_json(*match.rewrite));
    list.back()["distance"] = match.distance;
  }
  return list;
}

void add_rows(Table& table, const std::vector<optimize::Match>& matches) {
  for (const auto& [rewrite, distance] : matches)
    table.rows.push_back({rewrite->regression ? "hurts" : "pays", fmt::format("{:.2f}", distance),
                          fmt::format("{:.2f}x", rewrite->speedup), rewrite->id,
                          rewrite->principle});
}

Exit run_search(Context& context, const SearchConfig& config) {
  const auto knowledge = optimize::Knowledge::load_shipped();
  const auto worker = engine::open_sqlite_script("", &context.cancel); // its parser
  const auto count = static_cast<std::size_t>(config.count);
  const auto found = knowledge.retrieve(query_of(config), engine::parse_engine(config.engine),
                                        worker->grammar(), {.gold = count, .regressions = count});
  if (!found)
    throw Error{Exit::usage,
                {fmt::format("the query is not understood: {}", found.failure().what),
                 config.query.empty() ? "--sql" : config.query.string(),
                 fmt::format("give one SELECT in the dialect of {}", config.engine)}};
  Table table{.columns = {{"kind"}, {"distance", true}, {"measured", true}, {"id"}, {"principle"}},
              .rows = {}};
  add_rows(table, found.value().gold);
  add_rows(table, found.value().regressions);
  context.out.result(Json{{"format_version", kFormatVersion},
                          {"engine", config.engine},
                          {"gold", to_json(found.value().gold)},
                          {"regressions", to_json(found.value().regressions)}},
                     format_table(table, context.out.styled(), 100));
  return found.value().gold.empty() ? Exit::negative : Exit::ok;
}

} // namespace

Command knowledge_search_command() {
  auto config = std::make_shared<SearchConfig>();
  return {
      .name = "knowledge search",
      .group = "making queries faster",
      .summary = "show known rewrites of queries that are built like this one",
      .details = "JSON: {\"engine\", \"gold\": [{\"id\", \"family\", \"engine\", \"speedup\", "
                 "\"principle\", \"before\", \"after\", \"distance\"}], \"regressions\": [...]}. "
                 "The nearest stand first. Exit code 1 when there is no gold example for the "
                 "engine.",
      .examples = {"quill knowledge search slow.sql --engine duckdb"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_search(context, *config); },
  };
}

} // namespace quill::cli
