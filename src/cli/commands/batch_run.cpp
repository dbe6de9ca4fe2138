// quill batch run — three iterations for every query of a suite; a later start goes on.
#include <memory>

#include <fmt/format.h>

#include "cli/asked_model.hpp"
#include "cli/batch_text.hpp"
#include "cli/local_model.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

namespace fs = std::filesystem;

struct BatchRunConfig {
  fs::path suite = "duckdb_tpcds";
  optimize::BatchConfig batch;
  llm::ModelConfig llm;

  void fields(FieldList& list) {
    list.add("suite", &suite, "folder of the suite");
    batch.fields(list);
    llm.fields(list);
  }
};

/// Where a shard's answers lie.
fs::path answers_of(const fs::path& state, const optimize::Shard& shard) {
  return state /
         (shard.is_whole() ? "answers" : fmt::format("answers_{}_of_{}", shard.index, shard.count));
}

/// Those of other shards, and of starts without any.
std::vector<fs::path> answers_beside(const fs::path& state, const fs::path& own) {
  std::vector<fs::path> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(state, none))
    if (entry.path().filename().string().starts_with("answers") && entry.path() != own &&
        store::has_run(entry.path()))
      out.push_back(entry.path());
  return out;
}

void check(const BatchRunConfig& config, const optimize::Suite& suite) {
  const bool sqlite = suite.header().engine == engine::Engine::sqlite;
  if (config.batch.optimize.judge.measure == "steps" && !sqlite)
    throw Error{Exit::usage,
                {.what = "VM steps are SQLite's",
                 .where = "--measure steps",
                 .fix = "leave --measure out: the clock is what is left"}};
  if (config.batch.generate_only && config.llm.provider == "rules")
    throw Error{Exit::usage,
                {.what = "the rules write no answers that could be judged later",
                 .where = "--generate-only --provider rules",
                 .fix = "name a model with --provider, or leave --generate-only out"}};
}

Json to_json(const optimize::BatchOutcome& outcome, const optimize::Leaderboard& board) {
  Json document = optimize::to_json(board);
  document["done"] = outcome.done;
  document["done_before"] = outcome.before;
  document["left"] = outcome.left;
  document["answers"] = outcome.generated;
  document["slots"] = outcome.slots.slots;
  document["ended_early"] = outcome.why.empty() ? Json(nullptr) : Json(outcome.why);
  return document;
}

void say_slots(const optimize::SlotMeasure& slots) {
  if (!slots.query.empty())
    log_info(fmt::format("{} takes {:.2f} ms alone and {:.2f} ms beside a second session: {}",
                         slots.query, slots.alone_ms, slots.together_ms,
                         slots.slots == 2 ? "two slots" : "one slot"));
}

Exit exit_of(const optimize::BatchOutcome& outcome) {
  if (outcome.exit != Exit::ok)
    return outcome.exit;
  return outcome.left > 0 ? Exit::negative : Exit::ok;
}

Exit run_batch(Context& context, BatchRunConfig& config) {
  const auto suite = optimize::Suite::open(config.suite);
  check(config, suite);
  const auto shard = optimize::Shard::parse(config.batch.shard);
  const auto state = suite.state_folder(suite.state());
  make_folder(state);
  const auto own = answers_of(state, shard);
  const FileLock lock(state / (own.filename().string() + ".lock"), "this part of the batch");
  const AskedModel model(config.llm, context, own, answers_beside(state, own));
  const auto knowledge = optimize::Knowledge::load_shipped();
  if (suite.header().engine == engine::Engine::postgres)
    config.batch.optimize.judge.server = suite.database();
  auto at = place_of(suite, context);
  at.model = model.access();
  at.knowledge = &knowledge;
  at.prompt_file = [&](std::string_view name) { return config.llm.prompt_file(name); };
  BatchTable table(context.progress, "batch run", suite.ids().size());
  const auto outcome = optimize::run_batch(
      at, config.batch, [&](const optimize::BatchEvent& event) { table.add(event); });
  say_slots(outcome.slots);
  const auto board = read_leaderboard(suite, suite.state());
  write_leaderboard(suite, board);
  context.out.result(to_json(outcome, board), leaderboard_text(board, context.out.styled()));
  if (outcome.exit != Exit::ok || outcome.left > 0)
    log_info(fmt::format("{} queries are left{}; go on with: {}", outcome.left,
                         outcome.why.empty() ? "" : " (" + outcome.why + ")",
                         context.command_line));
  return exit_of(outcome);
}

} // namespace

Command batch_run_command() {
  auto config = std::make_shared<BatchRunConfig>();
  return {
      .name = "batch run",
      .group = "whole benchmarks",
      .summary = "make every query of a suite faster; killed, the next start goes on",
      .details =
          "For each query: a fan-out of four strategies and the rules, a snipe from the best of "
          "it, an analyst and one last worker; it ends early when --target-speedup is proven. With "
          "--provider rules nobody is asked: the rules do all of it.\n"
          "Each answer is on disk before it is read, each verdict before the next candidate is "
          "judged: a start that was killed asks again only what was in flight. Parts run with "
          "--shard in processes of their own fill the same suite.\n"
          "JSON: that of batch leaderboard, with \"done\", \"done_before\", \"left\", \"answers\", "
          "\"slots\" and \"ended_early\". Exit code 1 when queries are left, 4 when a budget was "
          "reached.",
      .examples = {"quill batch run --suite duckdb_tpcds",
                   "quill batch run --provider openai --budget-usd 5 --generate-only",
                   "quill batch run --shard 1/2 & quill batch run --shard 2/2"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_batch(context, *config); },
      .needs_model = [config] { return needs_network(config->llm); },
  };
}

} // namespace quill::cli
