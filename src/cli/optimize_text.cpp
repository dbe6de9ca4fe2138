#include "cli/optimize_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/output.hpp"
#include "quill/report/optimize_page.hpp"

namespace quill::cli {

namespace {

using optimize::Answer;

constexpr std::size_t kSideWidth = 56;

std::string times(const std::optional<double>& speedup) {
  return speedup ? fmt::format("{:.2f}x", *speedup) : "unknown";
}

std::string ms(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f} ms", *value) : "unknown";
}

/// Lines no longer than `width` columns.
std::vector<std::string> lines_of(const std::string& text, std::size_t width) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    for (; display_width(line) > width; line = "  " + line.substr(width))
      out.push_back(line.substr(0, width));
    out.push_back(std::move(line));
    at = end + 1;
  }
  return out;
}

/// Lengths of the longest common subsequences of what is left of both, from each pair of places.
std::vector<std::vector<std::size_t>> common_lengths(const std::vector<std::string>& a,
                                                     const std::vector<std::string>& b) {
  std::vector<std::vector<std::size_t>> length(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      length[i][j] =
          a[i] == b[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
  return length;
}

std::string row(const std::string& left, char mark, const std::string& right, std::size_t width) {
  const std::size_t shown = std::min(display_width(left), width);
  auto line = fmt::format("{}{} {} {}", left, std::string(width - shown, ' '), mark, right);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

/// Is the statement the same, and how was that tested?
std::string proof_text(const Answer& answer) {
  if (!answer.judged)
    return "";
  const auto& verdict = *answer.judged;
  std::string text = fmt::format("The rows are the same on the database: all {} of them were "
                                 "compared.",
                                 verdict.rows);
  if (verdict.scaled_down)
    text = fmt::format("The query does not end within the time limit: the rows are the same on a "
                       "database of {} of its rows, where it gives {}.",
                       verdict.scaled_down->rows, verdict.scaled_down->answer_rows);
  if (verdict.trust == "fast")
    return text + " Trust fast: nothing was tried on other databases.";
  if (verdict.proof && verdict.proof->databases_tried > 0)
    text += fmt::format(" On {} small databases made to tell them apart they are the same too, and "
                        "{} of {} mutants of the query were told apart on those.",
                        verdict.proof->databases_tried, verdict.proof->mutants_killed,
                        verdict.proof->mutants);
  else if (verdict.proof)
    text += fmt::format(" On every other one: {}.", verdict.proof->reason);
  return text;
}

std::string speed_text(const Answer& answer) {
  std::string text = fmt::format("{} by the statement alone", times(answer.speedup));
  if (answer.speedup_with_indexes)
    text += fmt::format(", {} with the indexes", times(answer.speedup_with_indexes));
  return text + fmt::format(" ({} became {})", ms(answer.before_ms), ms(answer.after_ms));
}

std::string indexes_text(const Answer& answer) {
  if (answer.indexes.empty())
    return "";
  std::string text = "\nIndexes, which are not made:\n";
  for (const std::string& index : answer.indexes)
    text += fmt::format("  {};\n", index);
  if (answer.index_cost)
    text += fmt::format("  built in {:.1f} ms, {:.0f} kB\n", answer.index_cost->build_ms,
                        static_cast<double>(answer.index_cost->bytes) / 1024);
  return text;
}

std::string advice_text(const Answer& answer) {
  if (!answer.index_advice)
    return "";
  const auto& [supposed, reason] = *answer.index_advice;
  if (!reason.empty())
    return fmt::format("\nIndex advice: none; {}\n", reason);
  std::string text = "\nIndex advice, the planner's estimate (nothing was built or measured):\n";
  for (const std::string& index : supposed.indexes)
    text += fmt::format("  {};\n", index);
  return text + fmt::format("  cost {:.0f} becomes {:.0f}. {}\n", supposed.cost_before,
                            supposed.cost_after, supposed.explanation);
}

std::string advice_fact(const optimize::IndexAdvice& advice) {
  if (!advice.reason.empty())
    return advice.reason;
  return fmt::format("{} (estimated: cost {:.0f} becomes {:.0f})",
                     fmt::join(advice.supposed.indexes, "; "), advice.supposed.cost_before,
                     advice.supposed.cost_after);
}

std::string candidate_line(const optimize::Step& step) {
  if (!step.candidate)
    return fmt::format("  {:<10} no candidate: {}\n", step.ask.name, step.failure);
  const auto what = step.candidate->rule.empty() ? step.candidate->type : step.candidate->rule;
  if (!step.judged)
    return fmt::format("  {:<10} not judged   {}\n", step.ask.name, what);
  return fmt::format("  {:<10} {:<10} {:>9}  {}{}\n", step.ask.name, to_string(step.judged->status),
                     step.judged->proven() ? times(step.judged->best()) : "", what,
                     step.judged->verdict.reason.empty() ? "" : ": " + step.judged->verdict.reason);
}

std::string candidates_text(const Answer& answer) {
  std::string text = "\nCandidates:\n";
  for (const optimize::Step& step : answer.steps)
    if (step.ask.role != optimize::Role::analyst)
      text += candidate_line(step);
  return answer.steps.empty() ? "" : text;
}

std::vector<std::string> plan_lines(const std::vector<optimize::PlanNode>& plan) {
  return lines_of(optimize::to_text(plan), 200);
}

} // namespace

std::string side_by_side(const std::string& before, const std::string& after, std::size_t width) {
  const auto a = lines_of(before, width), b = lines_of(after, width);
  const auto common = common_lengths(a, b);
  std::string out;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const bool both = i < a.size() && j < b.size();
    if (both && (a[i] == b[j] || common[i + 1][j + 1] == common[i][j])) {
      out += row(a[i], a[i] == b[j] ? ' ' : '|', b[j], width);
      ++i;
      ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      out += row(a[i++], '<', "", width);
    } else {
      out += row("", '>', b[j++], width);
    }
  }
  return out;
}

std::string optimize_text(const Answer& answer) {
  std::string text = fmt::format("{}: {}", answer.name, to_string(answer.status));
  if (!answer.judged)
    return text + fmt::format("; the query stays as it is: {}\n", answer.reason) +
           advice_text(answer) + candidates_text(answer);
  text += fmt::format(", {}\n", speed_text(answer));
  if (!answer.understanding.intent.empty())
    text += fmt::format("\nWhat it asks: {}\n", answer.understanding.intent);
  if (answer.understanding.blocks.size() > 1)
    text += fmt::format("Its blocks:\n{}", optimize::blocks_text(answer.understanding));
  text += fmt::format("\n{}", side_by_side(answer.shown_before, answer.shown_after, kSideWidth));
  text += indexes_text(answer);
  text += advice_text(answer);
  text += fmt::format("\n{}\n{}\n", answer.explanation, proof_text(answer));
  text +=
      fmt::format("\nPlan:\n{}", side_by_side(optimize::to_text(answer.understanding.plan),
                                              optimize::to_text(answer.after_plan), kSideWidth));
  if (!answer.shrank.empty())
    text += fmt::format("{}\n", answer.shrank);
  text += candidates_text(answer);
  if (!answer.reason.empty())
    text += fmt::format("\nIt ended early: {}\n", answer.reason);
  return answer.folder.empty() ? text
                               : text + fmt::format("\nall of it: {}\n", answer.folder.string());
}

std::string workload_text(const optimize::WorkloadReport& report, bool styled) {
  Table queries{.columns = {{"query", true},
                            {"weight", true},
                            {"ms", true},
                            {"share", true},
                            {"status"},
                            {"statement"}},
                .rows = {}};
  for (const optimize::RankedQuery& query : report.queries)
    queries.rows.push_back(
        {std::to_string(query.number), fmt::format("{:g}", query.weight),
         query.ms ? fmt::format("{:.3f}", *query.ms) : "",
         query.ms && report.total_ms > 0
             ? fmt::format("{:.0f} %", 100 * query.weight * *query.ms / report.total_ms)
             : "",
         query.status, query.text});
  std::string text = format_table(queries, styled);
  if (report.advice.indexes.empty())
    return text + "no index pays for all of them together\n";
  text += fmt::format("\nIndexes for all of them: {:.0f} VM steps become {:.0f}\n",
                      report.advice.steps_before, report.advice.steps_after);
  for (const rewrite::WorkloadIndex& index : report.advice.indexes) {
    std::vector<std::size_t> used;
    for (const std::size_t query : index.queries)
      used.push_back(query + 1);
    text +=
        fmt::format("  {};\n    {:.0f} kB, built in {:.1f} ms, {:.2f} us a row written; used by "
                    "{}\n",
                    index.create, static_cast<double>(index.bytes) / 1024, index.build_ms,
                    index.write_us, fmt::join(used, ", "));
  }
  return text;
}

std::string optimize_html(const Answer& answer) {
  report::OptimizePage page{
      .title = fmt::format("{}: {}", answer.name, to_string(answer.status)),
      .subtitle = answer.understanding.intent,
      .facts = {{"engine", answer.engine}, {"statement alone", times(answer.speedup)}},
      .before = answer.shown_before,
      .after = answer.shown_after,
      .indexes = answer.indexes,
      .before_plan = plan_lines(answer.understanding.plan),
      .after_plan = plan_lines(answer.after_plan),
      .explanation = answer.judged ? answer.explanation : answer.reason,
      .proof = proof_text(answer),
      .shrank = answer.shrank,
      .changes = answer.changes,
      .candidates = {}};
  if (answer.speedup_with_indexes)
    page.facts.emplace_back("with the indexes", times(answer.speedup_with_indexes));
  page.facts.emplace_back("before", ms(answer.before_ms));
  page.facts.emplace_back("after", ms(answer.after_ms));
  if (answer.index_cost)
    page.facts.emplace_back("indexes",
                            fmt::format("{:.1f} ms to build, {} bytes", answer.index_cost->build_ms,
                                        answer.index_cost->bytes));
  if (answer.index_advice)
    page.facts.emplace_back("index advice", advice_fact(*answer.index_advice));
  for (const optimize::Step& step : answer.steps)
    if (step.ask.role != optimize::Role::analyst)
      page.candidates.push_back(
          {step.ask.name,
           std::string(to_string(step.judged ? step.judged->status : optimize::Status::error)),
           step.candidate ? step.candidate->after : "",
           step.judged ? step.judged->verdict.reason : step.failure});
  return report::html(page);
}

} // namespace quill::cli
