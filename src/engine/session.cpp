#include "quill/engine/session.hpp"

#include <algorithm>
#include <atomic>
#include <sys/random.h>
#include <sys/stat.h>
#include <variant>

#include <fmt/core.h>

#include "engine/memory_plan.hpp"
#include "engine/protocol.hpp"
#include "engine/row_receiver.hpp"
#include "engine/worker_process.hpp"
#include "quill/core/log.hpp"

namespace quill::engine {
namespace {

using Outcome = WorkerProcess::Outcome;

constexpr double kOpenMs = 600'000; ///< quick_check of a large file, a long script
constexpr double kSchemaMs = 600'000;
constexpr double kStopMs = 500; ///< how long a worker may take to notice Ask::stop
constexpr std::size_t kSlackBytes = 192U << 20U;
constexpr std::size_t kSecretBytes = 192;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count;) {
    const auto got = ::getrandom(bytes.data() + at, count - at, 0);
    QUILL_CHECK(got > 0, "getrandom gives bytes");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

/// Says that it is the same file with the same content as far as the file system can tell.
struct FileStamp {
  unsigned long long inode = 0;
  long long size = 0;
  long long seconds = 0;
  long long nanoseconds = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

template <class T> std::string encoded(const T& value) {
  Encoder out;
  encode(out, value);
  return out.bytes();
}

double patience_ms(const Limits& limits) {
  return static_cast<double>(std::max<std::int64_t>(limits.timeout_ms, 1)) + kGraceMs;
}

void warn_once_without_landlock(const Opened& opened) {
  static std::atomic<bool> told = false;
  if (opened.landlock_abi == 0 && !told.exchange(true))
    log_warn("this kernel has no Landlock: workers are protected by seccomp and limits only "
             "(`quill doctor` has details)");
}

/// How a question ended: with an answer, or why not.
struct Reply {
  Outcome outcome = Outcome::closed;
  Answer kind = Answer::refused;
  std::string payload;
  Death death; ///< when there is no answer

  [[nodiscard]] bool is(Answer wanted) const { return outcome == Outcome::ok && kind == wanted; }
  [[nodiscard]] Status status() const {
    if (outcome == Outcome::late)
      return Status::timeout;
    return death.out_of_memory() ? Status::memory_limit : Status::error;
  }
  [[nodiscard]] std::string message(const Limits& limits) const {
    if (outcome == Outcome::late)
      return fmt::format("not done after {} ms, killed", limits.timeout_ms);
    return outcome == Outcome::closed ? death.sentence() : "the worker broke the protocol";
  }
};

class SqliteSession final : public Scratch {
 public:
  SqliteSession(OpenFile file, const Cancel* cancel)
      : opening_(std::move(file)), cancel_(cancel), stamp_(stamp_of(path())) {
    open();
  }
  SqliteSession(OpenScript script, const Cancel* cancel, double open_ms = kOpenMs)
      : opening_(std::move(script)), cancel_(cancel), open_ms_(open_ms) {
    open();
  }

  Execution run(std::string_view sql, const Limits& limits, Side side,
                const std::function<bool(Row&&)>& sink) override;
  Sample sample(std::string_view sql, const Limits& limits, Side side,
                double sample_ms_min) override;
  IndexBuild build_indexes(const std::vector<std::string>& create_index,
                           const Limits& limits) override;
  Loaded load(const std::vector<TableRows>& tables) override;
  std::vector<Sample> hashes(const std::vector<Asked>& statements, const Limits& limits) override;
  Plan plan(std::string_view sql, Side side) override;
  std::string program(std::string_view sql) override;
  const sql::Schema& schema() override;
  sql::Grammar grammar() override;
  [[nodiscard]] std::string version() const override { return opened_.version; }
  [[nodiscard]] int worker_pid() const override { return worker_ ? worker_->pid() : -1; }

 private:
  [[nodiscard]] std::string path() const {
    const auto* file = std::get_if<OpenFile>(&opening_);
    return file ? file->path : std::string("script");
  }
  void open();
  void reopen_if_dead();
  /// A living worker whose indexed side is what was last built; "" or why it cannot be.
  std::string ready(Side side, const Limits& limits);
  Loaded load_now();
  void cap_memory(const Limits& limits);
  IndexBuild build_now(const Limits& limits);
  /// One question, one answer; rows that come before it go to `rows`.
  Reply ask(Ask kind, const std::string& payload, double wait_ms, RowReceiver* rows = nullptr);
  Reply converse(Ask kind, const std::string& payload, Patience patience, RowReceiver* rows);
  bool take_rows(Reply& reply, RowReceiver& rows, Patience& patience);
  void ask_text(Ask kind, std::string_view text, TextAnswer& answer);
  /// True when `reply` is a whole T of this kind; a worker that says something else is ended.
  template <class T> bool understood(const Reply& reply, Answer kind, T& value) {
    if (reply.is(kind) && decode_whole(reply.payload, value))
      return true;
    worker_.reset();
    return false;
  }

  std::variant<OpenFile, OpenScript> opening_;
  const Cancel* cancel_;
  double open_ms_ = kOpenMs;
  FileStamp stamp_;
  std::optional<WorkerProcess> worker_;
  Opened opened_;
  std::uint64_t memory_cap_ = 0;
  bool mid_sentence_ = false;        ///< the worker was left in the middle of an answer
  std::vector<std::string> indexes_; ///< of the indexed side
  Limits index_limits_;
  bool indexed_ready_ = true;
  std::optional<std::string> rows_; ///< the last load, as it travels
  bool rows_ready_ = true;
  std::optional<sql::Schema> schema_;
};

/// Refusals that need no worker.
template <class T> bool is_too_long(std::string_view sql, T& outcome) {
  if (sql.size() <= kStatementBytesMax)
    return false;
  outcome.status = Status::blocked;
  outcome.cause = Cause::syntax;
  outcome.message =
      fmt::format("statement too long: {} bytes, at most {}", sql.size(), kStatementBytesMax);
  return true;
}

void SqliteSession::open() {
  worker_ = WorkerProcess::start();
  memory_cap_ = 0;
  mid_sentence_ = true; // until it has opened its database
  const bool is_file = std::holds_alternative<OpenFile>(opening_);
  const auto payload = std::visit([](const auto& request) { return encoded(request); }, opening_);
  if (payload.size() >= kFrameMax)
    throw Error{
        Exit::usage,
        {fmt::format("the script is too long: {} bytes, at most {}", payload.size(), kFrameMax),
         path(), "split it"}};
  const auto reply =
      converse(is_file ? Ask::open_file : Ask::open_script, payload, {open_ms_, cancel_}, nullptr);
  Refused refused;
  if (reply.is(Answer::refused) && decode_whole(reply.payload, refused)) {
    worker_.reset();
    throw Error{Exit::usage, {refused.what, path(), refused.fix}};
  }
  if (!reply.is(Answer::opened) || !decode_whole(reply.payload, opened_)) {
    worker_.reset();
    throw Error{Exit::usage,
                {fmt::format("cannot open the database: {}", reply.message({})), path(),
                 "the file may be damaged: `sqlite3 DB 'PRAGMA integrity_check'` tells"}};
  }
  mid_sentence_ = false;
  warn_once_without_landlock(opened_);
}

void SqliteSession::reopen_if_dead() {
  if (worker_ && !mid_sentence_ && worker_->alive())
    return;
  if (auto* file = std::get_if<OpenFile>(&opening_)) {
    file->check = false; // it was checked when the session began, and is still that file:
    if (stamp_of(file->path) != stamp_)
      throw Error{Exit::usage,
                  {fmt::format("\"{}\" changed while it was in use", file->path), file->path,
                   "run the command again"}};
  }
  worker_.reset();
  indexed_ready_ = indexes_.empty();
  rows_ready_ = !rows_;
  open();
}

void SqliteSession::cap_memory(const Limits& limits) {
  const auto megabytes =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(limits.memory_mb, 1, 1 << 20));
  const auto cap = opened_.address_space + image_address_space(opened_.image_bytes) +
                   (megabytes << 20U) + kSlackBytes;
  if (cap != std::exchange(memory_cap_, cap))
    worker_->limit_memory(cap);
}

std::string SqliteSession::ready(Side side, const Limits& limits) {
  reopen_if_dead();
  if (!rows_ready_)
    if (const auto loaded = load_now(); !loaded.ok)
      return "the rows could not be loaded again: " + loaded.message;
  if (side == Side::indexed && !indexed_ready_)
    if (const auto build = build_now(index_limits_); !build.ok)
      return "the indexes could not be built again: " + build.message;
  cap_memory(limits);
  return "";
}

Reply SqliteSession::converse(Ask kind, const std::string& payload, Patience patience,
                              RowReceiver* rows) {
  Reply reply;
  reply.outcome = worker_->send(kind, payload, patience);
  while (reply.outcome == Outcome::ok) {
    reply.outcome = worker_->receive(reply.kind, reply.payload, patience);
    if (!rows || !reply.is(Answer::rows))
      break;
    if (!take_rows(reply, *rows, patience))
      break;
  }
  if (reply.outcome != Outcome::ok) {
    reply.death = worker_->end();
    worker_.reset();
  }
  return reply;
}

/// False when the worker lies about its rows.
bool SqliteSession::take_rows(Reply& reply, RowReceiver& rows, Patience& patience) {
  const bool was_stopped = rows.stopped();
  if (!rows.take(reply.payload)) {
    reply.outcome = Outcome::garbled;
    return false;
  }
  if (rows.stopped() && !was_stopped) {
    patience.left_ms = std::min(patience.left_ms, kStopMs);
    reply.outcome = worker_->send(Ask::stop, "", patience);
  }
  return reply.outcome == Outcome::ok;
}

Reply SqliteSession::ask(Ask kind, const std::string& payload, double wait_ms, RowReceiver* rows) {
  mid_sentence_ = true; // stays so when an interruption or a sink throws
  auto reply = converse(kind, payload, {wait_ms, cancel_}, rows);
  mid_sentence_ = false;
  return reply;
}

Execution SqliteSession::run(std::string_view sql, const Limits& limits, Side side,
                             const std::function<bool(Row&&)>& sink) {
  Execution execution;
  if (is_too_long(sql, execution))
    return execution;
  execution.message = ready(side, limits);
  if (!execution.message.empty())
    return execution;
  RowReceiver rows(limits, sink);
  const Statement statement{std::string(sql), limits, side, 0};
  const auto reply = ask(Ask::run, encoded(statement), patience_ms(limits), &rows);
  bool answered = understood(reply, Answer::execution, execution);
  if (answered && !rows.stopped() && execution.row_count != rows.count()) {
    answered = false;
    worker_.reset();
  }
  if (!answered) {
    execution = {};
    execution.status = reply.status();
    execution.message = reply.message(limits);
    execution.elapsed_ms = reply.outcome == Outcome::late ? patience_ms(limits) : 0;
  }
  if (rows.stopped()) {
    execution.status = Status::row_limit;
    execution.message = "stopped by the reader of its rows";
  }
  execution.row_count = rows.count();
  execution.rows = rows.release();
  return execution;
}

Sample SqliteSession::sample(std::string_view sql, const Limits& limits, Side side,
                             double sample_ms_min) {
  Sample sample;
  if (is_too_long(sql, sample))
    return sample;
  sample.message = ready(side, limits);
  if (!sample.message.empty())
    return sample;
  const Statement statement{std::string(sql), limits, side, sample_ms_min};
  const auto wait = patience_ms(limits) + std::max(sample_ms_min, 0.0);
  const auto reply = ask(Ask::sample, encoded(statement), wait);
  if (!understood(reply, Answer::sample, sample)) {
    sample = {};
    sample.status = reply.status();
    sample.message = reply.message(limits);
    if (reply.outcome == Outcome::late)
      sample.elapsed_ms = sample.total_ms = patience_ms(limits);
  }
  return sample;
}

IndexBuild SqliteSession::build_now(const Limits& limits) {
  IndexBuild build;
  // Each statement has the whole time, as each would have it alone.
  const auto wait =
      patience_ms(limits) * static_cast<double>(std::max<std::size_t>(indexes_.size(), 1));
  cap_memory(limits);
  const auto reply = ask(Ask::build_indexes, encoded(IndexRequest{indexes_, limits}), wait);
  if (!understood(reply, Answer::index_build, build)) {
    build = {};
    build.message = reply.message(limits);
  }
  indexed_ready_ = build.ok;
  return build;
}

IndexBuild SqliteSession::build_indexes(const std::vector<std::string>& create_index,
                                        const Limits& limits) {
  IndexBuild build;
  for (const auto& sql : create_index)
    if (sql.size() > kStatementBytesMax) {
      build.message =
          fmt::format("statement too long: {} bytes, at most {}", sql.size(), kStatementBytesMax);
      return build;
    }
  reopen_if_dead();
  indexes_ = create_index;
  index_limits_ = limits;
  build = build_now(limits);
  if (!build.ok) { // the indexed side equals the base again
    indexes_.clear();
    indexed_ready_ = true;
  }
  return build;
}

Loaded SqliteSession::load_now() {
  Loaded loaded;
  cap_memory({});
  const auto reply = ask(Ask::load, *rows_, 2 * patience_ms({}));
  if (!understood(reply, Answer::loaded, loaded)) {
    loaded = {};
    loaded.message = reply.message({});
  }
  rows_ready_ = loaded.ok;
  return loaded;
}

Loaded SqliteSession::load(const std::vector<TableRows>& tables) {
  rows_ = encoded(LoadRequest{tables});
  if (rows_->size() >= kFrameMax) {
    rows_.reset();
    return {.ok = false, .message = "too many rows for one load", .kept = {}};
  }
  reopen_if_dead();
  return load_now();
}

std::vector<Sample> SqliteSession::hashes(const std::vector<Asked>& statements,
                                          const Limits& limits) {
  HashAnswer answer;
  HashRequest request{{}, limits};
  for (const auto& asked : statements)
    if (!is_too_long(asked.sql, answer.samples.emplace_back()))
      request.statements.push_back(asked);
  auto message = ready(indexes_.empty() ? Side::base : Side::indexed, limits);
  HashAnswer got;
  if (message.empty()) {
    const auto count = static_cast<double>(std::max<std::size_t>(request.statements.size(), 1));
    const auto reply = ask(Ask::hashes, encoded(request), patience_ms(limits) * count);
    const bool good =
        understood(reply, Answer::hashes, got) && got.samples.size() == request.statements.size();
    if (!good) {
      got.samples.clear();
      message = reply.message(limits);
    }
  }
  std::size_t next = 0;
  for (auto& sample : answer.samples) {
    if (!sample.message.empty()) // too long
      continue;
    if (next < got.samples.size())
      sample = std::move(got.samples[next++]);
    else
      sample.message = message;
  }
  return std::move(answer.samples);
}

Plan SqliteSession::plan(std::string_view sql, Side side) {
  Plan plan;
  Execution refusal;
  if (is_too_long(sql, refusal)) {
    plan.message = refusal.message;
    return plan;
  }
  const Limits limits;
  plan.message = ready(side, limits);
  if (!plan.message.empty())
    return plan;
  const Statement statement{std::string(sql), limits, side, 0};
  const auto reply = ask(Ask::plan, encoded(statement), patience_ms(limits));
  if (!understood(reply, Answer::plan, plan)) {
    plan = {};
    plan.message = reply.message(limits);
  }
  return plan;
}

void SqliteSession::ask_text(Ask kind, std::string_view text, TextAnswer& answer) {
  const Limits limits;
  ready(Side::base, limits);
  const Statement statement{std::string(text), limits, Side::base, 0};
  const auto reply = ask(kind, encoded(statement), patience_ms(limits));
  if (!understood(reply, kind == Ask::program ? Answer::program : Answer::grammar, answer))
    answer = {false, reply.message(limits)};
}

std::string SqliteSession::program(std::string_view sql) {
  TextAnswer answer;
  if (sql.size() <= kStatementBytesMax)
    ask_text(Ask::program, sql, answer);
  return answer.ok ? answer.text : "";
}

sql::Grammar SqliteSession::grammar() {
  return [this](std::string_view text) -> Result<std::string> {
    if (text.size() > kFrameMax / 2)
      return Failure{fmt::format("text too long: {} bytes", text.size())};
    TextAnswer answer;
    ask_text(Ask::grammar, text, answer);
    if (!answer.ok)
      return Failure{answer.text};
    return std::move(answer.text);
  };
}

const sql::Schema& SqliteSession::schema() {
  if (schema_)
    return *schema_;
  ready(Side::base, {});
  SchemaAnswer answer;
  const auto reply = ask(Ask::schema, "", kSchemaMs);
  if (!understood(reply, Answer::schema, answer)) {
    answer.ok = false;
    answer.message = reply.message({});
  }
  if (!answer.ok)
    throw Error{Exit::usage,
                {fmt::format("cannot read the schema: {}", answer.message), path(),
                 "the file may be damaged: `sqlite3 DB 'PRAGMA integrity_check'` tells"}};
  return schema_.emplace(std::move(answer.schema));
}

} // namespace

std::unique_ptr<Session> open_sqlite(const std::filesystem::path& database, const Cancel* cancel) {
  return std::make_unique<SqliteSession>(
      OpenFile{database.string(), true, random_bytes(kSecretBytes)}, cancel);
}

std::unique_ptr<Session> open_sqlite_script(std::string_view script, const Cancel* cancel) {
  return std::make_unique<SqliteSession>(
      OpenScript{std::string(script), random_bytes(kSecretBytes)}, cancel);
}

std::unique_ptr<Scratch> open_sqlite_scratch(std::string_view script, const Cancel* cancel) {
  constexpr double kScratchOpenMs = 10'000;
  auto session = std::make_unique<SqliteSession>(
      OpenScript{std::string(script), random_bytes(kSecretBytes)}, cancel, kScratchOpenMs);
  (void)session->load({}); // from here on its rows can be replaced
  return session;
}

} // namespace quill::engine
