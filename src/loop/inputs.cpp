#include "loop/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDefaultDatabase = "data/test.db";

/// Where things lie, how fast they may go, what they may cost and what the exit code asks for do
/// not shape the result.
constexpr std::array<std::string_view, 23> kNotOfTheResult{"restem.db",
                                                           "restem.blueprint",
                                                           "restem.examples",
                                                           "restem.out",
                                                           "restem.resume",
                                                           "restem.dry_run",
                                                           "restem.require_kept",
                                                           "restem.require_success",
                                                           "llm.base_url",
                                                           "llm.model",
                                                           "llm.adapter",
                                                           "llm.stream",
                                                           "llm.providers",
                                                           "llm.prompts",
                                                           "llm.tape",
                                                           "llm.json_answers",
                                                           "llm.concurrency",
                                                           "llm.request_timeout_s",
                                                           "llm.requests_per_minute",
                                                           "llm.tokens_per_minute",
                                                           "llm.budget_usd",
                                                           "llm.budget_tokens",
                                                           "llm.budget_calls"};

bool shapes_the_result(const std::string& key) {
  return std::find(kNotOfTheResult.begin(), kNotOfTheResult.end(), key) == kNotOfTheResult.end();
}

/// Shipped blueprints that may be trained on.
std::vector<std::string> open_blueprints() {
  std::vector<std::string> names;
  for (const std::string& name : engine::Blueprint::shipped())
    if (!engine::Blueprint::load(name).held_out())
      names.push_back(name);
  return names;
}

/// "shop,forum", or "all".
std::vector<std::string> blueprint_names(const std::string& list) {
  if (list == "all")
    return open_blueprints();
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    names.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

void build(const engine::Blueprint& blueprint, const RestemConfig& config, const fs::path& file,
           const Cancel& cancel) {
  if (fs::exists(file)) // built by the run that is resumed; its hash is compared
    return;
  make_folder(file.parent_path());
  engine::build_database(blueprint, static_cast<std::uint64_t>(config.seed), file, false, cancel);
}

std::vector<DatabaseFile> build_from_blueprints(const RestemConfig& config, const fs::path& folder,
                                                const Cancel& cancel) {
  const auto names = blueprint_names(config.blueprint);
  if (names.size() == 1) {
    const fs::path file = folder / "database.db";
    build(engine::Blueprint::load(names.front()), config, file, cancel);
    return {{.name = "", .path = file}};
  }
  std::vector<DatabaseFile> files;
  for (const std::string& name : names) {
    const auto blueprint = engine::Blueprint::load(name);
    files.push_back(
        {.name = blueprint.name(), .path = folder / "databases" / (blueprint.name() + ".db")});
    build(blueprint, config, files.back().path, cancel);
  }
  return files;
}

} // namespace

std::vector<DatabaseFile> make_databases(const RestemConfig& config, const fs::path& folder,
                                         const Cancel& cancel) {
  if (!config.blueprint.empty())
    return build_from_blueprints(config, folder, cancel);
  if (!config.db.empty())
    return {{.name = "", .path = config.db}};
  if (fs::exists(kDefaultDatabase))
    return {{.name = "", .path = kDefaultDatabase}};
  throw Error{Exit::usage,
              {.what = "no database is given, and the default one is not there",
               .where = kDefaultDatabase,
               .fix = "make it with `quill seed`, or give --db FILE or --blueprint NAME"}};
}

std::optional<fs::path> examples_file(const RestemConfig& config) {
  if (!config.examples.empty())
    return config.examples;
  if (config.stage == 2 && config.llm.provider == "rules")
    return std::nullopt;
  return shipped_folder() / "seed_data.json";
}

std::vector<Example> seeds_of(const RestemConfig& config) {
  const auto file = examples_file(config);
  return file ? read_seed_examples(*file) : std::vector<Example>{};
}

Json run_settings(const RestemConfig& config, const std::vector<DatabaseFile>& databases,
                  const Json& proposer) {
  RestemConfig copy = config;
  FieldList fields("restem");
  copy.fields(fields);
  Json settings = Json::object();
  for (const Field& field : fields.all())
    if (shapes_the_result(field.key))
      settings[field.key] = field_text(field);
  settings["restem.ahead"] = std::to_string(config.ahead_in_force());
  settings.update(proposer);
  for (const DatabaseFile& database : databases)
    settings[database.name.empty() ? "database.sha256"
                                   : fmt::format("database.{}.sha256", database.name)] =
        sha256_file(database.path);
  const auto examples = examples_file(config);
  settings["examples.sha256"] = examples ? sha256_file(*examples) : "";
  return settings;
}

} // namespace quill::loop
