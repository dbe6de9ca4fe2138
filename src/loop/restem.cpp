#include "quill/loop/restem.hpp"

#include <fmt/format.h>

#include "loop/author.hpp"
#include "loop/databases.hpp"
#include "loop/inputs.hpp"
#include "loop/loop.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/engine/session.hpp"
#include "quill/loop/model.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

namespace {

/// Who proposes, with all it stands on.
struct Asked {
  std::optional<Model> model; ///< absent when nobody is to be asked
  bool model_proposes = false;
  std::unique_ptr<llm::Tape> tape;    ///< the run's own, for the judge
  std::unique_ptr<llm::Client> judge; ///< asks nothing twice
  std::optional<task::PromptTemplate> prompt;
  std::optional<llm::PromptFile> judge_prompt;  ///< when a model judges readability
  std::optional<llm::PromptFile> junior_prompt; ///< when a model writes the slow queries
  std::unique_ptr<Proposer> proposer;
  std::unique_ptr<Author> author; ///< stage 2

  /// What a resume must find again.
  [[nodiscard]] Json settings() const {
    Json settings = model ? settings_of(*model) : Json{{"llm.model", ""}};
    settings["prompt.sha256"] = prompt ? prompt->sha256() : "";
    if (judge_prompt)
      settings["judge_prompt.sha256"] = judge_prompt->sha256();
    if (junior_prompt)
      settings["junior_prompt.sha256"] = junior_prompt->sha256();
    return settings;
  }
};

/// Who is to be asked, if anybody.
std::optional<llm::ModelConfig> model_config(const RestemConfig& config) {
  llm::ModelConfig model = config.llm;
  if (model.provider == "rules")
    model.provider = config.judge_provider;
  return model.provider.empty() ? std::nullopt : std::optional(model);
}

/// Key, address, tape and prompts are checked before anything is written.
Asked prepare_provider(const RestemConfig& config, RestemContext& context) {
  Asked asked;
  if (const auto model = model_config(config))
    asked.model = prepare_model(*model, context.keys);
  asked.model_proposes = config.llm.provider != "rules";
  if (asked.model_proposes)
    asked.prompt = task::PromptTemplate::load(config.llm.proposing_prompt());
  if (asked.model_proposes && config.stage == 2)
    asked.junior_prompt = load_junior_prompt(config.llm.prompt_file("junior.md"));
  if (config.judge.readability == "llm")
    asked.judge_prompt = judge::load_readability_prompt(config.llm.prompt_file("judge.md"));
  return asked;
}

void connect_model(Asked& asked, const RestemConfig& config, RestemContext& context,
                   store::Run& run) {
  if (!asked.model)
    return;
  if (asked.model->is_local())
    asked.model->local = context.open_local(*model_config(config));
  connect(*asked.model, *model_config(config), &run, context.http, context.clock,
          static_cast<std::uint64_t>(config.seed));
  asked.tape = store::tape_of(run);
  asked.judge =
      llm::with_tape(asked.model->client.get(), *asked.tape, asked.model->access.endpoint.api);
}

void make_built_in(Asked& asked, const RestemConfig& config, const SessionOf& sessions,
                   const Cancel& cancel) {
  asked.proposer = make_rules_proposer(sessions, cancel);
  if (config.stage == 2)
    asked.author = make_pessimiser_author(sessions, config.judge.measure == "steps", cancel);
}

void make_proposer(Asked& asked, const RestemConfig& config, RestemContext& context,
                   Databases& databases) {
  const SessionOf sessions = [&](std::string_view name) -> engine::Session& {
    return databases.session(name);
  };
  if (!asked.model_proposes)
    return make_built_in(asked, config, sessions, context.cancel);
  const std::string engine = databases.session("").version();
  asked.proposer = make_model_proposer({.provider = asked.model->name,
                                        .server = asked.model->provider,
                                        .model = asked.model->access.model,
                                        .json = asked.model->access.endpoint.json,
                                        .temperature = config.temperature,
                                        .few_shot = config.few_shot,
                                        .engine = engine,
                                        .prompt = *asked.prompt},
                                       *asked.model->client, context.cancel);
  if (config.stage == 2)
    asked.author = make_model_author({.provider = asked.model->name,
                                      .server = asked.model->provider,
                                      .model = asked.model->access.model,
                                      .temperature = config.temperature,
                                      .few_shot = config.few_shot,
                                      .engine = engine,
                                      .prompt = *asked.junior_prompt},
                                     sessions, *asked.model->client, context.cancel);
}

/// Empty without a model that judges.
judge::OpinionFunction opinion_of(const Asked& asked, const Cancel& cancel) {
  if (!asked.judge_prompt)
    return {};
  const judge::ReadabilityModel model{.client = *asked.judge,
                                      .model = asked.model->access.model,
                                      .json = asked.model->access.endpoint.json,
                                      .prompt = *asked.judge_prompt};
  return [model, &cancel](std::string_view before, std::string_view after) {
    return judge::model_readability(model, before, after, cancel);
  };
}

std::string resume_command(const RestemContext& context, const RestemConfig& config) {
  const std::string command = context.command_line.empty()
                                  ? fmt::format("quill restem --out {}", config.out.string())
                                  : context.command_line;
  return command.find("--resume") == std::string::npos ? command + " --resume" : command;
}

/// The exit rule: stopped, then --require-kept, then --require-success.
void judge_run(RestemSummary& summary, const RestemConfig& config, const Loop& loop, bool finished,
               const RestemContext& context) {
  const Totals& totals = summary.totals;
  if (const auto budget = loop.budget_reached(); !finished && budget) {
    summary.exit = Exit::budget;
    summary.reason = budget->what;
    summary.resume_command = resume_command(context, config);
  } else if (!finished) {
    summary.exit = context.cancel.exit();
    summary.reason = fmt::format("stopped after iteration {} of {}; everything so far is saved",
                                 totals.iterations, config.iterations);
    summary.resume_command = resume_command(context, config);
  } else if (config.require_kept && totals.kept < *config.require_kept) {
    summary.exit = Exit::negative;
    summary.reason = fmt::format("kept {} of the {} that --require-kept asks for", totals.kept,
                                 *config.require_kept);
  } else if (config.require_success && totals.success_rate.value_or(0) < *config.require_success) {
    summary.exit = Exit::negative;
    summary.reason =
        fmt::format("success rate {:.1f} %, --require-success asks for {:.1f} %",
                    100 * totals.success_rate.value_or(0), 100 * *config.require_success);
  }
}

std::vector<Site> sites_of(Databases& databases) {
  std::vector<Site> sites;
  for (const DatabaseFile& file : databases.files()) {
    engine::Session& session = databases.session(file.name);
    sites.push_back(
        {.name = file.name, .schema = session.schema().ddl(), .engine = session.version()});
  }
  return sites;
}

LoopSetup setup_of(const RestemConfig& config, std::vector<Site> sites, std::vector<Example> seeds,
                   Json settings) {
  return {.stage = config.stage,
          .iterations = config.iterations,
          .candidates = config.candidates,
          .target_examples = config.target_examples,
          .checkpoint_every = config.checkpoint_every,
          .concurrency = config.llm.provider == "rules" ? 1 : config.llm.concurrency,
          .ahead = config.ahead_in_force(),
          .frozen_pool = config.frozen_pool,
          .seed = static_cast<std::uint64_t>(config.seed),
          .measure = config.judge.measure,
          .sites = std::move(sites),
          .seeds = std::move(seeds),
          .settings = std::move(settings)};
}

void note_start(store::Run& run, Clock& clock, const RestemContext& context, const Json& settings) {
  log_debug(fmt::format("quill {}: {}", QUILL_VERSION, context.command_line));
  log_debug("settings " + dump_json(settings));
  run.put_event(clock.utc(), run.resumed() ? "resumed" : "started", context.command_line);
  if (const std::int64_t open = run.open_calls(); open > 0 && run.resumed())
    log_info(fmt::format("{} question{} sent without an answer on record; asked again if still "
                         "needed",
                         open, open == 1 ? " was" : "s were"));
}

void put_seed_problems(store::Run& run, const LoopSetup& setup) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const task::Problem& problem : problems_of(setup.seeds, setup.sites.front()))
    rows.emplace_back(problem.id, problem_text(problem));
  run.put_problems(rows);
}

RestemSummary summary_of(const RestemConfig& config, const Loop& loop) {
  RestemSummary summary;
  summary.totals = loop.totals();
  summary.trust = config.judge.trust;
  summary.out = config.out;
  summary.run_db = config.out / "run.db";
  summary.training_data = config.out / "training_data.json";
  summary.metrics = config.out / "metrics.json";
  return summary;
}

/// With its folder named.
RestemConfig placed(RestemConfig config) {
  config.out = config.folder();
  return config;
}

} // namespace

RestemSummary run_restem(const RestemConfig& given, RestemContext& context) {
  const RestemConfig config = placed(given);
  config.check();
  std::vector<Example> seeds = seeds_of(config);
  Asked asked = prepare_provider(config, context);

  store::Run run(config.out, config.resume ? store::Run::Start::resume : store::Run::Start::fresh);
  log_to_folder(config.out);
  Databases databases(make_databases(config, config.out, context.cancel), config.judge,
                      context.cancel,
                      [&asked, &context] { return opinion_of(asked, context.cancel); });
  std::vector<Site> sites = sites_of(databases);
  const Json settings = run_settings(config, databases.files(), asked.settings());
  run.begin({.config = settings, .command_line = context.command_line, .version = QUILL_VERSION});
  note_start(run, context.clock, context, settings);

  LoopSetup setup = setup_of(config, std::move(sites), std::move(seeds), settings);
  put_seed_problems(run, setup);
  connect_model(asked, config, context, run);
  make_proposer(asked, config, context, databases);
  if (asked.model)
    setup.judge_cost = cost_of(*asked.model);
  Loop loop(
      std::move(setup), run, *asked.proposer,
      [&](const sql::Pair& pair, std::string_view type, std::string_view database) {
        return databases.judge(database).evaluate(pair, type);
      },
      context.cancel, context.clock, asked.author.get());
  const bool finished = loop.run(context.on_iteration);
  run.put_event(context.clock.utc(), finished ? "finished" : "interrupted", "");
  log_debug(finished ? "finished" : "interrupted");

  RestemSummary summary = summary_of(config, loop);
  judge_run(summary, config, loop, finished, context);
  return summary;
}

Json to_json(const RestemSummary& summary) {
  Json value{{"format_version", kFormatVersion}};
  value["status"] = summary.exit == Exit::ok         ? "done"
                    : summary.exit == Exit::negative ? "below"
                                                     : "stopped";
  value["reason"] = summary.reason.empty() ? Json(nullptr) : Json(summary.reason);
  value["resume_command"] =
      summary.resume_command.empty() ? Json(nullptr) : Json(summary.resume_command);
  value["trust"] = summary.trust;
  value["out"] = summary.out.string();
  value["run_db"] = summary.run_db.string();
  value["training_data"] = summary.training_data.string();
  value["metrics"] = summary.metrics.string();
  const Json totals = to_json(summary.totals);
  for (const auto& [key, total] : totals.items())
    value[key] = total;
  return value;
}

} // namespace quill::loop
