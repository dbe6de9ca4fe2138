#include "quill/judge/evaluate.hpp"

#include <fmt/format.h>

#include "judge/outline.hpp"
#include "judge/pair_clock.hpp"
#include "judge/rows.hpp"
#include "quill/judge/readability.hpp"

namespace quill::judge {

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

/// One pair on its way to a verdict. Each step returns false when the verdict stands.
class Trial {
 public:
  Trial(engine::Session& session, const JudgeConfig& config, const sql::Pair& pair)
      : session_(session), config_(config), pair_(pair), pace_(Pace::of(config)),
        clock_(session, pace_), outline_(outline(pair.before)) {
    verdict_.id = pair.id;
    verdict_.indexes = pair.indexes;
    verdict_.engine = session.version();
    verdict_.measure = config.measure;
  }

  Verdict judge() {
    if (runs_before() && builds_indexes() && runs_after() && gives_same_rows() && is_timed())
      weigh();
    verdict_.engine_ms += pace_.measure == Measure::time ? clock_.engine_ms() : 0;
    return std::move(verdict_);
  }

 private:
  // ---- does it run? ----

  bool runs_before() {
    if (is_blank(pair_.before))
      return before_failed("before holds no statement");
    const auto& sample = clock_.start_before({pair_.before, engine::Side::base});
    verdict_.rows = sample.row_count;
    return sample.status == Status::ok || failed(sample, true);
  }

  bool builds_indexes() {
    if (pair_.indexes.empty())
      return true;
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

  bool runs_after() {
    if (is_blank(after_sql()))
      return after_failed(PairStatus::after_failed, "after holds no statement");
    const auto side = pair_.indexes.empty() ? engine::Side::base : engine::Side::indexed;
    const auto& sample = clock_.start_after({after_sql(), side});
    return sample.status == Status::ok || failed(sample, false);
  }

  bool failed(const Sample& sample, bool of_before) {
    auto reason = told(of_before ? "before" : "after", sample);
    if (of_before && sample.status == Status::timeout) {
      verdict_.status = PairStatus::timeout;
      verdict_.reason = std::move(reason);
      return false;
    }
    if (of_before)
      return before_failed(std::move(reason));
    if (sample.status == Status::timeout)
      return after_failed(PairStatus::timeout, std::move(reason));
    return after_failed(sample.status == Status::blocked ? PairStatus::blocked
                                                         : PairStatus::after_failed,
                        std::move(reason));
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
    if (auto reason = why_untellable(); !reason.empty())
      return decide(Sameness::unknown, std::move(reason));
    if (digests_agree())
      return decide(Sameness::same, outline_.limited && !outline_.ordered
                                        ? "LIMIT without ORDER BY: the same rows as the engine "
                                          "happens to give"
                                        : "");
    auto finding = compare_rows(session_, {.before = {pair_.before, engine::Side::base},
                                           .after = {after_sql(), after_side()},
                                           .before_sample = clock_.before(),
                                           .after_sample = clock_.after(),
                                           .needs = pair_.needs,
                                           .outline = outline_,
                                           .limits = pace_.limits});
    if (pace_.measure == Measure::time)
      verdict_.engine_ms += finding.engine_ms;
    return decide(finding.sameness, std::move(finding.reason));
  }

  [[nodiscard]] engine::Side after_side() const {
    return pair_.indexes.empty() ? engine::Side::base : engine::Side::indexed;
  }

  /// What one comparison on one database cannot tell at all.
  [[nodiscard]] std::string why_untellable() const {
    if (!outline_.volatile_call.empty())
      return fmt::format("before calls {}, which gives another answer each time",
                         outline_.volatile_call);
    if (const auto call = outline(after_sql()).volatile_call; !call.empty())
      return fmt::format("after calls {}, which gives another answer each time", call);
    if (!clock_.before().tables_read.empty() && clock_.after().tables_read.empty())
      return "after reads no table: constants equal to this database's answer prove nothing";
    return "";
  }

  /// The timed runs hashed all their rows: when the hashes agree no further run is needed.
  [[nodiscard]] bool digests_agree() const {
    const Sample& before = clock_.before();
    const Sample& after = clock_.after();
    if (before.columns.size() != after.columns.size() || before.row_count != after.row_count)
      return false;
    const auto& b = outline_.ordered ? before.digest.list : before.digest.bag;
    const auto& a = outline_.ordered ? after.digest.list : after.digest.bag;
    return b[0] == a[0] && b[1] == a[1];
  }

  bool decide(Sameness sameness, std::string reason) {
    verdict_.reason = std::move(reason);
    if (sameness == Sameness::unknown)
      return false;
    verdict_.correct = sameness == Sameness::same;
    verdict_.verdict = sameness == Sameness::same ? "same" : "different";
    if (sameness == Sameness::different)
      verdict_.reward = 0;
    return sameness == Sameness::same;
  }

  // ---- how much faster? ----

  bool is_timed() {
    const auto clocked = clock_.finish(config_.min_speedup);
    if (!clocked)
      return troubled();
    const bool steps = pace_.measure == Measure::steps;
    (steps ? verdict_.before_steps : verdict_.before_ms) = clocked->before;
    (steps ? verdict_.after_steps : verdict_.after_ms) = clocked->after;
    verdict_.speedup = clocked->speedup.ratio;
    verdict_.noise = clocked->speedup.noise;
    verdict_.significant = clocked->speedup.significant();
    return true;
  }

  /// A later run ended otherwise than the first: what the first said is withdrawn.
  bool troubled() {
    const auto& trouble = clock_.trouble();
    verdict_.correct.reset();
    verdict_.verdict = "unknown";
    if (trouble.sample.status != Status::ok)
      return failed(trouble.sample, trouble.of_before);
    verdict_.reason = fmt::format("{} gives other rows each time it runs",
                                  trouble.of_before ? "before" : "after");
    return false;
  }

  // ---- what is it worth? ----

  void weigh() {
    if (config_.readability == "offline")
      verdict_.readability =
          offline_readability(pair_.before, after_sql(), session_.grammar()).score;
    verdict_.reward =
        reward_of(*verdict_.speedup, verdict_.readability.value_or(0), config_.scheme());
    verdict_.kept =
        is_kept({.correct = true,
                 .significant = verdict_.significant,
                 .speedup = *verdict_.speedup,
                 .reward = *verdict_.reward},
                {.min_speedup = config_.min_speedup, .threshold = config_.threshold_in_force()});
  }

  engine::Session& session_;
  const JudgeConfig& config_;
  const sql::Pair& pair_;
  Pace pace_;
  PairClock clock_;
  Outline outline_;
  Verdict verdict_;
};

} // namespace

Judge::Judge(engine::Session& session, JudgeConfig config)
    : session_(session), config_(std::move(config)) {
  config_.check();
}

Verdict Judge::evaluate(const sql::Pair& pair, std::string_view type) {
  auto verdict = Trial(session_, config_, pair).judge();
  verdict.type = type.empty() ? sql::optimisation_type(pair, session_.grammar()) : type;
  return verdict;
}

} // namespace quill::judge
