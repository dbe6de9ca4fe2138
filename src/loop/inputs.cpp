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
constexpr std::array<std::string_view, 22> kNotOfTheResult{"restem.db",
                                                           "restem.blueprint",
                                                           "restem.examples",
                                                           "restem.out",
                                                           "restem.resume",
                                                           "restem.dry_run",
                                                           "restem.require_kept",
                                                           "restem.require_success",
                                                           "llm.base_url",
                                                           "llm.model",
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

fs::path build_from_blueprint(const RestemConfig& config, const fs::path& folder,
                              const Cancel& cancel) {
  const fs::path file = folder / "database.db";
  if (fs::exists(file)) // built by the run that is resumed; its hash is compared
    return file;
  const auto blueprint = engine::Blueprint::load(config.blueprint);
  engine::build_database(blueprint, static_cast<std::uint64_t>(config.seed), file, false, cancel);
  return file;
}

} // namespace

fs::path make_database(const RestemConfig& config, const fs::path& folder, const Cancel& cancel) {
  if (!config.blueprint.empty())
    return build_from_blueprint(config, folder, cancel);
  if (!config.db.empty())
    return config.db;
  if (fs::exists(kDefaultDatabase))
    return kDefaultDatabase;
  throw Error{Exit::usage,
              {.what = "no database is given, and the default one is not there",
               .where = kDefaultDatabase,
               .fix = "make it with `quill seed`, or give --db FILE or --blueprint NAME"}};
}

fs::path examples_file(const RestemConfig& config) {
  return config.examples.empty() ? shipped_folder() / "seed_data.json" : config.examples;
}

Json run_settings(const RestemConfig& config, const fs::path& database, const Json& proposer) {
  RestemConfig copy = config;
  FieldList fields("restem");
  copy.fields(fields);
  Json settings = Json::object();
  for (const Field& field : fields.all())
    if (shapes_the_result(field.key))
      settings[field.key] = field_text(field);
  settings["restem.ahead"] = std::to_string(config.ahead_in_force());
  settings.update(proposer);
  settings["database.sha256"] = sha256_file(database);
  settings["examples.sha256"] = sha256_file(examples_file(config));
  return settings;
}

} // namespace quill::loop
