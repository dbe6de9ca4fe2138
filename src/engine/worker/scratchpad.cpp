#include "engine/worker/scratchpad.hpp"

#include <new>

#include <fmt/core.h>

#include "engine/worker/row_hash.hpp"
#include "quill/sql/index.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine {
namespace {

/// Prepared statements kept; a proof asks about a hundred.
constexpr std::size_t kStatementsMax = 400;
constexpr int kColumnsMax = 2000;
constexpr Limits kLoadLimits{.rows = 0, .timeout_ms = 5000};

Mapping view_or_throw(const Image& image) {
  auto view = image.view(kScratchRoomBytes);
  if (!view)
    throw std::bad_alloc();
  return std::move(view).value();
}

std::string insertion(const TableRows& table) {
  std::string names;
  std::string marks;
  for (const auto& column : table.columns) {
    names += (names.empty() ? "" : ", ") + sql::quoted_name(column);
    marks += marks.empty() ? "?" : ", ?";
  }
  return fmt::format("INSERT OR IGNORE INTO main.{} ({}) VALUES ({})",
                     sql::quoted_name(table.table), names, marks);
}

/// Binds without a copy: the row outlives the step.
struct Binder {
  sqlite3_stmt* statement;
  int at;
  int operator()(std::monostate) const { return ::sqlite3_bind_null(statement, at); }
  int operator()(std::int64_t value) const { return ::sqlite3_bind_int64(statement, at, value); }
  int operator()(double value) const { return ::sqlite3_bind_double(statement, at, value); }
  int operator()(const std::string& value) const {
    return ::sqlite3_bind_text64(statement, at, value.data(), value.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
  }
  int operator()(const Blob& value) const {
    return ::sqlite3_bind_blob64(statement, at, value.bytes.data(), value.bytes.size(),
                                 SQLITE_STATIC);
  }
};

} // namespace

Scratchpad::Scratchpad(const Image& image, bool reversed)
    : connection_(
          std::make_unique<Connection>(view_or_throw(image), Connection::Access::writable)) {
  connection_->execute("PRAGMA journal_mode=OFF");
  connection_->execute("PRAGMA foreign_keys=OFF");
  if (reversed)
    connection_->execute("PRAGMA reverse_unordered_selects=ON");
  connection_->introduce_tables();
  connection_->harden();
  ::sqlite3_limit(connection_->handle(), SQLITE_LIMIT_VARIABLE_NUMBER, kColumnsMax);
  connection_->guard().trust(Trust::select_only);
}

StatementHandle Scratchpad::own(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  ::sqlite3_prepare_v2(connection_->handle(), sql.c_str(), static_cast<int>(sql.size()), &raw,
                       nullptr);
  return StatementHandle(raw);
}

/// "" or the engine's words.
std::string Scratchpad::load_table(const TableRows& table, std::vector<std::uint8_t>& kept) {
  auto emptied =
      connection_->execute(fmt::format("DELETE FROM main.{}", sql::quoted_name(table.table)));
  if (!emptied.empty() || table.rows.empty())
    return emptied;
  const auto insert = own(insertion(table));
  if (!insert)
    return ::sqlite3_errmsg(connection_->handle());
  for (const Row& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      std::visit(Binder{insert.get(), static_cast<int>(i) + 1}, row[i]);
    const int code = ::sqlite3_step(insert.get());
    kept.push_back(code == SQLITE_DONE && ::sqlite3_changes(connection_->handle()) > 0 ? 1 : 0);
    ::sqlite3_reset(insert.get());
    if (code == SQLITE_INTERRUPT || code == SQLITE_NOMEM || code == SQLITE_FULL)
      return ::sqlite3_errstr(code);
  }
  return "";
}

Loaded Scratchpad::load(const std::vector<TableRows>& tables) {
  Loaded loaded;
  auto& guard = connection_->guard();
  for (auto& [sql, prepared] : statements_)
    if (prepared.statement)
      ::sqlite3_reset(prepared.statement.get()); // an open reader would keep its rows
  guard.begin_statement();
  guard.trust(Trust::own);
  connection_->start(kLoadLimits);
  connection_->execute("BEGIN");
  for (const auto& table : tables) {
    loaded.message = load_table(table, loaded.kept.emplace_back());
    if (!loaded.message.empty())
      break;
  }
  connection_->execute("COMMIT");
  guard.trust(Trust::select_only);
  loaded.ok = loaded.message.empty();
  return loaded;
}

IndexBuild Scratchpad::build(const IndexRequest& request) {
  IndexBuild build;
  auto& guard = connection_->guard();
  guard.begin_statement();
  guard.trust(Trust::own);
  for (const auto& name : built_)
    connection_->execute("DROP INDEX IF EXISTS main." + sql::quoted_name(name));
  built_.clear();
  guard.trust(Trust::create_index_only);
  for (const auto& sql : request.statements) {
    connection_->start(request.limits);
    const auto prepared = connection_->prepare_index(sql);
    const bool done = prepared.statement && ::sqlite3_step(prepared.statement.get()) == SQLITE_DONE;
    if (const auto index = sql::parse_create_index(sql); done && index)
      built_.push_back(index.value().name);
    else if (build.message.empty())
      build.message =
          prepared.statement ? ::sqlite3_errmsg(connection_->handle()) : prepared.message;
  }
  guard.trust(Trust::select_only);
  build.ok = build.message.empty();
  return build;
}

Prepared& Scratchpad::prepared(const std::string& sql) {
  if (const auto found = statements_.find(sql); found != statements_.end())
    return found->second;
  if (statements_.size() >= kStatementsMax)
    statements_.clear();
  return statements_.emplace(sql, connection_->prepare(sql)).first->second;
}

Sample Scratchpad::hash(const std::string& sql, const Limits& limits, std::string_view secret) {
  Sample sample;
  connection_->guard().begin_statement();
  connection_->start(limits);
  auto& entry = prepared(sql);
  sample.status = entry.status;
  sample.cause = entry.cause;
  sample.message = entry.message;
  auto* statement = entry.statement.get();
  if (statement == nullptr)
    return sample;
  RowHash hash(secret);
  const int columns = ::sqlite3_column_count(statement);
  int code = SQLITE_ROW;
  while ((code = ::sqlite3_step(statement)) == SQLITE_ROW &&
         (limits.rows == 0 || sample.row_count < limits.rows)) {
    hash.add(statement, columns);
    ++sample.row_count;
  }
  sample.digest = hash.digest();
  sample.steps =
      static_cast<std::uint32_t>(::sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1));
  if (code == SQLITE_ROW) {
    sample.status = Status::row_limit;
    sample.message = fmt::format("more than {} rows", limits.rows);
  } else if (code == SQLITE_DONE && limits.steps > 0 && sample.steps > limits.steps) {
    sample.status = Status::timeout; // the handler may have looked a little late
    sample.message = fmt::format("more than {} steps", limits.steps);
  } else if (code != SQLITE_DONE) {
    const auto verdict = runtime_verdict(connection_->handle(), connection_->guard(), code);
    sample.status = verdict.status;
    sample.cause = verdict.cause;
    sample.message = verdict.message;
  }
  ::sqlite3_reset(statement);
  return sample;
}

} // namespace quill::engine
