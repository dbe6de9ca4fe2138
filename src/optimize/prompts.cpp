#include "optimize/prompts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/files.hpp"
#include "quill/engine/value.hpp"

namespace quill::optimize {

namespace {

constexpr std::size_t kStrategiesMin = 4;
constexpr std::size_t kRowsShown = 10;
constexpr std::uint64_t kFileBytesMax = 1U << 20U;

const std::vector<std::string> kPlaceholders{"engine",   "before",      "schema",    "intent",
                                             "blocks",   "plan",        "learnings", "examples",
                                             "history",  "regressions", "critical",  "constraints",
                                             "strategy", "indexes",     "attempts",  "best"};

/// "" stays "": no heading over nothing.
std::string section(std::string_view heading, std::string_view text) {
  return text.empty() ? "" : fmt::format("{}\n{}\n", heading, text);
}

std::string rows_text(const std::vector<engine::Row>& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size() && i < kRowsShown; ++i) {
    std::vector<std::string> cells;
    for (const auto& cell : rows[i])
      cells.push_back(dump_json(engine::to_json(cell)));
    text += fmt::format("  {}\n", fmt::join(cells, ", "));
  }
  if (rows.size() > kRowsShown)
    text += fmt::format("  … {} rows in all\n", rows.size());
  return rows.empty() ? "  (no row)\n" : text;
}

std::string counterexample_text(const judge::Verdict& verdict) {
  if (!verdict.proof || !verdict.proof->counterexample)
    return "";
  const auto& shown = *verdict.proof->counterexample;
  return fmt::format("On this database they differ:\n```sql\n{}\n```\nthe original gives\n{}this "
                     "one gives\n{}",
                     shown.database, rows_text(shown.before_rows), rows_text(shown.after_rows));
}

std::string speed_text(const Judged& judged) {
  std::string text;
  if (const auto speedup = judged.speedup())
    text += fmt::format("{:.2f} times as fast as the original", *speedup);
  if (const auto with = judged.speedup_with_indexes())
    text += fmt::format("{}{:.2f} times with its indexes", text.empty() ? "" : ", ", *with);
  return text.empty() ? "" : "Speed: " + text + "\n";
}

std::string attempts_text(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps)
    if (step.ask.role != Role::analyst)
      text += attempt_text(step) + "\n";
  return text;
}

std::string last_analysis(const std::vector<Step>& steps) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    if (step->ask.role == Role::analyst)
      return step->answer;
  return "";
}

std::string history_text(const std::vector<Step>& steps) {
  if (steps.empty())
    return "";
  return section("What was tried before, with the judge's own words. Start again from the "
                 "original query, not from a try:",
                 attempts_text(steps)) +
         section("The analyst's advice:", last_analysis(steps));
}

std::string best_text(const std::vector<Step>& steps) {
  const Step* best = best_of(steps);
  if (best == nullptr)
    return "Nothing was proven faster so far: start from the original query.";
  return fmt::format("The best that is proven so far, by {}:\n{}", best->ask.name,
                     attempt_text(*best));
}

std::string indexes_text(bool allowed) {
  return allowed ? "You may bring indexes as CREATE INDEX statements; they are built before the "
                   "query runs and are judged apart."
                 : "Bring no indexes: \"indexes\" is always []. Only the statement counts.";
}

std::string known_text(const std::vector<Match>& matches) {
  std::string text;
  for (const Match& match : matches) {
    const KnownRewrite& known = *match.rewrite;
    text += fmt::format("### {} ({:.2f}x)\n{}\nbefore:\n```sql\n{}\n```\nafter:\n```sql\n{}\n```\n",
                        known.family, known.speedup, known.principle, known.before, known.after);
  }
  return text;
}

} // namespace

void add_knowledge(Brief& brief, const Knowledge& knowledge, const sql::Query* tree,
                   engine::Engine engine) {
  if (tree != nullptr) {
    const Retrieved found = knowledge.retrieve(*tree, engine);
    brief.examples = known_text(found.gold);
    brief.regressions = known_text(found.regressions);
  }
  bool past_critical = false; // what is critical comes once more at the end: the file says where
  for (const Constraint* constraint : knowledge.constraints_for_prompt(engine)) {
    const bool critical = constraint->severity == Constraint::Severity::critical;
    past_critical |= !critical;
    if (critical && !past_critical)
      brief.critical += fmt::format("- {}\n", constraint->text);
    else if (!critical)
      brief.constraints += fmt::format("- {}\n", constraint->text);
  }
}

std::string attempt_text(const Step& step) {
  std::string text = fmt::format("### {}{}, iteration {}\n", step.ask.name,
                                 step.ask.strategy.empty() ? "" : " (" + step.ask.strategy + ")",
                                 step.ask.iteration);
  if (!step.candidate)
    return text + fmt::format("No candidate: {}\n", step.failure);
  text +=
      fmt::format("```sql\n{}{}{};\n```\n", fmt::join(step.candidate->indexes, ";\n"),
                  step.candidate->indexes.empty() ? "" : ";\n",
                  step.candidate->after.empty() ? "-- the statement stays" : step.candidate->after);
  if (!step.judged)
    return text;
  const judge::Verdict& verdict = step.judged->verdict;
  text += fmt::format("Verdict: {}, rows {}{}\n", to_string(step.judged->status), verdict.verdict,
                      verdict.reason.empty() ? "" : ": " + verdict.reason);
  text += counterexample_text(verdict) + speed_text(*step.judged);
  if (!step.judged->plan.empty())
    text += fmt::format("Its plan:\n{}", to_text(step.judged->plan));
  return text;
}

std::vector<Strategy> load_strategies(const std::filesystem::path& file) {
  const std::string bytes = read_file(file, kFileBytesMax);
  std::vector<Strategy> out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string line = bytes.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("## "))
      out.push_back({line.substr(3), ""});
    else if (!out.empty())
      out.back().text += line + "\n";
  }
  if (out.size() < kStrategiesMin)
    throw Error{
        Exit::usage,
        {.what = fmt::format("{} strategies where {} are wanted", out.size(), kStrategiesMin),
         .where = file.string(),
         .fix = "begin each with a line \"## NAME\" and write what to do below it"}};
  return out;
}

Prompts::Prompts(const std::function<std::filesystem::path(std::string_view)>& file_of, Brief brief)
    : brief_(std::move(brief)),
      worker_(llm::PromptFile::load(file_of("rewrite.md"), kPlaceholders)),
      analyst_(llm::PromptFile::load(file_of("analyst.md"), kPlaceholders)),
      snipe_(llm::PromptFile::load(file_of("snipe.md"), kPlaceholders)),
      strategies_(load_strategies(file_of("strategies.md"))) {}

llm::PromptFile::Values Prompts::common() const {
  return {{"engine", brief_.engine},
          {"before", brief_.before},
          {"schema", brief_.schema},
          {"intent", section("What it asks:", brief_.intent)},
          {"blocks", section("Its blocks, what is read before its reader, each with its cost:",
                             brief_.blocks)},
          {"plan", section("The engine's plan:", brief_.plan)},
          {"learnings", section("Learned from other queries:", brief_.learnings)},
          {"examples", section("Rewrites that paid on similar queries:", brief_.examples)},
          {"regressions", section("Rewrites that hurt on similar queries:", brief_.regressions)},
          {"critical", brief_.critical},
          {"constraints", brief_.constraints},
          {"indexes", indexes_text(brief_.indexes)}};
}

/// With all placeholders, whichever the file at hand uses.
llm::PromptFile::Values Prompts::values(std::string strategy,
                                        const std::vector<Step>& steps) const {
  auto values = common();
  values.emplace_back("strategy", std::move(strategy));
  values.emplace_back("history", history_text(steps));
  values.emplace_back("attempts", attempts_text(steps));
  values.emplace_back("best", best_text(steps));
  return values;
}

std::vector<llm::Message> Prompts::worker(const Strategy& strategy,
                                          const std::vector<Step>& steps) const {
  const auto text = strategy.name.empty()
                        ? ""
                        : section(fmt::format("Your strategy: {}.", strategy.name), strategy.text);
  return worker_.render(values(text, steps));
}

std::vector<llm::Message> Prompts::analyst(const std::vector<Step>& steps) const {
  return analyst_.render(values("", steps));
}

std::vector<llm::Message> Prompts::snipe(const std::vector<Step>& steps) const {
  return snipe_.render(values("", steps));
}

} // namespace quill::optimize
