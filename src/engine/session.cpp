#include "quill/engine/session.hpp"

#include <algorithm>
#include <atomic>
#include <variant>

#include <fmt/core.h>

#include "engine/conversation.hpp"
#include "engine/file_stamp.hpp"
#include "engine/memory_plan.hpp"
#include "engine/scratch_rows.hpp"
#include "quill/core/log.hpp"

namespace quill::engine {
namespace {

constexpr double kOpenMs = 600'000; ///< quick_check of a large file, a long script
constexpr std::size_t kSlackBytes = 192U << 20U;
constexpr const char* kDamaged =
    "the file may be damaged: `sqlite3 DB 'PRAGMA integrity_check'` tells";

void warn_once_without_landlock(const Opened& opened) {
  static std::atomic<bool> told = false;
  if (opened.landlock_abi == 0 && !told.exchange(true))
    log_warn("this kernel has no Landlock: workers are protected by seccomp and limits only "
             "(`quill doctor` has details)");
}

class SqliteSession final : public Scratch {
 public:
  SqliteSession(OpenFile file, const Cancel* cancel)
      : opening_(std::move(file)), talk_(cancel), stamp_(stamp_of(place())) {
    open();
  }
  SqliteSession(OpenScript script, const Cancel* cancel, double open_ms = kOpenMs)
      : opening_(std::move(script)), talk_(cancel), open_ms_(open_ms) {
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
  [[nodiscard]] std::string version() const override { return talk_.opened().version; }
  [[nodiscard]] int worker_pid() const override { return talk_.pid(); }

 private:
  [[nodiscard]] std::string place() const {
    const auto* file = std::get_if<OpenFile>(&opening_);
    return file ? file->path : std::string("script");
  }
  void open();
  void reopen_if_dead();
  /// A living worker whose indexed side is what was last built; "" or why it cannot be.
  std::string ready(Side side, const Limits& limits);
  void cap_memory(const Limits& limits);
  IndexBuild build_now(const Limits& limits);

  std::variant<OpenFile, OpenScript> opening_;
  Conversation talk_;
  double open_ms_ = kOpenMs;
  FileStamp stamp_;
  std::vector<std::string> indexes_; ///< of the indexed side
  Limits index_limits_;
  bool indexed_ready_ = true;
  ScratchRows rows_;
  std::optional<sql::Schema> schema_;
};

void SqliteSession::open() {
  const bool is_file = std::holds_alternative<OpenFile>(opening_);
  talk_.open({.program = "quill-worker",
              .ask = is_file ? Ask::open_file : Ask::open_script,
              .payload = std::visit([](const auto& asked) { return encoded(asked); }, opening_),
              .place = place(),
              .fix = kDamaged,
              .patience_ms = open_ms_});
  warn_once_without_landlock(talk_.opened());
}

void SqliteSession::reopen_if_dead() {
  if (talk_.usable())
    return;
  if (auto* file = std::get_if<OpenFile>(&opening_)) {
    file->check = false; // it was checked when the session began, and is still that file:
    if (stamp_of(file->path) != stamp_)
      throw Error{Exit::usage,
                  {fmt::format("\"{}\" changed while it was in use", file->path), file->path,
                   "run the command again"}};
  }
  indexed_ready_ = indexes_.empty();
  rows_.lost();
  open();
}

void SqliteSession::cap_memory(const Limits& limits) {
  const auto megabytes =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(limits.memory_mb, 1, 1 << 20));
  talk_.limit_memory(talk_.opened().address_space +
                     image_address_space(talk_.opened().image_bytes) + (megabytes << 20U) +
                     kSlackBytes);
}

std::string SqliteSession::ready(Side side, const Limits& limits) {
  reopen_if_dead();
  if (auto wrong = rows_.restore(talk_); !wrong.empty())
    return wrong;
  if (side == Side::indexed && !indexed_ready_)
    if (const auto build = build_now(index_limits_); !build.ok)
      return "the indexes could not be built again: " + build.message;
  cap_memory(limits);
  return "";
}

Execution SqliteSession::run(std::string_view sql, const Limits& limits, Side side,
                             const std::function<bool(Row&&)>& sink) {
  Execution execution;
  if (is_too_long(sql, execution))
    return execution;
  execution.message = ready(side, limits);
  if (!execution.message.empty())
    return execution;
  return talk_.run({std::string(sql), limits, side, 0}, sink);
}

Sample SqliteSession::sample(std::string_view sql, const Limits& limits, Side side,
                             double sample_ms_min) {
  Sample sample;
  if (is_too_long(sql, sample))
    return sample;
  sample.message = ready(side, limits);
  if (!sample.message.empty())
    return sample;
  return talk_.sample({std::string(sql), limits, side, sample_ms_min});
}

IndexBuild SqliteSession::build_now(const Limits& limits) {
  IndexBuild build;
  // Each statement has the whole time, as each would have it alone.
  const auto wait =
      patience_ms(limits) * static_cast<double>(std::max<std::size_t>(indexes_.size(), 1));
  cap_memory(limits);
  const auto reply = talk_.ask(Ask::build_indexes, encoded(IndexRequest{indexes_, limits}), wait);
  if (!talk_.understood(reply, Answer::index_build, build)) {
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
    if (build.message = too_long(sql); !build.message.empty())
      return build;
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

Loaded SqliteSession::load(const std::vector<TableRows>& tables) {
  if (auto wrong = rows_.take(tables); !wrong.empty())
    return {.ok = false, .message = std::move(wrong), .kept = {}};
  reopen_if_dead();
  cap_memory({});
  return rows_.load(talk_);
}

std::vector<Sample> SqliteSession::hashes(const std::vector<Asked>& statements,
                                          const Limits& limits) {
  Sample failed;
  failed.message = ready(indexes_.empty() ? Side::base : Side::indexed, limits);
  return hashes_of(statements, [&](const std::vector<Asked>& asked) {
    return failed.message.empty() ? talk_.hashes(asked, limits)
                                  : std::vector<Sample>(asked.size(), failed);
  });
}

Plan SqliteSession::plan(std::string_view sql, Side side) {
  Plan plan;
  plan.message = too_long(sql);
  if (plan.message.empty())
    plan.message = ready(side, {});
  return plan.message.empty() ? talk_.plan(Ask::plan, {std::string(sql), {}, side, 0}) : plan;
}

std::string SqliteSession::program(std::string_view sql) {
  if (!too_long(sql).empty())
    return "";
  ready(Side::base, {});
  const auto answer = talk_.text(Ask::program, sql);
  return answer.ok ? answer.text : "";
}

sql::Grammar SqliteSession::grammar() {
  return [this](std::string_view text) -> Result<std::string> {
    if (text.size() > kFrameMax / 2)
      return Failure{fmt::format("text too long: {} bytes", text.size())};
    ready(Side::base, {});
    auto answer = talk_.text(Ask::grammar, text);
    if (!answer.ok)
      return Failure{std::move(answer.text)};
    return std::move(answer.text);
  };
}

const sql::Schema& SqliteSession::schema() {
  if (schema_)
    return *schema_;
  ready(Side::base, {});
  auto answer = talk_.schema();
  if (!answer.ok)
    throw Error{Exit::usage,
                {fmt::format("cannot read the schema: {}", answer.message), place(), kDamaged}};
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
