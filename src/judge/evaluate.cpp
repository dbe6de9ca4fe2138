#include "quill/judge/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "judge/cached_prover.hpp"
#include "judge/outline.hpp"
#include "judge/pair_clock.hpp"
#include "judge/rows.hpp"
#include "judge/scaled_down.hpp"
#include "judge/screen.hpp"
#include "quill/core/log.hpp"
#include "quill/judge/readability.hpp"

namespace quill::judge {

/// Runs of a statement that need not be repeated for the next candidate.
struct KnownBefore {
  std::string statement;
  std::vector<engine::Sample> samples; ///< the first one always
};

namespace {

using engine::Sample;
using engine::Status;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

std::string told(std::string_view side, const Sample& sample) {
  auto out = fmt::format("{}: {}", side, engine::to_string(sample.status));
  if (sample.cause != engine::Cause::none)
    out += fmt::format(" ({})", engine::to_string(sample.cause));
  return sample.message.empty() ? out : out + ": " + sample.message;
}

/// What a pair is judged with.
struct Tools {
  engine::Session& session;
  const JudgeConfig& config;
  CachedProver& prover;
  const Cancel* cancel;
  const OpinionFunction& opinion;
  KnownBefore& known_before;
};

/// Rows of a table to try a query on that does not end on all of them; each is made of the one
/// before.
constexpr std::array<std::int64_t, 5> kRowsPerTable{16'384, 4'096, 1'024, 256, 64};
/// A statement this long is not timed again for each candidate.
constexpr double kLongMs = 2'000;
/// What any `after` may take, however fast before is.
constexpr std::int64_t kFreeMs = 1'000, kFreeSteps = 1'000'000;
/// On so few rows a query has this part of its time.
constexpr std::int64_t kSmallPart = 4;

/// One pair on its way to a verdict. Each step returns false when the verdict stands.
class Trial {
 public:
  Trial(const Tools& tools, const sql::Pair& pair)
      : session_(tools.session), config_(tools.config), prover_(tools.prover),
        cancel_(tools.cancel), opinion_(tools.opinion), known_(tools.known_before), pair_(pair),
        pace_(Pace::of(config_)), clock_(session_, pace_), outline_(outline(pair.before)) {
    verdict_.id = pair.id;
    verdict_.indexes = pair.indexes;
    verdict_.engine = session_.version();
    verdict_.measure = config_.measure;
    verdict_.trust = config_.trust;
  }

  Verdict judge() {
    if (runs_before() && builds_indexes() && runs_after() && gives_same_rows() && is_proved() &&
        leaves_no_trace() && is_timed())
      weigh();
    verdict_.engine_ms += pace_.measure == Measure::time ? clock_.engine_ms() : 0;
    return std::move(verdict_);
  }

 private:
  // ---- does it run? ----

  /// One that does not end is not given up: it may end on fewer rows.
  bool runs_before() {
    if (is_blank(pair_.before))
      return before_failed("before holds no statement");
    const bool known = known_.statement == pair_.before;
    const auto& sample = known ? clock_.recall_before({pair_.before, {}}, known_.samples)
                               : clock_.start_before({pair_.before, {}});
    verdict_.rows = sample.row_count;
    verdict_.before_reads = sample.tables_read;
    timed_out_ = sample.status == Status::timeout;
    if (timed_out_) {
      known_ = {pair_.before, {sample}};
      verdict_.status = PairStatus::timeout;
      verdict_.reason = told("before", sample);
    }
    return timed_out_ || sample.status == Status::ok || before_failed(told("before", sample));
  }

  bool builds_indexes() {
    if (pair_.indexes.empty())
      return true;
    if (auto reason = why_not_built(pair_.indexes, session_.schema()); !reason.empty())
      return after_failed(PairStatus::blocked, "index: " + reason);
    program_ = session_.program(pair_.before);
    const auto build = session_.build_indexes(pair_.indexes, pace_.limits);
    if (pace_.measure == Measure::time) {
      verdict_.index_build_ms = build.elapsed_ms;
      verdict_.copy_ms = build.copy_ms;
    }
    return build.ok || after_failed(PairStatus::after_failed, "index: " + build.message);
  }

  /// A pair whose after only brings indexes keeps before's statement.
  [[nodiscard]] const std::string& after_sql() const {
    return is_blank(pair_.after) && !pair_.indexes.empty() ? pair_.before : pair_.after;
  }

  [[nodiscard]] Statement after_statement() const {
    return {after_sql(), pair_.indexes.empty() ? engine::Side::base : engine::Side::indexed};
  }

  bool runs_after() {
    if (is_blank(after_sql()))
      return after_failed(PairStatus::after_failed, "after holds no statement");
    const auto& sample = clock_.start_after(after_statement(), after_limits());
    verdict_.after_reads = sample.tables_read;
    return sample.status == Status::ok || after_fails(sample);
  }

  /// As config_.slowest_after says; what before took is known unless it timed out.
  [[nodiscard]] engine::Limits after_limits() const {
    auto limits = pace_.limits;
    if (config_.slowest_after == 0 || timed_out_)
      return limits;
    const Sample& before = clock_.before();
    if (pace_.measure == Measure::steps)
      limits.steps = std::min(
          limits.steps, kFreeSteps + std::int64_t{std::llround(config_.slowest_after *
                                                               static_cast<double>(before.steps))});
    else
      limits.timeout_ms = std::min<std::int64_t>(
          limits.timeout_ms, std::llround(config_.slowest_after * before.elapsed_ms) + kFreeMs);
    return limits;
  }

  bool after_fails(const Sample& sample) {
    const auto status = sample.status == Status::timeout   ? PairStatus::timeout
                        : sample.status == Status::blocked ? PairStatus::blocked
                                                           : PairStatus::after_failed;
    return after_failed(status, told("after", sample));
  }

  /// Nobody's candidate is to blame: there is no reward to give.
  bool before_failed(std::string reason) {
    verdict_.status = PairStatus::before_failed;
    verdict_.reason = std::move(reason);
    return false;
  }

  /// A candidate that does not run to its end is worth nothing.
  bool after_failed(PairStatus status, std::string reason) {
    verdict_.status = status;
    verdict_.reason = std::move(reason);
    verdict_.reward = 0;
    return false;
  }

  // ---- are the rows the same? ----

  bool gives_same_rows() {
    if (timed_out_)
      return gives_same_rows_scaled_down();
    auto finding = found(session_, clock_);
    return decide(finding.sameness, std::move(finding.reason));
  }

  /// Both first runs of `clock` ended on `session`.
  RowFinding found(engine::Session& session, const PairClock& clock) {
    if (auto reason = why_untellable(); !reason.empty())
      return {.sameness = Sameness::unknown, .reason = std::move(reason)};
    auto finding = compared(session, clock);
    if (pace_.measure == Measure::time)
      verdict_.engine_ms += finding.engine_ms;
    if (finding.sameness != Sameness::same)
      return finding;
    auto doubt = why_doubtful({.before = pair_.before,
                               .after = after_sql(),
                               .before_sample = clock.before(),
                               .after_sample = clock.after(),
                               .needs = pair_.needs});
    if (!doubt.empty())
      return {.sameness = Sameness::unknown, .reason = std::move(doubt)};
    return finding;
  }

  /// What no comparison can tell at all.
  [[nodiscard]] std::string why_untellable() const {
    if (!outline_.volatile_call.empty())
      return fmt::format("before calls {}, which gives another answer each time",
                         outline_.volatile_call);
    if (const auto call = outline(after_sql()).volatile_call; !call.empty())
      return fmt::format("after calls {}, which gives another answer each time", call);
    return "";
  }

  RowFinding compared(engine::Session& session, const PairClock& clock) const {
    if (digests_agree(clock))
      return {.sameness = Sameness::same,
              .reason = outline_.limited && !outline_.ordered
                            ? "LIMIT without ORDER BY: the same rows as the engine happens to give"
                            : ""};
    return compare_rows(session, {.before = {pair_.before, engine::Side::base},
                                  .after = after_statement(),
                                  .before_sample = clock.before(),
                                  .after_sample = clock.after(),
                                  .needs = pair_.needs,
                                  .outline = outline_,
                                  .limits = pace_.limits});
  }

  /// The timed runs hashed all their rows: when the hashes agree no further run is needed.
  [[nodiscard]] bool digests_agree(const PairClock& clock) const {
    const Sample& before = clock.before();
    const Sample& after = clock.after();
    if (before.columns.size() != after.columns.size() || before.row_count != after.row_count)
      return false;
    const auto& b = outline_.ordered ? before.digest.list : before.digest.bag;
    const auto& a = outline_.ordered ? after.digest.list : after.digest.bag;
    return b[0] == a[0] && b[1] == a[1];
  }

  bool decide(Sameness sameness, std::string reason) {
    if (!timed_out_ || sameness != Sameness::same)
      verdict_.reason = std::move(reason);
    if (sameness == Sameness::unknown)
      return false;
    verdict_.correct = sameness == Sameness::same;
    verdict_.verdict = sameness == Sameness::same ? "same" : "different";
    if (sameness == Sameness::different)
      verdict_.reward = 0;
    return sameness == Sameness::same;
  }

  // ---- before did not end: on fewer rows ----

  bool gives_same_rows_scaled_down() {
    auto pace = pace_;
    pace.limits.timeout_ms = std::max<std::int64_t>(pace.limits.timeout_ms / kSmallPart, 1);
    pace.limits.steps /= kSmallPart;
    auto small = small_enough(pace);
    if (!small)
      return decide(Sameness::unknown, verdict_.reason + "; " + small.failure().what);
    engine::Session& session = *small.value().session;
    PairClock clock(session, pace);
    auto finding = small_finding(session, clock);
    verdict_.scaled_down = {.rows = small.value().rows,
                            .answer_rows = clock.before().row_count,
                            .of_share = share_of_rows(small.value().rows)};
    return decide(finding.sameness, fmt::format("{}; on {} rows: {}", verdict_.reason,
                                                small.value().rows, finding.reason));
  }

  /// The largest of a few small databases on which before ends.
  Result<SmallDatabase> small_enough(const Pace& pace) {
    std::optional<SmallDatabase> small;
    for (const std::int64_t rows : kRowsPerTable) {
      const bool from_last = small && session_.engine() == engine::Engine::sqlite;
      auto next = scaled_down(from_last ? *small->session : session_, rows, pace_.limits,
                              config_.server, cancel_);
      if (!next)
        return Failure{"no smaller database could be made: " + next.failure().what};
      small = std::move(next).value();
      PairClock clock(*small->session, pace);
      const auto& sample = clock.start_before({pair_.before, engine::Side::base});
      if (sample.status == Status::ok)
        return std::move(*small);
      if (sample.status != Status::timeout)
        return Failure{fmt::format("on {} rows {}", small->rows, told("before", sample))};
    }
    return Failure{fmt::format("it does not end on {} rows either", small->rows)};
  }

  RowFinding small_finding(engine::Session& session, PairClock& clock) {
    const auto unknown = [](std::string reason) {
      return RowFinding{.sameness = Sameness::unknown, .reason = std::move(reason)};
    };
    const auto& before = clock.start_before({pair_.before, engine::Side::base});
    if (before.status != Status::ok)
      return unknown(told("before", before));
    if (!pair_.indexes.empty())
      if (const auto build = session.build_indexes(pair_.indexes, pace_.limits); !build.ok)
        return unknown("index: " + build.message);
    const auto& after = clock.start_after(after_statement());
    if (after.status != Status::ok)
      return unknown(told("after", after));
    if (before.row_count == 0 && after.row_count == 0)
      return unknown("an empty answer proves nothing");
    return found(session, clock);
  }

  [[nodiscard]] std::optional<double> share_of_rows(std::int64_t rows) {
    double all = 0;
    for (const auto& table : session_.schema().tables) {
      if (!table.rows)
        return std::nullopt;
      all += static_cast<double>(*table.rows);
    }
    return all > 0 ? std::optional(static_cast<double>(rows) / all) : std::nullopt;
  }

  // ---- on every other database? ----

  /// What is not proved is not worth anything yet: the verdict is `unknown`, without a reward.
  bool is_proved() {
    if (!config_.proves())
      return true;
    auto pair = pair_;
    pair.after = after_sql();
    verdict_.proof = prover_.proof_of(pair, session_.schema());
    const Proof& proof = *verdict_.proof;
    if (proof.verdict == "same")
      return true;
    verdict_.correct.reset();
    verdict_.verdict = "unknown";
    if (proof.verdict == "different")
      return decide(Sameness::different, "on a small database: " + proof.reason);
    return decide(Sameness::unknown, "not proved: " + proof.reason);
  }

  /// The database's own side has no index that it had not: its statements still compile to the same
  /// program, which holds the schema's version.
  bool leaves_no_trace() {
    if (pair_.indexes.empty() || session_.program(pair_.before) == program_)
      return true;
    verdict_.correct.reset();
    verdict_.verdict = "unknown";
    return decide(Sameness::unknown, "the database's schema changed while the pair was judged");
  }

  // ---- how much faster? ----

  bool is_timed() {
    const auto clocked =
        timed_out_ ? clock_.finish_after(limit()) : clock_.finish(config_.min_speedup);
    if (!clocked)
      return troubled();
    if (clock_.before().elapsed_ms >= kLongMs && pace_.timing != Timing::sequential)
      known_ = {pair_.before, clock_.before_samples()};
    const bool steps = pace_.measure == Measure::steps;
    if (!timed_out_)
      (steps ? verdict_.before_steps : verdict_.before_ms) = clocked->before;
    (steps ? verdict_.after_steps : verdict_.after_ms) = clocked->after;
    verdict_.speedup = clocked->speedup.ratio;
    verdict_.noise = clocked->speedup.noise;
    verdict_.significant = clocked->speedup.significant();
    if (!steps) {
      verdict_.timing = config_.timing;
      verdict_.clock = clocked->of_processor ? "processor" : "wall";
      verdict_.blocks = clocked->blocks;
    }
    return true;
  }

  /// What before took at least when it timed out, in the measure's unit.
  [[nodiscard]] double limit() const {
    return static_cast<double>(pace_.measure == Measure::steps ? pace_.limits.steps
                                                               : pace_.limits.timeout_ms);
  }

  /// A later run ended otherwise than the first: what the first said is withdrawn.
  bool troubled() {
    const auto& trouble = clock_.trouble();
    verdict_.correct.reset();
    verdict_.verdict = "unknown";
    const auto side = trouble.of_before ? "before" : "after";
    if (trouble.sample.status == Status::ok) {
      verdict_.reason = fmt::format("{} gives other rows each time it runs", side);
      return false;
    }
    if (!trouble.of_before)
      return after_fails(trouble.sample);
    if (trouble.sample.status != Status::timeout)
      return before_failed(told(side, trouble.sample));
    verdict_.status = PairStatus::timeout;
    verdict_.reason = told(side, trouble.sample);
    return false;
  }

  // ---- what is it worth? ----

  void weigh() {
    judge_readability();
    const double worth =
        timed_out_ ? std::min(*verdict_.speedup, kTimedOutSpeedupMax) : *verdict_.speedup;
    verdict_.reward = reward_of(worth, verdict_.readability.value_or(0), config_.scheme());
    verdict_.kept =
        is_kept({.correct = true,
                 .significant = verdict_.significant,
                 .speedup = *verdict_.speedup,
                 .reward = *verdict_.reward},
                {.min_speedup = config_.min_speedup, .threshold = config_.threshold_in_force()});
  }

  void judge_readability() {
    if (config_.readability == "off")
      return;
    verdict_.readability = offline_readability(pair_.before, after_sql(), session_.grammar()).score;
    verdict_.readability_by = "offline";
    const bool may_be_kept =
        verdict_.significant && *verdict_.speedup >= config_.min_speedup; // whatever is said
    if (config_.readability == "llm" && may_be_kept && after_sql() != pair_.before)
      ask_model();
  }

  /// Without an answer the offline judge's stands: a judge that is down is no zero.
  void ask_model() {
    const ModelOpinion opinion = opinion_(pair_.before, after_sql());
    verdict_.judge_usage = opinion.usage;
    if (!opinion.readability) {
      log_warn(fmt::format("the model gave no opinion on the readability of \"{}\": {}; measured "
                           "instead",
                           pair_.id, opinion.why_not));
      return;
    }
    verdict_.readability_offline = verdict_.readability;
    verdict_.readability = opinion.readability->score;
    verdict_.readability_by = "llm";
  }

  engine::Session& session_;
  const JudgeConfig& config_;
  CachedProver& prover_;
  const Cancel* cancel_;
  const OpinionFunction& opinion_;
  KnownBefore& known_;
  const sql::Pair& pair_;
  Pace pace_;
  PairClock clock_;
  Outline outline_;
  std::string program_; ///< of before, ahead of the indexes
  bool timed_out_ = false;
  Verdict verdict_;
};

} // namespace

Judge::Judge(engine::Session& session, JudgeConfig config, const Cancel* cancel,
             OpinionFunction opinion)
    : session_(session), config_(std::move(config)), cancel_(cancel),
      prover_(std::make_unique<CachedProver>(config_.proof_options(session.engine()), cancel)),
      known_before_(std::make_unique<KnownBefore>()), opinion_(std::move(opinion)) {
  config_.check();
  if (config_.readability == "llm" && !opinion_)
    throw Error{Exit::usage,
                {.what = "no model is there to judge readability",
                 .where = "--judge llm",
                 .fix = "name a provider, or use --judge offline"}};
}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;

void Judge::know_before(std::string statement, engine::Sample sample) {
  *known_before_ = {std::move(statement), {std::move(sample)}};
}

Verdict Judge::evaluate(const sql::Pair& pair, std::string_view type) {
  auto verdict =
      Trial({session_, config_, *prover_, cancel_, opinion_, *known_before_}, pair).judge();
  verdict.type = type.empty() ? sql::optimisation_type(pair, session_.grammar()) : type;
  return verdict;
}

} // namespace quill::judge
