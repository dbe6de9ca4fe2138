#include "quill/judge/proof.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "judge/outline.hpp"
#include "judge/proof/contest.hpp"
#include "judge/proof/ddl.hpp"
#include "judge/proof/generator.hpp"
#include "judge/proof/shrink.hpp"
#include "judge/proof/spending.hpp"
#include "judge/proof/tie_indexes.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/engine/scratch.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/text.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge {

using namespace proof;

namespace {

using engine::dialect_of;
using engine::Side;
using engine::Status;
using Outcome = Round::Outcome;

constexpr std::size_t kMutantsMax = 60;
constexpr std::int64_t kSmallRowsMax = 20'000; ///< rows of an answer on a small database
constexpr std::int64_t kRunMs = 1000;          ///< of one statement on one small database
constexpr int kShrinkTries = 600;
/// With fewer databases than these (or than were asked for) no "same" is believed.
constexpr std::int64_t kTriedMin = 20;
/// DuckDB and PostgreSQL plan each mutant anew for each database, a hundred times what SQLite
/// takes: once this share is told apart the others are asked on every fourth database alone.
constexpr double kKilledEnough = 0.5;
constexpr std::int64_t kAskedEvery = 4;
/// Of the mutants that are not weak at least this share must be told apart before "same" is
/// believed: many change nothing (a condition that always holds, a key that another one implies).
constexpr double kKilledShare = 0.2;

std::int64_t strong_ones(const std::vector<Mutant>& mutants) {
  return std::count_if(mutants.begin(), mutants.end(), [](const auto& m) { return !m.weak; });
}

engine::Limits limits_of(const ProofOptions& options) {
  return {.rows = kSmallRowsMax,
          .timeout_ms = kRunMs,
          .memory_mb = 64,
          .result_mb = 16,
          .steps = options.steps};
}

/// What the texts of both queries say: constants, tables, cuts.
void read_text(const std::string& sql, const Model& model, Aim& aim) {
  const auto tokens = sql::tokenize(sql);
  if (!tokens) {
    aim.read.assign(aim.read.size(), true);
    return;
  }
  const auto& all = tokens.value();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& token = all[i];
    if (auto value = value_of_token(token); value && aim.constants.size() < 200)
      aim.constants.push_back(std::move(*value));
    if (token.kind != sql::TokenKind::word && token.kind != sql::TokenKind::quoted_name)
      continue;
    auto name = token.text;
    if (token.kind == sql::TokenKind::quoted_name && name.size() >= 2)
      name = name.substr(1, name.size() - 2);
    if (const auto table = model.table(name))
      aim.read[*table] = true;
    const bool cut = same_name(name, "limit") || same_name(name, "offset");
    if (!cut || i + 1 >= all.size() || all[i + 1].kind != sql::TokenKind::number)
      continue;
    const auto value = value_of_token(all[i + 1]);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (number != nullptr && *number > 0 && *number <= 60)
      aim.cuts.push_back(*number);
  }
}

bool cuts_without_order(const std::string& sql) {
  const auto outer = outline(sql);
  return outer.limited && !outer.ordered;
}

Json rows_json(const std::vector<engine::Row>& rows) {
  Json out = Json::array();
  for (const auto& row : rows) {
    out.push_back(Json::array());
    for (const auto& cell : row)
      out.back().push_back(engine::to_json(cell));
  }
  return out;
}

} // namespace

Json to_json(const Proof& proof) {
  Json counterexample;
  if (proof.counterexample)
    counterexample = {{"database", proof.counterexample->database},
                      {"before_rows", rows_json(proof.counterexample->before_rows)},
                      {"after_rows", rows_json(proof.counterexample->after_rows)}};
  return {{"format_version", kFormatVersion},
          {"verdict", proof.verdict},
          {"databases_tried", proof.databases_tried},
          {"mutants_killed", proof.mutants_killed},
          {"mutants", proof.mutants},
          {"counterexample", std::move(counterexample)},
          {"reason", proof.reason}};
}

/// The schema and the worker that holds it.
struct Prover::Room {
  Room(std::string_view text, ProofOptions given, const Cancel* asked)
      : ddl(read_ddl(text, dialect_of(given.engine))), options(std::move(given)), cancel(asked),
        session(engine::open_scratch(options.engine, options.server, ddl.script, asked)),
        model(model_of(session->schema())), filled(model.tables.size(), false) {
    for (const auto& [name, select] : ddl.views)
      if (auto tree = sql::parse(dialect_of(options.engine), select, session->grammar()))
        declared.views.emplace(name, std::move(tree).value());
    for (const auto& [name, conditions] : ddl.checks)
      for (const auto& condition : conditions)
        add_check(name, condition);
  }

  void add_check(const std::string& name, const std::string& condition) {
    const auto table = model.table(name);
    auto tree = sql::parse(dialect_of(options.engine), "SELECT 1 WHERE (" + condition + ")",
                           session->grammar());
    if (table && tree)
      declared.checks[*table].push_back(std::move(tree).value());
  }

  Ddl ddl;
  ProofOptions options;
  const Cancel* cancel;
  std::unique_ptr<engine::Scratch> session;
  Model model;
  Declared declared;
  std::vector<bool> filled; ///< tables that hold rows in the worker
};

namespace {

/// One pair, from its texts to its verdict.
class Trial {
 public:
  Trial(engine::Scratch& session, const Ddl& ddl, const Declared& declared, const Model& model,
        const ProofOptions& options, const Cancel* cancel, std::vector<bool>& filled,
        const sql::Pair& pair)
      : session_(session), ddl_(ddl), model_(model), options_(options), cancel_(cancel),
        filled_(filled), pair_(pair), limits_(limits_of(options)), spending_(session),
        dialect_(dialect_of(options.engine)) {
    aim_.declared = &declared;
    aim_.read.assign(model.tables.size(), false);
  }

  Proof run() {
    if (!is_repeatable() || !runs() || is_trivially_same())
      return std::move(proof_);
    read_queries();
    search();
    if (proof_.verdict != "different")
      conclude();
    return std::move(proof_);
  }

 private:
  // ---- before any database ----

  bool runs() {
    Database empty;
    empty.rows.resize(model_.tables.size());
    auto emptied = as_load(model_, empty, filled_); // the last pair's rows go
    std::erase_if(emptied, [](const auto& table) { return table.table.empty(); });
    (void)session_.load(emptied);
    filled_.assign(filled_.size(), false);
    (void)session_.build_indexes({}, limits_); // those of the last pair go
    for (const bool of_after : {false, true}) {
      const auto sample = session_.sample(of_after ? pair_.after : pair_.before, limits_);
      if (sample.status != Status::blocked)
        continue;
      proof_.does_not_run = fmt::format("{}: {}", of_after ? "after" : "before", sample.message);
      proof_.reason = fmt::format("{} does not run on this schema: {}",
                                  of_after ? "after" : "before", sample.message);
      return false;
    }
    return true;
  }

  bool is_repeatable() {
    for (const bool of_after : {false, true}) {
      const auto call = outline(of_after ? pair_.after : pair_.before).volatile_call;
      if (call.empty())
        continue;
      proof_.reason = fmt::format("{} calls {}, which gives another answer each time",
                                  of_after ? "after" : "before", call);
      return false;
    }
    return true;
  }

  bool is_trivially_same() {
    if (sql::fingerprint(pair_.before) != sql::fingerprint(pair_.after))
      return false;
    proof_.verdict = "same";
    proof_.reason = "both are the same statement";
    return true;
  }

  void read_queries() {
    before_ = parsed(pair_.before);
    after_ = parsed(pair_.after);
    aim_.before = before_.get();
    aim_.after = after_.get();
    read_text(pair_.before, model_, aim_);
    read_text(pair_.after, model_, aim_);
    for (const auto& [name, select] : ddl_.views)
      read_text(select, model_, aim_);
    if (before_)
      alive_ = mutants_of(*before_, kMutantsMax, dialect_);
    build_tie_indexes();
    drop_mutants_that_do_not_run();
    mutants_ = alive_.size();
    strong_ = strong_ones(alive_);
  }

  /// On the reversed side only, so that ties there come in another order.
  void build_tie_indexes() {
    if (dialect_ != sql::Dialect::sqlite)
      return; // there the rows themselves lie the other way round
    if (after_)
      indexes_ = tie_indexes(*after_, session_.schema());
    if (before_)
      for (auto& index : tie_indexes(*before_, session_.schema()))
        if (std::find(indexes_.begin(), indexes_.end(), index) == indexes_.end())
          indexes_.push_back(std::move(index));
    std::int64_t number = 0;
    for (auto& index : indexes_) // both queries count from one
      index =
          fmt::format("CREATE INDEX quill_ties_{}{}", ++number, index.substr(index.find(" ON ")));
    (void)session_.build_indexes(indexes_, limits_);
  }

  sql::QueryPtr parsed(const std::string& text) {
    auto tree = sql::parse(dialect_, text, session_.grammar());
    if (!tree)
      return nullptr;
    auto query = std::move(tree).value();
    if (dialect_ == sql::Dialect::sqlite)
      sql::settle_quoted_names(*query, session_.schema());
    return query;
  }

  void drop_mutants_that_do_not_run() {
    std::vector<engine::Asked> asked;
    for (const auto& mutant : alive_)
      asked.push_back({mutant.sql, Side::base});
    const auto samples = session_.hashes(asked, limits_);
    std::vector<Mutant> good;
    for (std::size_t m = 0; m < alive_.size(); ++m)
      if (samples[m].status == Status::ok)
        good.push_back(std::move(alive_[m]));
    alive_ = std::move(good);
  }

  // ---- databases ----

  [[nodiscard]] bool has_time() {
    if (cancel_ != nullptr && cancel_->requested())
      throw Error{cancel_->exit(),
                  {.what = "interrupted", .where = "a proof", .fix = "run it again"}};
    return in_budget(kSearchShare);
  }

  [[nodiscard]] bool in_budget(double share) {
    return !options_.use_clock || spending_.ms() < static_cast<double>(options_.budget_ms) * share;
  }

  void search() {
    Contest contest(session_, model_, pair_, limits_, filled_);
    Generator generator(model_, aim_, options_.seed);
    for (std::int64_t number = 0; number < options_.databases_max && has_time(); ++number) {
      auto database = generator.database(number, alive_);
      const auto round = contest.round(database);
      ++proof_.databases_tried;
      note(round);
      if (round.outcome == Outcome::different && show(contest, std::move(database), round))
        break;
      const bool ran = round.outcome == Outcome::agreed || round.outcome == Outcome::different;
      if (ran && asks_mutants(number))
        contest.kill(alive_);
    }
    proof_.mutants = static_cast<std::int64_t>(mutants_);
    proof_.mutants_killed = static_cast<std::int64_t>(mutants_ - alive_.size());
  }

  [[nodiscard]] bool asks_mutants(std::int64_t number) const {
    const auto killed = static_cast<double>(strong_ - strong_ones(alive_));
    return dialect_ == sql::Dialect::sqlite || number % kAskedEvery == 1 ||
           killed < kKilledEnough * static_cast<double>(strong_);
  }

  void note(const Round& round) {
    agreed_ += round.outcome == Outcome::agreed ? 1 : 0;
    with_rows_ += round.outcome == Outcome::agreed && round.has_rows ? 1 : 0;
    if (round.outcome == Outcome::agreed)
      answers_.insert({round.digest.bag[0], round.digest.list[0]});
    if (round.outcome == Outcome::unstable && unstable_.empty())
      unstable_ = round.reason;
    if (round.outcome == Outcome::unclear && unclear_.empty())
      unclear_ = round.reason;
    if (round.outcome == Outcome::failed && failed_.empty())
      failed_ = round.reason;
  }

  /// Shrinks, writes the script, and plays it again on its own; false when that shows no
  /// difference.
  bool show(Contest& contest, Database database, const Round& found) {
    const auto differs = [&](Database& candidate) {
      if (!in_budget(1))
        return false;
      const auto round = contest.round(candidate);
      return round.outcome == Outcome::different && round.backwards == found.backwards;
    };
    auto small = shrink(model_, std::move(database), differs, kShrinkTries);
    const auto last = contest.round(small);
    if (last.outcome != Outcome::different)
      return false;
    Counterexample example;
    example.database = ddl_.script + as_script(model_, small, dialect_);
    if (found.backwards && dialect_ == sql::Dialect::sqlite) {
      example.database = "PRAGMA reverse_unordered_selects = ON;\n" + example.database;
      for (const auto& index : indexes_)
        example.database += index + ";\n";
    }
    example.before_rows = contest.rows(false, found.backwards ? Side::reversed : Side::base);
    example.after_rows = contest.rows(true, found.backwards ? Side::reversed : Side::base);
    if (!found.backwards && !replays(example))
      return false;
    proof_.verdict = "different";
    proof_.reason = last.reason;
    proof_.counterexample = std::move(example);
    return true;
  }

  /// The script alone, in a fresh database, gives the rows that are shown.
  bool replays(const Counterexample& example) {
    const auto fresh =
        engine::open_scratch(options_.engine, options_.server, example.database, cancel_);
    auto limits = limits_;
    limits.rows = 100;
    return fresh->run(pair_.before, limits).rows == example.before_rows &&
           fresh->run(pair_.after, limits).rows == example.after_rows;
  }

  // ---- the verdict when nothing differs ----

  void conclude() {
    const auto tried = fmt::format("{} databases", proof_.databases_tried);
    const auto told =
        fmt::format("{} of {} mutants told apart", proof_.mutants_killed, proof_.mutants);
    if (cuts_without_order(pair_.before) || cuts_without_order(pair_.after))
      proof_.reason = fmt::format(
          "{} has LIMIT without ORDER BY: which rows come is the engine's choice ({} agree)",
          cuts_without_order(pair_.before) ? "before" : "after", agreed_);
    else if (!unstable_.empty())
      proof_.reason =
          "before's own rows depend on the order in which tables are read: " + unstable_;
    else if (!unclear_.empty())
      proof_.reason = unclear_;
    else if (agreed_ == 0)
      proof_.reason = failed_.empty() ? "no database could be tried in the time given" : failed_;
    else if (proof_.databases_tried < std::min(kTriedMin, options_.databases_max))
      proof_.reason = fmt::format("only {} could be tried in the time given", tried);
    else if (with_rows_ == 0 || answers_.size() < 2)
      proof_.reason = fmt::format("before's answer stays {} on {}: that proves nothing",
                                  with_rows_ == 0 ? "empty" : "the same", tried);
    else if (static_cast<double>(strong_ - strong_ones(alive_)) <
             kKilledShare * static_cast<double>(strong_))
      proof_.reason = fmt::format("the data tells too little: {} on {}", told, tried);
    else {
      proof_.verdict = "same";
      proof_.reason = fmt::format("the same rows on {}, {} with rows; {}", tried, with_rows_, told);
    }
  }

  /// The rest of the time is for shrinking and the replay.
  static constexpr double kSearchShare = 0.8;

  engine::Scratch& session_;
  const Ddl& ddl_;
  Model model_; ///< its own: column kinds become narrower for this pair
  const ProofOptions& options_;
  const Cancel* cancel_;
  std::vector<bool>& filled_;
  const sql::Pair& pair_;
  engine::Limits limits_;
  Spending spending_;
  sql::Dialect dialect_;
  sql::QueryPtr before_, after_;
  Aim aim_;
  std::vector<std::string> indexes_; ///< of the reversed side
  std::vector<Mutant> alive_;
  std::size_t mutants_ = 0;
  std::int64_t strong_ = 0; ///< of them not weak
  std::int64_t agreed_ = 0, with_rows_ = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> answers_;
  std::string unstable_, unclear_, failed_;
  Proof proof_;
};

} // namespace

Prover::Prover(std::string_view ddl, ProofOptions options, const Cancel* cancel)
    : room_(std::make_unique<Room>(ddl, std::move(options), cancel)) {}
Prover::~Prover() = default;
Prover::Prover(Prover&&) noexcept = default;
Prover& Prover::operator=(Prover&&) noexcept = default;

Proof Prover::prove(const sql::Pair& pair) {
  return Trial(*room_->session, room_->ddl, room_->declared, room_->model, room_->options,
               room_->cancel, room_->filled, pair)
      .run();
}

} // namespace quill::judge
