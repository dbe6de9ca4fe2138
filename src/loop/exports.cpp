#include "loop/exports.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace quill::loop {

namespace {

std::string document(const Json& value) {
  return dump_json(value, 1) + "\n";
}

Json examples_json(const std::vector<Example>& examples) {
  Json list = Json::array();
  for (const Example& example : examples)
    list.push_back(to_json(example));
  return list;
}

std::string checkpoint_document(std::int64_t last, const Totals& totals,
                                const std::vector<Example>& examples) {
  return document(Json{{"format_version", kFormatVersion},
                       {"iteration", last},
                       {"totals", to_json(totals)},
                       {"examples", examples_json(examples)}});
}

std::int64_t iterations_done(const RunState& state) {
  return state.iterations.empty() ? 0 : state.iterations.back().iteration;
}

} // namespace

std::string training_data_bytes(const std::vector<Example>& examples) {
  return document(examples_json(examples));
}

std::string metrics_bytes(const RunState& state) {
  Json value{{"format_version", kFormatVersion},
             {"settings", state.settings},
             {"iterations_wanted", state.iterations_wanted},
             {"finished", state.finished},
             {"totals", to_json(totals(state.iterations, state.examples, state.diversity))},
             {"seeds", nullptr},
             {"iterations", Json::array()}};
  for (const IterationMetrics& one : state.iterations)
    if (one.iteration == 0)
      value["seeds"] = to_json(one);
    else
      value["iterations"].push_back(to_json(one));
  return document(value);
}

std::string checkpoint_bytes(const RunState& state, std::int64_t last) {
  if (last >= iterations_done(state))
    return checkpoint_document(last, totals(state.iterations, state.examples, state.diversity),
                               state.examples);
  std::vector<IterationMetrics> iterations;
  std::copy_if(state.iterations.begin(), state.iterations.end(), std::back_inserter(iterations),
               [&](const auto& one) { return one.iteration <= last; });
  std::vector<Example> examples;
  std::copy_if(state.examples.begin(), state.examples.end(), std::back_inserter(examples),
               [&](const auto& one) { return one.iteration <= last; });
  return checkpoint_document(last, totals(iterations, examples), examples);
}

std::string checkpoint_name(std::int64_t iteration) {
  return fmt::format("checkpoint_{}.json", iteration);
}

std::vector<std::int64_t> checkpoints_due(const RunState& state, std::int64_t every) {
  std::vector<std::int64_t> due;
  const std::int64_t last = iterations_done(state);
  for (std::int64_t iteration = every; iteration <= last; iteration += every)
    due.push_back(iteration);
  if (state.finished && last > 0 && (due.empty() || due.back() != last))
    due.push_back(last);
  return due;
}

} // namespace quill::loop
