#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>

#include <fmt/format.h>

#include "optimize/artifacts.hpp"
#include "optimize/asking.hpp"
#include "optimize/batch_prep.hpp"
#include "optimize/mode.hpp"
#include "optimize/slots.hpp"
#include "optimize/step_record.hpp"
#include "optimize/workbench.hpp"
#include "quill/core/files.hpp"
#include "quill/core/thread_pool.hpp"

namespace quill::optimize {

namespace {

namespace fs = std::filesystem;

/// Slots are measured by the query whose time is nearest to this.
constexpr double kMeasuredMs = 100;
constexpr double kMeasuredMsMax = 1'000;
/// Analytical queries hash and sort much.
constexpr std::int64_t kMemoryMb = 2'048;
/// Their small databases have many tables.
constexpr std::int64_t kProofMs = 60'000;

/// A query's place at a slot, taken when it is judged.
class Seat {
 public:
  Seat(const QueryText& query, const OptimizeConfig& config, const Cancel& cancel)
      : query_(query), config_(config), cancel_(cancel) {}

  Workbench& bench(Slots& slots, const std::function<std::optional<Understanding>()>& known) {
    if (!bench_) {
      lease_ = slots.take();
      bench_ = std::make_unique<Workbench>(lease_->session(), config_, query_, cancel_, known());
    }
    return *bench_;
  }
  /// Others may have the slot.
  void leave() {
    bench_.reset();
    lease_.reset();
  }

 private:
  const QueryText& query_;
  const OptimizeConfig& config_;
  const Cancel& cancel_;
  std::unique_ptr<Slots::Lease> lease_; ///< outlives the bench
  std::unique_ptr<Workbench> bench_;
};

/// What all queries of a start share.
class Batch {
 public:
  Batch(const BatchPlace& at, const BatchConfig& config,
        const std::function<void(const BatchEvent&)>& on_query)
      : at_(at), config_(config), on_query_(on_query), state_(at.suite.state()),
        shard_(Shard::parse(config.shard)) {}

  BatchOutcome run() {
    prepare();
    collect();
    if (!config_.generate_only && !open_.empty())
      open_slots();
    in_parallel();
    out_.left = open_.size() - out_.done;
    if (at_.cancel.requested())
      out_.exit = at_.cancel.exit();
    return std::move(out_);
  }

 private:
  // ---- before ----

  void prepare() {
    const auto& ids = at_.suite.ids();
    const auto lacks = [&](std::size_t i) {
      return shard_.has(i) && !fs::exists(brief_file(at_.suite, state_, ids[i]));
    };
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (lacks(i)) {
        const PrepConfig prep{.explains = {},
                              .limits = config_.optimize.judge.limits(),
                              .temperature = config_.optimize.temperature};
        (void)prep_queries(at_, prep, lacks);
        return;
      }
  }

  void collect() {
    const auto& ids = at_.suite.ids();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!shard_.has(i))
        continue;
      if (fs::exists(answer_file(at_.suite, state_, ids[i])))
        ++out_.before;
      else
        open_.push_back(ids[i]);
    }
  }

  void open_slots() {
    std::vector<std::unique_ptr<engine::Session>> sessions;
    for (std::int64_t i = 0; i < config_.slots; ++i)
      sessions.push_back(at_.open_session());
    out_.slots.slots = config_.slots;
    if (config_.slots > 1 && config_.optimize.judge.measure == "time") {
      out_.slots = measured(*sessions[0], *sessions[1]);
      sessions.resize(static_cast<std::size_t>(out_.slots.slots));
      real_disk().write_atomic(at_.suite.state_folder(state_) / "slots.json",
                               dump_json(to_json(out_.slots), 2));
    }
    slots_ = std::make_unique<Slots>(std::move(sessions));
  }

  SlotMeasure measured(engine::Session& first, engine::Session& second) const {
    std::string chosen;
    double distance = 0;
    for (const std::string& id : at_.suite.ids()) {
      const auto known =
          read_explained(explain_file(explains_folder(at_.suite, state_), id), first.engine());
      if (!known || !known->ms || *known->ms > kMeasuredMsMax)
        continue;
      const double away = std::abs(std::log(std::max(*known->ms, 0.01) / kMeasuredMs));
      if (chosen.empty() || away < distance) {
        chosen = id;
        distance = away;
      }
    }
    if (chosen.empty())
      return {};
    return measure_slots(at_.suite.baseline(state_, chosen), first, second,
                         config_.optimize.judge.limits());
  }

  // ---- all queries ----

  /// With a model as many queries are under way as it answers at once; each waits for a slot when
  /// it is judged.
  void in_parallel() {
    if (open_.empty())
      return;
    const auto by_model = at_.model.there() ? at_.model.concurrency : 1;
    const auto threads = std::clamp<std::int64_t>(std::max(by_model, out_.slots.slots), 1,
                                                  static_cast<std::int64_t>(open_.size()));
    ThreadPool pool(static_cast<std::size_t>(threads));
    std::vector<std::future<void>> ends;
    for (const std::string& id : open_)
      ends.push_back(pool.submit([this, &id] { run_unless_stopped(id); }));
    for (auto& end : ends)
      end.get();
  }

  void run_unless_stopped(const std::string& id) {
    if (is_stopped())
      return;
    try {
      run_query(id);
    } catch (const Error& error) {
      stop(error.exit(), error.what());
    }
  }

  bool is_stopped() {
    const std::lock_guard lock(mutex_);
    return out_.exit != Exit::ok || at_.cancel.requested();
  }

  void stop(Exit exit, const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (out_.exit == Exit::ok) {
      out_.exit = exit;
      out_.why = why;
    }
  }

  // ---- one query ----

  void run_query(const std::string& id) {
    const auto query = at_.suite.baseline(state_, id);
    const Artifacts artifacts(at_.suite.query_folder(state_, id));
    std::unique_ptr<Prompts> prompts;
    if (at_.model.there())
      prompts = std::make_unique<Prompts>(at_.prompt_file, read_brief(at_.suite, state_, id));
    const auto mode = make_batch_mode(config_.optimize, prompts.get());
    auto standing = standing_of(*mode, read_steps(steps_file(at_.suite, state_, id)));
    Seat seat(query, config_.optimize, at_.cancel);
    while (!standing.open.empty()) {
      std::vector<Step> answered;
      if (const auto asks = asks_of_model(standing.open); !asks.empty()) {
        seat.leave();
        answered = ask(asks, standing.steps, artifacts, id);
      }
      if (config_.generate_only || is_stopped() || !sits(seat, id))
        return;
      judge(bench(seat, id), standing, std::move(answered), artifacts, id);
      if (is_stopped())
        return;
      standing = standing_of(*mode, standing.steps);
    }
    if (!config_.generate_only && sits(seat, id))
      finish(bench(seat, id), std::move(standing.steps), artifacts);
  }

  /// False when the engine refuses the query: that is then its answer.
  bool sits(Seat& seat, const std::string& id) {
    try {
      (void)bench(seat, id);
      return true;
    } catch (const Error& error) {
      if (error.exit() != Exit::usage || at_.cancel.requested())
        throw;
      refuse_query(id, error.what());
      return false;
    }
  }

  Workbench& bench(Seat& seat, const std::string& id) const {
    return seat.bench(*slots_, [&] { return known(id); });
  }

  /// What is on the tape is not asked again; the rest is on it before anybody reads it.
  std::vector<Step> ask(const std::vector<Ask>& asks, const std::vector<Step>& steps,
                        const Artifacts& artifacts, const std::string& id) {
    write_steps(steps_file(at_.suite, state_, id), steps); // it has begun
    for (const Ask& ask : asks)
      artifacts.prompt(ask);
    auto answered = ask_all(asks, at_.model, config_.optimize.temperature, at_.cancel);
    for (const Step& step : answered.steps)
      artifacts.answer(step);
    const std::lock_guard lock(mutex_);
    out_.generated += answered.steps.size();
    if (answered.exit != Exit::ok && out_.exit == Exit::ok) {
      out_.exit = answered.exit;
      out_.why = answered.why;
    }
    return std::move(answered.steps);
  }

  std::optional<Understanding> known(const std::string& id) const {
    const auto engine = at_.suite.header().engine;
    auto explained = read_explained(explain_file(explains_folder(at_.suite, state_), id), engine);
    return explained ? std::optional(std::move(explained->understanding)) : std::nullopt;
  }

  void judge(Workbench& bench, Standing& standing, std::vector<Step> answered,
             const Artifacts& artifacts, const std::string& id) {
    for (Step& step : answered)
      take(bench, standing.steps, std::move(step), artifacts, id);
    for (const Ask& ask : standing.open)
      if (ask.role == Role::rules && !is_stopped())
        take(bench, standing.steps, bench.by_rules(ask, standing.steps), artifacts, id);
  }

  /// A verdict is on disk before the next candidate is judged.
  void take(Workbench& bench, std::vector<Step>& steps, Step step, const Artifacts& artifacts,
            const std::string& id) {
    if (step.candidate && !at_.cancel.requested())
      step.judged = bench.judge(*step.candidate);
    if (at_.cancel.requested())
      return; // what the judge says of a run that was cut short is not known
    artifacts.answer(step);
    artifacts.verdict(step);
    steps.push_back(std::move(step));
    write_steps(steps_file(at_.suite, state_, id), steps);
  }

  void finish(Workbench& bench, std::vector<Step> steps, const Artifacts& artifacts) {
    Answer answer = bench.answer(std::move(steps));
    const auto shape = bench.shape();
    if (at_.cancel.requested())
      return;
    answer.folder = artifacts.folder();
    const auto now = at_.clock.utc();
    Journal(learnings_file(at_.suite, state_, answer.name))
        .add(learning_of(answer, engine::to_string(at_.suite.header().engine), shape, now));
    artifacts.finish(answer, now); // answer.json last: then it is done
    done(answer);
  }

  /// The engine refuses the query: that is its answer.
  void refuse_query(const std::string& id, const std::string& why) {
    Answer answer;
    answer.name = id;
    answer.engine = std::string(engine::to_string(at_.suite.header().engine));
    answer.status = Status::error;
    answer.before = answer.after = at_.suite.baseline(state_, id).text;
    answer.verdict = "unknown";
    answer.reason = why;
    const Artifacts artifacts(at_.suite.query_folder(state_, id));
    artifacts.finish(answer, at_.clock.utc());
    done(answer);
  }

  void done(const Answer& answer) {
    const std::lock_guard lock(mutex_);
    ++out_.done;
    if (!on_query_)
      return;
    const Step* best = best_of(answer.steps);
    on_query_({.id = answer.name,
               .status = answer.status,
               .speedup = answer.speedup_with_indexes
                              ? std::max(answer.speedup, answer.speedup_with_indexes)
                              : answer.speedup,
               .by = best != nullptr ? best->ask.name : "",
               .reason = answer.reason,
               .done = out_.before + out_.done,
               .of = out_.before + open_.size()});
  }

  const BatchPlace& at_;
  const BatchConfig& config_;
  const std::function<void(const BatchEvent&)>& on_query_;
  int state_;
  Shard shard_;
  std::vector<std::string> open_; ///< ids without an answer
  std::unique_ptr<Slots> slots_;  ///< null when nothing is judged
  std::mutex mutex_;
  BatchOutcome out_;
};

} // namespace

Shard Shard::parse(const std::string& text) {
  Shard out;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, out.index);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, out.count) : first;
  const bool whole = slash && second.ec == std::errc() && second.ptr == end && out.index >= 1 &&
                     out.index <= out.count;
  if (!whole)
    throw Error{Exit::usage,
                {.what = fmt::format("\"{}\" is no shard", text),
                 .where = "--shard",
                 .fix = "write part/parts, such as 1/4, 2/4, 3/4 and 4/4"}};
  return out;
}

BatchConfig::BatchConfig() {
  optimize.mode = "swarm";
  optimize.no_artifacts = true;
  optimize.judge.memory_mb = kMemoryMb;
  optimize.judge.proof_ms = kProofMs;
}

void BatchConfig::fields(FieldList& list) {
  list.add("generate_only", &generate_only,
           "ask the model what is due next and stop: a later run judges");
  list.add("shard", &shard, "part of the queries to run: 2/4 is every fourth, from the second");
  list.add("slots", &slots,
           "sessions that take time at once; two are measured first, and one is used when they "
           "disturb each other")
      .range(1, 2);
  list.add("max_iterations", &optimize.max_iterations,
           "1: fan-out; 2: and a snipe; 3: and an analyst with one last worker")
      .range(1, 3);
  list.add("target_speedup", &optimize.target_speedup, "a query is left alone when this is proven")
      .at_least(1);
  list.add("temperature", &optimize.temperature, "how freely the model writes").range(0, 2);
  list.add("seed", &optimize.seed, "seed of the rules' draws").at_least(0);
  optimize.judge.run_fields(list);
}

BatchOutcome run_batch(const BatchPlace& at, const BatchConfig& config,
                       const std::function<void(const BatchEvent&)>& on_query) {
  make_folder(at.suite.state_folder(at.suite.state()));
  return Batch(at, config, on_query).run();
}

} // namespace quill::optimize
