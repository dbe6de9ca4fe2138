#include "cli/run_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/output.hpp"

namespace quill::cli {

namespace {

std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

/// Twenty cells for the whole, so that a column of them reads as a plot.
std::string bar(double share) {
  constexpr int kCells = 20;
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kCells));
  std::string out;
  for (int i = 0; i < kCells; ++i)
    out += i < full ? "█" : "░";
  return out;
}

std::string counts_text(const std::string& title, const loop::Counts& counts, bool styled) {
  std::int64_t total = 0;
  for (const auto& [name, count] : counts)
    total += count;
  if (total == 0)
    return "";
  Table table{.columns = {{title}, {"kept", true}, {"share", true}, {""}}, .rows = {}};
  for (const auto& [name, count] : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(total);
    table.rows.push_back({name, std::to_string(count), percent(share), bar(share)});
  }
  return "\n" + format_table(table, styled);
}

std::string rules_text(const loop::Totals& totals, bool styled) {
  if (totals.by_rule.empty() || totals.distinct == 0)
    return "";
  Table table{.columns = {{"rule at work"}, {"kept", true}, {"share", true}, {""}}, .rows = {}};
  for (const auto& [name, count] : single_rules(totals.by_rule)) {
    const double share = static_cast<double>(count) / static_cast<double>(totals.distinct);
    table.rows.push_back({name, std::to_string(count), percent(share), bar(share)});
  }
  return "\n" + format_table(table, styled);
}

std::string spans_text(const std::vector<loop::Analysis::Span>& spans, bool styled) {
  if (spans.empty())
    return "";
  Table table{.columns = {{"iterations"},
                          {"asked", true},
                          {"kept", true},
                          {"success", true},
                          {""},
                          {"reward", true}},
              .rows = {}};
  for (const auto& span : spans)
    table.rows.push_back({span.first == span.last ? std::to_string(span.first)
                                                  : fmt::format("{}-{}", span.first, span.last),
                          std::to_string(span.asked), std::to_string(span.kept),
                          percent(span.success_rate), bar(span.success_rate),
                          number(span.reward_mean, 3)});
  return "\nsuccess over time\n" + format_table(table, styled);
}

std::string iterations_text(const std::vector<loop::IterationMetrics>& iterations, bool styled) {
  if (iterations.empty())
    return "";
  Table table{.columns = {{"iteration", true},
                          {"problem"},
                          {"asked", true},
                          {"kept", true},
                          {"new", true},
                          {"wrong", true},
                          {"slow", true},
                          {"failed", true},
                          {"success", true},
                          {"reward", true},
                          {"diversity", true}},
              .rows = {}};
  for (const auto& i : iterations)
    table.rows.push_back(
        {std::to_string(i.iteration), i.problem, std::to_string(i.asked), std::to_string(i.kept),
         std::to_string(i.added), std::to_string(i.wrong), std::to_string(i.slow),
         std::to_string(i.failed + i.unparsable + i.blocked + i.timed_out + i.dropped),
         percent(i.success_rate), number(i.reward_mean, 3), percent(i.before_diversity)});
  return "\neach iteration\n" + format_table(table, styled);
}

} // namespace

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100 * *share) : "-";
}

loop::Counts single_rules(const loop::Counts& compositions) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [name, count] : compositions) {
    std::set<std::string> parts;
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find('+', begin), name.size());
      parts.insert(name.substr(begin, end - begin));
      begin = end + 1;
    }
    for (const std::string& part : parts)
      counts[part] += count;
  }
  loop::Counts sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::vector<std::pair<std::string, std::string>> totals_facts(const loop::Totals& t) {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto row = [&](std::string name, std::string value) {
    facts.emplace_back(std::move(name), std::move(value));
  };
  row("iterations", std::to_string(t.iterations));
  row("candidates asked for", std::to_string(t.asked));
  row("kept", fmt::format("{} ({} duplicates among those offered)", t.kept, t.duplicates));
  row("distinct kept examples", std::to_string(t.distinct));
  row("data set", fmt::format("{} examples, {} of them seeds", t.examples, t.seeds));
  row("success rate", percent(t.success_rate));
  row("  first ten iterations", percent(t.success_rate_first_ten));
  row("  last ten iterations", percent(t.success_rate_last_ten));
  row("reward of kept", fmt::format("mean {}, {} to {}", number(t.reward_mean, 3),
                                    number(t.reward_min, 3), number(t.reward_max, 3)));
  row("slow-query diversity", percent(t.before_diversity));
  row("fast-query diversity", percent(t.after_diversity));
  if (t.dropped > 0)
    row("dropped, no verdict", std::to_string(t.dropped));
  if (t.prompt_tokens || t.completion_tokens)
    row("tokens",
        fmt::format("{} in, {} out", t.prompt_tokens.value_or(0), t.completion_tokens.value_or(0)));
  row("cost", t.cost_usd ? fmt::format("{:.4f} USD", *t.cost_usd) : "not known");
  if (t.elapsed_ms)
    row("time", fmt::format("{:.1f} s", *t.elapsed_ms / 1000));
  return facts;
}

std::string totals_text(const loop::Totals& totals, bool styled) {
  Table table{.columns = {{"run"}, {""}}, .rows = {}};
  for (const auto& [name, value] : totals_facts(totals))
    table.rows.push_back({name, value});
  return format_table(table, styled);
}

std::string beside_text(const loop::Analysis& analysis, const loop::Analysis& other, bool styled) {
  Table table{
      .columns =
          {{"iterations"}, {"this run", true}, {""}, {"beside", true}, {""}, {"difference", true}},
      .rows = {}};
  const std::size_t spans = std::min(analysis.over_time.size(), other.over_time.size());
  for (std::size_t i = 0; i < spans; ++i) {
    const auto& mine = analysis.over_time[i];
    const auto& theirs = other.over_time[i];
    table.rows.push_back({fmt::format("{}-{}", mine.first, mine.last), percent(mine.success_rate),
                          bar(mine.success_rate), percent(theirs.success_rate),
                          bar(theirs.success_rate),
                          fmt::format("{:+.1f}", 100 * (mine.success_rate - theirs.success_rate))});
  }
  return fmt::format("\nsuccess rate beside {}\n", other.source.parent_path().string()) +
         format_table(table, styled) +
         fmt::format("distinct kept examples: {} beside {}\n", analysis.totals.distinct,
                     other.totals.distinct);
}

std::string analysis_text(const loop::Analysis& analysis, bool styled) {
  std::string out = fmt::format("{}{}\n\n", analysis.source.string(),
                                analysis.finished ? "" : " (the run is not finished)");
  out += totals_text(analysis.totals, styled);
  out += spans_text(analysis.over_time, styled);
  out += counts_text("type", analysis.totals.by_type, styled);
  out += counts_text("speedup", analysis.totals.by_band, styled);
  out += rules_text(analysis.totals, styled);
  return out + iterations_text(analysis.iterations, styled);
}

} // namespace quill::cli
