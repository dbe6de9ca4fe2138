#include "quill/loop/analyze.hpp"

#include <algorithm>

#include "loop/json_values.hpp"
#include "loop/run_folder.hpp"
#include "loop/tally.hpp"

namespace quill::loop {

namespace {

constexpr std::int64_t kSpansMax = 10;

/// Mean of the candidates' rewards in iterations first..last, each iteration by what it offered.
std::optional<double> reward_mean(const std::vector<IterationMetrics>& iterations,
                                  std::int64_t first, std::int64_t last) {
  double sum = 0;
  std::int64_t count = 0;
  for (const IterationMetrics& one : iterations)
    if (one.iteration >= first && one.iteration <= last && one.reward_mean) {
      sum += *one.reward_mean * static_cast<double>(one.offered);
      count += one.offered;
    }
  return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

Analysis::Span span(const std::vector<IterationMetrics>& iterations, std::int64_t first,
                    std::int64_t last) {
  Analysis::Span found;
  found.first = first;
  found.last = last;
  for (const IterationMetrics& one : iterations)
    if (one.iteration >= first && one.iteration <= last) {
      found.asked += one.asked;
      found.kept += one.kept;
    }
  found.success_rate = success_rate(iterations, first, last).value_or(0);
  found.reward_mean = reward_mean(iterations, first, last);
  return found;
}

std::vector<Analysis::Span> over_time(const std::vector<IterationMetrics>& iterations) {
  std::vector<Analysis::Span> spans;
  const std::int64_t last = iterations.empty() ? 0 : iterations.back().iteration;
  const std::int64_t width = std::max<std::int64_t>(1, (last + kSpansMax - 1) / kSpansMax);
  for (std::int64_t first = 1; first <= last; first += width)
    spans.push_back(span(iterations, first, std::min(last, first + width - 1)));
  return spans;
}

} // namespace

void AnalyzeConfig::fields(FieldList& list) {
  list.add_positional("run", &run, "run folder; default data/stage1");
}

Analysis analysis_of(const RunFolder& folder) {
  Analysis analysis;
  analysis.source = folder.source;
  analysis.finished = folder.finished;
  analysis.totals = totals(folder.iterations, folder.examples);
  analysis.over_time = over_time(folder.iterations);
  std::copy_if(folder.iterations.begin(), folder.iterations.end(),
               std::back_inserter(analysis.iterations),
               [](const auto& one) { return one.iteration > 0; });
  return analysis;
}

Analysis analyze(const AnalyzeConfig& config) {
  return analysis_of(read_run_folder(config.run));
}

Json to_json(const Analysis& analysis) {
  Json value{{"format_version", kFormatVersion}, {"source", analysis.source.string()},
             {"finished", analysis.finished},    {"totals", to_json(analysis.totals)},
             {"over_time", Json::array()},       {"iterations", Json::array()}};
  for (const Analysis::Span& one : analysis.over_time)
    value["over_time"].push_back({{"first", one.first},
                                  {"last", one.last},
                                  {"asked", one.asked},
                                  {"kept", one.kept},
                                  {"success_rate", one.success_rate},
                                  {"reward_mean", number_or_null(one.reward_mean)}});
  for (const IterationMetrics& one : analysis.iterations)
    value["iterations"].push_back(to_json(one));
  return value;
}

} // namespace quill::loop
