#include "quill/judge/calibrate.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judge/pair_clock.hpp"
#include "judge/statistics.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/random.hpp"

namespace quill::judge {

namespace {

/// No machine of today reads fewer than one row in so much time.
constexpr double kRowsPerMs = 15'000;
constexpr double kRowsMax = 30'000'000;
constexpr int kWarmRuns = 7;
constexpr int kWorkerRuns = 301;

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string numbers_script(std::int64_t rows) {
  return fmt::format(
      "CREATE TABLE n(id INTEGER PRIMARY KEY, x INTEGER NOT NULL);\n"
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {})\n"
      "INSERT INTO n SELECT i, i * 7919 % 10007 FROM c;\n",
      rows);
}

std::string query_of(std::int64_t rows) {
  return fmt::format("SELECT count(*), sum(x * 3 % 17) FROM n WHERE id <= {}", rows);
}

/// Time of a query = fixed + rows * per_row, in ms.
struct Speed {
  double fixed = 0, per_row = 0;
  [[nodiscard]] std::int64_t rows_in(double ms) const {
    return std::max<std::int64_t>(std::llround((ms - fixed) / per_row), 1);
  }
};

class Trials {
 public:
  Trials(const CalibrateConfig& config, const Clock& clock, const Cancel& cancel)
      : config_(config), clock_(clock), cancel_(cancel),
        rows_(static_cast<std::int64_t>(
            std::min(config.longest_ms * config.slower * kRowsPerMs + 10'000, kRowsMax))),
        session_(engine::open_sqlite_script(numbers_script(rows_), &cancel)),
        random_(static_cast<std::uint64_t>(config.seed)) {
    out_.engine = session_->version();
    out_.clock = "wall";
    for (const char* timing : {"3run", "trimmed5", "sequential"})
      if (config.timing == timing || config.timing == "all")
        out_.timings.push_back({.timing = timing});
    noises_.resize(out_.timings.size());
    spent_.resize(out_.timings.size());
  }

  Calibration run(const std::function<void(std::int64_t)>& on_trial) {
    speed_ = measured_speed();
    out_.worker_ms = measured_worker_ms();
    for (std::int64_t done = 0; done < config_.trials && !cancel_.requested(); ++done) {
      const double ms = random_length();
      for (std::size_t way = 0; way < out_.timings.size(); ++way)
        try_against_both(way, ms);
      on_trial(done + 1);
    }
    for (std::size_t way = 0; way < out_.timings.size(); ++way) {
      out_.timings[way].noise = median(noises_[way]);
      const auto trials = static_cast<double>(out_.timings[way].false_calls.trials);
      out_.timings[way].runs = trials > 0 ? spent_[way] / trials : 0;
    }
    return std::move(out_);
  }

 private:
  static engine::Limits limits() {
    engine::Limits out;
    out.timeout_ms = 600'000;
    return out;
  }

  double fastest(std::int64_t rows) {
    double least = INFINITY;
    for (int i = 0; i < kWarmRuns; ++i) {
      const auto sample = session_->sample(query_of(rows), limits(), engine::Side::base, 2);
      if (sample.status != engine::Status::ok)
        throw Error{Exit::usage,
                    {"the query that calibrates the clock fails: " + sample.message,
                     "quill calibrate", "try a shorter --longest-ms"}};
      least = std::min(least, sample.cpu_ms > 0 ? sample.cpu_ms : sample.elapsed_ms);
    }
    return least;
  }

  Speed measured_speed() {
    const std::int64_t few = 500;
    const std::int64_t many = 10'000;
    const double short_ms = fastest(few);
    const double per_row =
        std::max((fastest(many) - short_ms) / static_cast<double>(many - few), 1e-7);
    return {.fixed = std::max(short_ms - static_cast<double>(few) * per_row, 0.0),
            .per_row = per_row};
  }

  /// What an exchange with a warm worker takes beside what SQLite spends on the statement.
  double measured_worker_ms() {
    std::vector<double> costs;
    for (int i = 0; i < kWorkerRuns; ++i) {
      const double start_ms = clock_.now_ms();
      const auto run = session_->run(query_of(10), limits());
      costs.push_back(clock_.now_ms() - start_ms - run.elapsed_ms);
    }
    return median(costs);
  }

  double random_length() {
    const double low = std::log(config_.shortest_us / 1000);
    const double high = std::log(config_.longest_ms);
    return std::exp(low + random_.uniform() * (high - low));
  }

  /// nullopt when it was cut short.
  std::optional<Clocked> timed(const std::string& timing, double before_ms, double after_ms,
                               double* spent = nullptr) {
    JudgeConfig config;
    config.timing = timing;
    config.timeout_ms = 600'000;
    PairClock clock(*session_, Pace::of(config));
    (void)clock.start_before({query_of(speed_.rows_in(before_ms)), engine::Side::base});
    (void)clock.start_after({query_of(speed_.rows_in(after_ms)), engine::Side::base});
    const auto clocked = clock.finish(config.min_speedup);
    if (spent != nullptr)
      *spent = clock.engine_ms() / (before_ms + after_ms);
    return cancel_.requested() ? std::nullopt : clocked;
  }

  void try_against_both(std::size_t way, double ms) {
    Calibrated& result = out_.timings[way];
    double spent = 0;
    const auto itself = timed(result.timing, ms, ms, &spent);
    const auto slower = timed(result.timing, ms * config_.slower, ms);
    if (!itself || !slower)
      return;
    count(result.false_bare, itself->speedup.ratio >= kCalledFaster);
    count(result.false_calls, is_called(*itself));
    count(result.found, is_called(*slower));
    noises_[way].push_back(itself->speedup.noise);
    spent_[way] += spent;
    if (itself->of_processor)
      out_.clock = "processor";
  }

  static bool is_called(const Clocked& clocked) {
    return clocked.speedup.significant() && clocked.speedup.ratio >= kCalledFaster;
  }
  static void count(Share& share, bool it_is) {
    share.count += it_is ? 1 : 0;
    ++share.trials;
  }

  const CalibrateConfig& config_;
  const Clock& clock_;
  const Cancel& cancel_;
  std::int64_t rows_;
  std::unique_ptr<engine::Session> session_;
  Rng random_;
  Speed speed_;
  Calibration out_;
  std::vector<std::vector<double>> noises_;
  std::vector<double> spent_;
};

Json share_json(const Share& share) {
  return {{"count", share.count},
          {"trials", share.trials},
          {"share", share.share()},
          {"at_most_95", share.at_most()},
          {"at_least_95", share.at_least()}};
}

} // namespace

void CalibrateConfig::fields(FieldList& list) {
  list.add("trials", &trials, "queries tried, each against itself and against a slower one")
      .range(1, 1'000'000);
  list.add("timing", &timing, "the way of timing")
      .one_of({"3run", "trimmed5", "sequential", "all"});
  list.add("slower", &slower, "how much slower the slower one is").range(1.01, 100);
  list.add("shortest_us", &shortest_us, "the shortest query").in("us").range(20, 1e6);
  list.add("longest_ms", &longest_ms, "the longest query").in("ms").range(0.05, 1000);
  list.add("seed", &seed, "seed of the queries' lengths").at_least(0);
}

void CalibrateConfig::check() const {
  if (shortest_us / 1000 > longest_ms)
    throw Error{Exit::usage,
                {.what = fmt::format("the shortest query, {} us, is longer than the longest, {} ms",
                                     shortest_us, longest_ms),
                 .where = "--shortest-us, --longest-ms",
                 .fix = "give a shorter one, or a longer one"}};
}

double Share::share() const {
  return trials > 0 ? static_cast<double>(count) / static_cast<double>(trials) : 0;
}
double Share::at_most() const {
  return share_at_most(count, trials);
}
double Share::at_least() const {
  return share_at_least(count, trials);
}

bool Calibration::keeps() const {
  return std::all_of(timings.begin(), timings.end(),
                     [](const Calibrated& each) { return each.keeps(); });
}

Json to_json(const Calibration& calibration, const CalibrateConfig& config) {
  Json out{{"format_version", kFormatVersion}, {"engine", calibration.engine},
           {"clock", calibration.clock},       {"worker_ms", calibration.worker_ms},
           {"slower", config.slower},          {"shortest_us", config.shortest_us},
           {"longest_ms", config.longest_ms},  {"called_at", kCalledFaster},
           {"keeps", calibration.keeps()}};
  Json timings = Json::array();
  for (const Calibrated& each : calibration.timings)
    timings.push_back({{"timing", each.timing},
                       {"against_itself", share_json(each.false_calls)},
                       {"against_itself_without_noise", share_json(each.false_bare)},
                       {"against_slower", share_json(each.found)},
                       {"noise", each.noise},
                       {"runs", each.runs},
                       {"keeps", each.keeps()}});
  out["timings"] = std::move(timings);
  return out;
}

Calibration calibrate(const CalibrateConfig& config, const Clock& clock, const Cancel& cancel,
                      const std::function<void(std::int64_t)>& on_trial) {
  return Trials(config, clock, cancel).run(on_trial);
}

} // namespace quill::judge
