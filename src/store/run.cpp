#include "quill/store/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "store/group_commit.hpp"
#include "store/record.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"

namespace quill::store {

namespace fs = std::filesystem;

struct Run::State {
  fs::path folder;
  bool resumed = false;
  FileLock lock;
  Connection connection;
  GroupCommit commits{connection};

  explicit State(fs::path folder_path)
      : folder(std::move(folder_path)),
        lock(folder / "run.lock", fmt::format("the run in \"{}\"", folder.string())),
        connection(folder / "run.db", OpenMode::create) {}
};

namespace {

/// What may lie in a folder where a fresh run starts: our own lock, log, configuration and
/// database, and the file of a run that never began.
bool harmless(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return name.starts_with("run.") || name.starts_with("quill.log") || name.starts_with("config.") ||
         name.starts_with("database.db");
}

void check_startable(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (harmless(entry) || has_run(folder))
      continue;
    throw Error{Exit::usage,
                {.what = fmt::format("the folder \"{}\" is not empty: it holds \"{}\"",
                                     folder.string(), entry.path().filename().string()),
                 .where = entry.path().string(),
                 .fix = "give an empty or new folder with --out"}};
  }
}

bool begun(Connection& connection) {
  return connection.integer("SELECT count(*) FROM meta WHERE key = 'config'") > 0;
}

[[noreturn]] void refuse_begun(const fs::path& folder) {
  throw Error{Exit::usage,
              {.what = fmt::format("the folder \"{}\" holds a run already", folder.string()),
               .where = (folder / "run.db").string(),
               .fix = "add --resume to the same command to go on, or give another --out"}};
}

void make_durable(Connection& connection) {
  // DELETE, not WAL: Debian's SQLite has the WAL-reset bug (before 3.51.3) with two connections.
  connection.execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;");
}

void put_meta(Connection& connection, std::string_view key, std::string_view value) {
  Statement(connection, "INSERT INTO meta VALUES (?1, ?2)").bind(1, key).bind(2, value).run();
}

std::string text_of(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end())
    return "not given";
  return fmt::format("\"{}\"", found->is_string() ? found->get<std::string>() : dump_json(*found));
}

/// "restem.iterations (was "50", now "60")", for each key whose value differs.
std::vector<std::string> differences(const Json& was, const Json& now) {
  Json all = was;
  all.update(now);
  std::vector<std::string> found;
  for (const auto& [key, value] : all.items())
    if (text_of(was, key) != text_of(now, key))
      found.push_back(
          fmt::format("{} (was {}, now {})", key, text_of(was, key), text_of(now, key)));
  return found;
}

void check_same_config(const fs::path& file, const Json& was, const Json& now) {
  const std::vector<std::string> changed = differences(was, now);
  if (changed.empty())
    return;
  throw Error{
      Exit::usage,
      {.what = fmt::format("the run was started with other settings: {}", fmt::join(changed, ", ")),
       .where = file.string(),
       .fix = "resume with the settings it was started with, or give another --out"}};
}

fs::path free_edited_name(const fs::path& file) {
  fs::path candidate = file.string() + ".edited";
  for (int k = 2; fs::exists(candidate); ++k)
    candidate = fmt::format("{}.edited.{}", file.string(), k);
  return candidate;
}

bool known_export(Connection& connection, std::string_view name, std::string_view sha256) {
  Statement known(connection, "SELECT 1 FROM export WHERE name = ?1 AND sha256 = ?2");
  return known.bind(1, name).bind(2, sha256).step();
}

/// Before the file changes, so that a kill in between cannot make our own file look edited.
void remember_export(Connection& connection, std::string_view name, std::string_view sha256) {
  Statement(connection, "INSERT OR IGNORE INTO export VALUES (?1, ?2)")
      .bind(1, name)
      .bind(2, sha256)
      .run();
}

fs::path move_aside(const fs::path& file) {
  const fs::path edited = free_edited_name(file);
  std::error_code failure;
  fs::rename(file, edited, failure);
  if (failure)
    throw Error{Exit::storage,
                {.what = fmt::format("cannot move the edited file aside: {}", failure.message()),
                 .where = file.string(),
                 .fix = "check the rights of the folder; run.db is safe"}};
  log_warn(fmt::format("\"{}\" was changed by hand; it is now \"{}\"", file.string(),
                       edited.filename().string()));
  return edited;
}

/// The intent to ask `call`, whose id and attempts it then knows.
void put_intent(Connection& connection, Call& call) {
  Statement(connection, "INSERT INTO call (key, iteration, state, attempts, request) "
                        "VALUES (?1, ?2, 'asked', 1, ?3) "
                        "ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1")
      .bind(1, call.key)
      .bind(2, call.iteration)
      .bind(3, call.request)
      .run();
  Statement found(connection, "SELECT id, attempts FROM call WHERE key = ?1");
  QUILL_CHECK(found.bind(1, call.key).step(), "the intent was just written");
  call.id = found.integer(0);
  call.attempts = found.integer(1);
}

void put_row(Connection& connection, const CandidateRow& row) {
  Statement(connection, "INSERT INTO candidate VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      .bind(1, row.iteration)
      .bind(2, row.position)
      .bind(3, row.problem)
      .bind(4, row.fingerprint)
      .bind(5, row.candidate)
      .bind(6, std::int64_t{row.kept})
      .bind(7, std::int64_t{row.duplicate})
      .run();
  if (row.verdict)
    Statement(connection, "INSERT INTO verdict VALUES (?1, ?2, ?3)")
        .bind(1, row.iteration)
        .bind(2, row.position)
        .bind(3, *row.verdict)
        .run();
}

void put_row(Connection& connection, const ExampleRow& row) {
  Statement(connection, "INSERT INTO example VALUES (?1, ?2, ?3, ?4)")
      .bind(1, row.iteration)
      .bind(2, row.position)
      .bind(3, row.fingerprint)
      .bind(4, row.example)
      .run();
}

void put_row(Connection& connection, const IterationRow& row) {
  Statement(connection, "INSERT INTO iteration VALUES (?1, ?2, ?3)")
      .bind(1, row.iteration)
      .bind(2, row.metrics)
      .bind(3, row.elapsed_ms)
      .run();
}

constexpr std::uint64_t kExportBytesMax = 4ULL << 30U;

} // namespace

Run::Run(const fs::path& folder, Start start) {
  make_folder(folder);
  if (start == Start::fresh)
    check_startable(folder);
  state_ = std::make_unique<State>(folder);
  Connection& connection = state_->connection;
  remove_leftovers(folder);
  crash_point("store.open");
  // Nothing may be written before the file is known to be ours.
  if (!is_empty(connection))
    check_run_file(connection, run_migrations());
  make_durable(connection);
  migrate(connection, run_migrations());
  state_->resumed = begun(connection);
  if (start == Start::fresh && state_->resumed)
    refuse_begun(folder);
  crash_point("store.created");
}

Run::~Run() = default;
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;

const fs::path& Run::folder() const noexcept {
  return state_->folder;
}
bool Run::resumed() const noexcept {
  return state_->resumed;
}

void Run::begin(const RunHeader& header) {
  Connection& connection = state_->connection;
  const std::string config = dump_json(header.config);
  const std::string was = connection.text("SELECT value FROM meta WHERE key = 'config'");
  if (!was.empty())
    return check_same_config(connection.path(), parse_json(was, "run.db:config"), header.config);
  state_->commits.commit([&] {
    put_meta(connection, "format_version", std::to_string(kFormatVersion));
    put_meta(connection, "config", config);
    put_meta(connection, "config_sha256", sha256_hex(config));
    put_meta(connection, "command_line", header.command_line);
    put_meta(connection, "version", header.version);
  });
  crash_point("run.begun");
}

void Run::put_problems(const std::vector<std::pair<std::string, std::string>>& problems) {
  state_->commits.commit([&] {
    for (const auto& [id, problem] : problems)
      Statement(state_->connection,
                "INSERT OR IGNORE INTO problem VALUES "
                "(?1, (SELECT coalesce(max(position) + 1, 0) FROM problem), ?2)")
          .bind(1, id)
          .bind(2, problem)
          .run();
  });
}

Call Run::intend(std::string_view key, std::int64_t iteration, std::string_view request) {
  Call call{.key = std::string(key), .iteration = iteration, .request = std::string(request)};
  state_->commits.commit([&] { put_intent(state_->connection, call); });
  crash_point("call.intended");
  return call;
}

std::optional<Response> Run::response(std::string_view key) const {
  return state_->commits.read([&] { return read_response(state_->connection, key); });
}

void Run::each_answer(const AnswerReader& look) const {
  state_->commits.read([&] { read_answers(state_->connection, look); });
}

void Run::put_response(const Call& call, const Response& response) {
  crash_point("response.received");
  state_->commits.commit([&] {
    Statement(state_->connection, "INSERT INTO response VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, call.id)
        .bind(2, call.attempts)
        .bind(3, response.status)
        .bind(4, std::int64_t{response.usable})
        .bind_blob(5, response.body)
        .run();
    Statement(state_->connection, "UPDATE call SET state = 'answered' WHERE id = ?1")
        .bind(1, call.id)
        .run();
  });
  crash_point("response.committed");
}

void Run::put_failed_attempt(const FailedAttempt& attempt) {
  state_->commits.commit([&] {
    Statement(state_->connection, "INSERT INTO failed_attempt (key, at, kind, what, body) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, attempt.key)
        .bind(2, attempt.at)
        .bind(3, attempt.kind)
        .bind(4, attempt.what)
        .bind_blob(5, attempt.body)
        .run();
  });
}

std::vector<FailedAttempt> Run::failed_attempts() const {
  return state_->commits.read([&] {
    std::vector<FailedAttempt> attempts;
    Statement row(state_->connection,
                  "SELECT key, at, kind, what, body FROM failed_attempt ORDER BY id");
    while (row.step())
      attempts.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    return attempts;
  });
}

void Run::put_candidate(const CandidateRow& row, const std::optional<ExampleRow>& example) {
  put_candidates({{row, example}}, std::nullopt);
}

void Run::put_candidates(const std::vector<SettledRow>& rows,
                         const std::optional<IterationRow>& iteration) {
  if (iteration)
    crash_point("iteration.ended");
  state_->commits.commit([&] {
    for (const SettledRow& row : rows) {
      put_row(state_->connection, row.candidate);
      if (row.example)
        put_row(state_->connection, *row.example);
      crash_point("candidate.writing");
    }
    if (iteration)
      put_row(state_->connection, *iteration);
  });
  if (!rows.empty())
    crash_point("candidate.committed");
  if (iteration)
    crash_point("iteration.committed");
}

bool Run::has_candidate(std::int64_t iteration, std::int64_t position) const {
  return state_->commits.read([&] {
    Statement found(state_->connection,
                    "SELECT 1 FROM candidate WHERE iteration = ?1 AND position = ?2");
    return found.bind(1, iteration).bind(2, position).step();
  });
}

void Run::put_iteration(const IterationRow& row) {
  put_candidates({}, row);
}

void Run::put_event(std::string_view at, std::string_view kind, std::string_view text) {
  state_->commits.commit([&] {
    Statement(state_->connection, "INSERT INTO event (at, kind, text) VALUES (?1, ?2, ?3)")
        .bind(1, at)
        .bind(2, kind)
        .bind(3, text)
        .run();
  });
}

RunRecord Run::record() const {
  return state_->commits.read([&] { return read_record(state_->connection); });
}

std::vector<EventRow> Run::events() const {
  return state_->commits.read([&] {
    std::vector<EventRow> events;
    Statement row(state_->connection, "SELECT at, kind, text FROM event ORDER BY id");
    while (row.step())
      events.push_back({row.text(0), row.text(1), row.text(2)});
    return events;
  });
}

std::int64_t Run::open_calls() const {
  return state_->commits.read([&] {
    return state_->connection.integer("SELECT count(*) FROM call WHERE state = 'asked'");
  });
}

std::optional<fs::path> Run::write_export(std::string_view name, std::string_view bytes) {
  const fs::path file = state_->folder / name;
  const std::string sha256 = sha256_hex(bytes);
  std::optional<fs::path> edited;
  if (fs::exists(file)) {
    const std::string found = sha256_hex(read_file(file, kExportBytesMax));
    if (found == sha256)
      return std::nullopt;
    const bool ours =
        state_->commits.read([&] { return known_export(state_->connection, name, found); });
    if (!ours)
      edited = move_aside(file);
  }
  state_->commits.commit([&] { remember_export(state_->connection, name, sha256); });
  crash_point("export.writing");
  real_disk().write_atomic(file, bytes);
  crash_point("export.written");
  return edited;
}

bool has_run(const fs::path& folder) {
  std::error_code failure;
  const auto size = fs::file_size(folder / "run.db", failure);
  return !failure && size > 0;
}

} // namespace quill::store
