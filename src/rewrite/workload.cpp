#include "quill/rewrite/workload.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "quill/rewrite/rule.hpp"
#include "quill/sql/index.hpp"
#include "rewrite/adviser.hpp"

namespace quill::rewrite {

namespace {

constexpr std::size_t kPerQuery = 8;    // index proposals taken of one query
constexpr std::size_t kCandidates = 40; // asked of the planner in each round
constexpr double kGainMin = 0.01;       // of all steps: less is not worth an index
constexpr double kEntrySteps = 12;      // VM steps of one more index entry, besides the search

/// One query with what it costs now.
struct Load {
  std::string text;
  double weight = 1;
  std::size_t number = 0;
  double steps = 0;
};

class Workload {
 public:
  Workload(const std::vector<WorkloadQuery>& queries, engine::Session& session,
           const WorkloadLimits& limits)
      : session_(session), limits_(limits), planner_(session) {
    run_.rows = 0;
    run_.result_mb = 0;
    run_.timeout_ms = limits.timeout_ms;
    for (std::size_t i = 0; i < queries.size(); ++i)
      add(queries[i], i);
  }

  WorkloadAdvice advise() {
    advice_.steps_before = total();
    while (advice_.indexes.size() < limits_.indexes && choose_next())
      drop_superfluous();
    advice_.steps_after = total();
    note_users();
    return std::move(advice_);
  }

 private:
  void add(const WorkloadQuery& query, std::size_t number) {
    const auto sample = session_.sample(query.text, run_);
    if (sample.status != engine::Status::ok) {
      advice_.left_out.push_back(number);
      return;
    }
    loads_.push_back({query.text, query.weight, number, static_cast<double>(sample.steps)});
    const auto subject = make_subject(query.text, session_);
    for (const auto& one : rewrite::advise(subject, planner_, kPerQuery))
      for (const auto& index : one.indexes)
        if (candidates_.size() < kCandidates && known_.insert(sql::index_shape(index)).second)
          candidates_.push_back(renamed(index));
  }

  /// Names are given anew: two queries may have asked for different indexes under one.
  std::string renamed(const std::string& create) {
    auto parsed = sql::parse_create_index(create);
    if (!parsed.ok())
      return create;
    auto index = std::move(parsed).value();
    const auto base = index.name;
    for (int i = 2; !names_.insert(index.name).second; ++i)
      index.name = base + "_" + std::to_string(i);
    return sql::print_create_index(index);
  }

  double total() const {
    double sum = 0;
    for (const auto& load : loads_)
      sum += load.weight * load.steps;
    return sum;
  }

  std::vector<std::string> with(const std::string& candidate) const {
    std::vector<std::string> all;
    for (const auto& index : advice_.indexes)
      all.push_back(index.create);
    if (!candidate.empty())
      all.push_back(candidate);
    return all;
  }

  bool choose_next() {
    double best_gain = kGainMin * advice_.steps_before;
    WorkloadIndex best;
    std::vector<double> best_steps;
    for (const auto& candidate : candidates_) {
      WorkloadIndex index;
      std::vector<double> steps;
      const double gain = try_index(candidate, index, steps);
      if (gain > best_gain) {
        best_gain = gain;
        best = std::move(index);
        best_steps = std::move(steps);
      }
    }
    if (best.create.empty())
      return false;
    for (std::size_t i = 0; i < loads_.size(); ++i)
      loads_[i].steps = best_steps[i];
    std::erase(candidates_, best.create);
    advice_.indexes.push_back(std::move(best));
    return true;
  }

  /// What the candidate saves beside those chosen, less what its entries cost; 0 when unused.
  double try_index(const std::string& candidate, WorkloadIndex& index, std::vector<double>& steps) {
    const auto parsed = sql::parse_create_index(candidate);
    if (!parsed.ok() || !is_used(candidate, parsed.value().name))
      return 0;
    const auto alone = session_.build_indexes({candidate}, run_);
    if (!alone.ok || (limits_.bytes > 0 && bytes() + alone.bytes > limits_.bytes))
      return 0;
    const auto rows = rows_of(parsed.value().table);
    index = {
        candidate, alone.bytes, alone.elapsed_ms, 1000 * alone.elapsed_ms / std::max(1.0, rows),
        0,         {}};
    if (!session_.build_indexes(with(candidate), run_).ok)
      return 0;
    double gain = 0;
    for (const auto& load : loads_) {
      const auto sample = session_.sample(load.text, run_, engine::Side::indexed);
      const bool ok = sample.status == engine::Status::ok;
      steps.push_back(ok ? static_cast<double>(sample.steps) : load.steps);
      gain += load.weight * (load.steps - steps.back());
    }
    index.saved_steps = gain;
    return gain - limits_.rows_written * (kEntrySteps + std::log2(std::max(2.0, rows)));
  }

  bool is_used(const std::string& candidate, const std::string& name) {
    return std::any_of(loads_.begin(), loads_.end(), [&](const Load& load) {
      const auto choice = planner_.choose(load.text, with(candidate));
      return choice.ok && std::count(choice.indexes_used.begin(), choice.indexes_used.end(), name);
    });
  }

  double rows_of(const std::string& table) const {
    const auto* known = session_.schema().table(table);
    return known != nullptr && known->rows ? static_cast<double>(*known->rows) : 1;
  }

  std::int64_t bytes() const {
    std::int64_t sum = 0;
    for (const auto& index : advice_.indexes)
      sum += index.bytes;
    return sum;
  }

  /// What no plan uses any more now that another one is there.
  void drop_superfluous() {
    note_users();
    std::erase_if(advice_.indexes,
                  [](const WorkloadIndex& index) { return index.queries.empty(); });
  }

  void note_users() {
    for (auto& index : advice_.indexes) {
      index.queries.clear();
      const auto parsed = sql::parse_create_index(index.create);
      for (const auto& load : loads_) {
        const auto choice = planner_.choose(load.text, with(""));
        if (parsed.ok() &&
            std::count(choice.indexes_used.begin(), choice.indexes_used.end(), parsed.value().name))
          index.queries.push_back(load.number);
      }
    }
  }

  engine::Session& session_;
  WorkloadLimits limits_;
  Planner planner_;
  engine::Limits run_;
  std::vector<Load> loads_;
  std::vector<std::string> candidates_;
  std::set<std::string> known_, names_;
  WorkloadAdvice advice_;
};

} // namespace

WorkloadAdvice advise_workload(const std::vector<WorkloadQuery>& queries, engine::Session& session,
                               const WorkloadLimits& limits) {
  return Workload(queries, session, limits).advise();
}

} // namespace quill::rewrite
