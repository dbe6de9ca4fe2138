// quill batch prep — what is known of every query of a suite, and its prompts; nobody is asked.
#include <memory>

#include <fmt/format.h>

#include "cli/batch_text.hpp"
#include "quill/llm/provider.hpp"

namespace quill::cli {

namespace {

struct BatchPrepConfig {
  std::filesystem::path suite = "duckdb_tpcds", explains;
  std::string provider = "openai", model;
  std::filesystem::path providers, prompts;
  std::int64_t timeout_ms = 300'000;
  std::int64_t memory_mb = 2048;

  void fields(FieldList& list) {
    list.add("suite", &suite, "folder of the suite");
    list.add("explains", &explains,
             "folder with plans to show in place of the database's own, for example explains/ of a "
             "suite of another scale, or <id>.json of EXPLAIN (ANALYZE, FORMAT JSON)");
    list.add("timeout_ms", &timeout_ms, "longest run of a query").in("ms").at_least(1);
    list.add("memory_mb", &memory_mb, "memory of a query's run").in("MB").range(16, 1 << 20);
    list.add("provider", &provider, "whose prices the prompts are counted with");
    list.add("model", &model, "its model; default: the provider's");
    list.add("providers", &providers, "file with providers and prices; default: the shipped one");
    list.add("prompts", &prompts, "folder whose prompt files stand before the shipped ones");
  }
};

struct Money {
  std::string model;
  std::optional<double> prompts, at_most; ///< USD; null when the price is not known
};

Money money_of(const BatchPrepConfig& config, const optimize::PrepReport& report) {
  const auto provider = llm::load_provider(config.provider, config.providers);
  Money out{
      .model = config.model.empty() ? provider.model : config.model, .prompts = {}, .at_most = {}};
  out.prompts = llm::cost_usd(provider, out.model, {report.prompt_tokens, 0, {}});
  out.at_most = llm::cost_usd(provider, out.model,
                              {report.prompt_tokens, report.completion_tokens_at_most, {}});
  return out;
}

Json usd(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const optimize::PrepReport& report, const Money& money) {
  Json problems = Json::array();
  for (const auto& [id, message] : report.problems)
    problems.push_back({{"id", id}, {"message", message}});
  return {{"queries", report.queries},
          {"explained", report.explained},
          {"cached", report.cached},
          {"problems", std::move(problems)},
          {"requests", report.requests},
          {"prompt_tokens", report.prompt_tokens},
          {"completion_tokens_at_most", report.completion_tokens_at_most},
          {"model", money.model},
          {"usd_prompts", usd(money.prompts)},
          {"usd_at_most", usd(money.at_most)}};
}

std::string text_of(const optimize::PrepReport& report, const Money& money) {
  std::string text = fmt::format(
      "{} queries: {} explained, {} plans were there\nfan-out: {} prompts of {} tokens at most",
      report.queries, report.explained, report.cached, report.requests, report.prompt_tokens);
  if (money.prompts)
    text += fmt::format(": ${:.2f} with {}, and no more than ${:.2f} with the answers",
                        *money.prompts, money.model, *money.at_most);
  text += "\nsnipe, analyst and last worker are three requests more for a query that is not done\n";
  for (const auto& [id, message] : report.problems)
    text += fmt::format("  {}: {}\n", id, message);
  return text;
}

Exit run_batch_prep(Context& context, const BatchPrepConfig& config) {
  const auto suite = optimize::Suite::open(config.suite);
  const auto knowledge = optimize::Knowledge::load_shipped();
  llm::ModelConfig files;
  files.prompts = config.prompts;
  auto at = place_of(suite, context);
  at.knowledge = &knowledge;
  at.prompt_file = [&](std::string_view name) { return files.prompt_file(name); };
  engine::Limits limits;
  limits.rows = 0;
  limits.timeout_ms = config.timeout_ms;
  limits.memory_mb = config.memory_mb;
  const auto report = prep_batch(at, {.explains = config.explains, .limits = limits});
  if (context.cancel.requested())
    return context.cancel.exit();
  const auto money = money_of(config, report);
  context.out.result(to_json(report, money), text_of(report, money));
  return report.failed > 0 ? Exit::negative : Exit::ok;
}

} // namespace

Command batch_prep_command() {
  auto config = std::make_shared<BatchPrepConfig>();
  return {
      .name = "batch prep",
      .group = "whole benchmarks",
      .summary = "run and explain every query of a suite, and write its prompts; nobody is asked",
      .details = "A plan that is on disk is not made again. Tokens are counted at three bytes "
                 "each, which is more than they are.\n"
                 "JSON: {\"queries\", \"explained\", \"cached\", \"problems\": [{\"id\", "
                 "\"message\"}], \"requests\", \"prompt_tokens\", \"completion_tokens_at_most\", "
                 "\"model\", \"usd_prompts\", \"usd_at_most\"}. Exit code 1 when a query does not "
                 "run.",
      .examples = {"quill batch prep --suite duckdb_tpcds",
                   "quill batch prep --suite tpcds_sf10 --explains tpcds_sf1/explains"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_batch_prep(context, *config); },
  };
}

} // namespace quill::cli
