// quill seed — build a database from a blueprint.
#include <charconv>
#include <memory>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/engine/blueprint.hpp"

namespace quill::cli {

namespace {

struct SeedConfig {
  std::string blueprint = "shop";
  std::optional<std::int64_t> users, orders;
  std::vector<std::string> rows;
  std::int64_t seed = 42;
  std::filesystem::path out;
  bool force = false, list = false;

  void fields(FieldList& fields) {
    fields.add("blueprint", &blueprint, "a shipped blueprint by name, or a JSON file");
    fields.add("users", &users, "rows of table users").at_least(0);
    fields.add("orders", &orders, "rows of table orders").at_least(0);
    fields.add("rows", &rows, "rows of a table, as TABLE=N");
    fields.add("seed", &seed, "number the data is drawn from: the same gives the same bytes")
        .at_least(0);
    fields.add("out", &out, "file to write; default data/BLUEPRINT.db, for shop data/test.db");
    fields.add("force", &force, "replace a file that is there");
    fields.add("list", &list, "list the shipped blueprints and build nothing");
  }
};

void resize_table(engine::Blueprint& blueprint, const std::string& text) {
  const std::size_t equals = text.find('=');
  std::int64_t rows = -1;
  const char* end = text.data() + text.size();
  const auto read = equals == std::string::npos
                        ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                        : std::from_chars(text.data() + equals + 1, end, rows);
  if (equals == 0 || read.ec != std::errc{} || read.ptr != end || rows < 0)
    throw Error{Exit::usage,
                {.what = fmt::format("--rows \"{}\" is not TABLE=N", text),
                 .where = "command line",
                 .fix = "write for example --rows orders=50000"}};
  blueprint.resize(text.substr(0, equals), rows);
}

void resize(engine::Blueprint& blueprint, const SeedConfig& config) {
  if (config.users)
    blueprint.resize("users", *config.users);
  if (config.orders)
    blueprint.resize("orders", *config.orders);
  for (const std::string& text : config.rows)
    resize_table(blueprint, text);
}

Exit list_blueprints(Context& context) {
  Json document = Json::array();
  Table table{.columns = {{"blueprint"}, {"tables", true}, {"rows", true}, {"held out"}, {"about"}},
              .rows = {}};
  for (const std::string& name : engine::Blueprint::shipped()) {
    const engine::Blueprint blueprint = engine::Blueprint::load(name);
    const auto sizes = blueprint.sizes();
    const std::int64_t rows =
        std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0},
                        [](std::int64_t sum, const auto& size) { return sum + size.second; });
    document.push_back({{"name", name},
                        {"summary", blueprint.summary()},
                        {"held_out", blueprint.held_out()},
                        {"tables", sizes},
                        {"rows", rows}});
    table.rows.push_back({name, std::to_string(sizes.size()), std::to_string(rows),
                          blueprint.held_out() ? "yes" : "", blueprint.summary()});
  }
  context.out.result(document, format_table(table, context.out.styled()));
  return Exit::ok;
}

std::filesystem::path default_out(const engine::Blueprint& blueprint) {
  return blueprint.name() == "shop" ? std::filesystem::path("data/test.db")
                                    : std::filesystem::path("data") / (blueprint.name() + ".db");
}

std::string summary_text(const engine::SeedReport& report) {
  std::string text = fmt::format("{}\n", report.path.string());
  for (const auto& [name, rows] : report.rows)
    text += fmt::format("  {:<20} {:>10} rows\n", name, rows);
  return text + fmt::format("  {} bytes in {:.2f} s, sha256 {}\n", report.bytes,
                            report.elapsed_ms / 1000, report.sha256);
}

Exit build(Context& context, const SeedConfig& config) {
  engine::Blueprint blueprint = engine::Blueprint::load(config.blueprint);
  resize(blueprint, config);
  const auto sizes = blueprint.sizes();
  const std::int64_t rows =
      std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0},
                      [](std::int64_t sum, const auto& size) { return sum + size.second; });
  Progress progress(context.progress, "rows", rows);
  const engine::SeedReport report =
      engine::build_database(blueprint, static_cast<std::uint64_t>(config.seed),
                             config.out.empty() ? default_out(blueprint) : config.out, config.force,
                             context.cancel, &progress);
  const Json document = {{"format_version", kFormatVersion},
                         {"path", report.path.string()},
                         {"blueprint", blueprint.name()},
                         {"seed", config.seed},
                         {"rows", report.rows},
                         {"bytes", report.bytes},
                         {"elapsed_ms", report.elapsed_ms},
                         {"sha256", report.sha256}};
  context.out.result(document, summary_text(report));
  return Exit::ok;
}

} // namespace

Command seed_command() {
  auto config = std::make_shared<SeedConfig>();
  return {
      .name = "seed",
      .group = "making training data",
      .summary = "build a database from a blueprint; the same seed gives the same bytes",
      .details = "JSON: {\"path\", \"blueprint\", \"seed\", \"rows\": {table: n}, \"bytes\", "
                 "\"elapsed_ms\", \"sha256\"}. An existing file is refused unless --force is "
                 "given.",
      .examples = {"quill seed --blueprint shop --users 10000 --orders 50000 --seed 42 --out "
                   "data/test.db",
                   "quill seed --list"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            return config->list ? list_blueprints(context) : build(context, *config);
          },
  };
}

} // namespace quill::cli
