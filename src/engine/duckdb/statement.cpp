#include "engine/duckdb/statement.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "engine/duckdb/cells.hpp"
#include "engine/duckdb/deadline.hpp"
#include "engine/worker/canonical.hpp"
#include "engine/worker/row_frames.hpp"
#include "engine/worker/row_hash.hpp"
#include "engine/worker/stop.hpp"
#include "engine/worker/stopwatch.hpp"

namespace quill::engine::duckdb {
namespace {

constexpr int kRepeatsMax = 1'000'000;
constexpr idx_t kColumnsMax = 10'000;

class ValueSink final : public CellSink {
 public:
  void null() override { row.emplace_back(); }
  void integer(std::int64_t value) override { row.emplace_back(value); }
  void real(double value) override { row.emplace_back(value); }
  void text(std::string_view value) override { row.emplace_back(std::string(value)); }
  void blob(std::string_view value) override { row.emplace_back(Blob{std::string(value)}); }
  Row row;
};

class HashSink final : public CellSink {
 public:
  explicit HashSink(std::string& bytes) : bytes_(bytes) {}
  void null() override { append_null(bytes_); }
  void integer(std::int64_t value) override { append_integer(bytes_, value); }
  void real(double value) override { append_real(bytes_, value); }
  void text(std::string_view value) override { append_counted(bytes_, 't', value); }
  void blob(std::string_view value) override { append_counted(bytes_, 'b', value); }

 private:
  std::string& bytes_;
};

/// A statement prepared: what may not be a SELECT is blocked.
Verdict prepare(const Database& database, const std::string& sql, PreparedHandle& handle) {
  if (::duckdb_prepare(database.connection(), sql.c_str(), handle.out()) != DuckDBSuccess) {
    const char* error = ::duckdb_prepare_error(handle.get());
    return verdict_of(error ? error : "it cannot be prepared");
  }
  if (::duckdb_prepared_statement_type(handle.get()) != DUCKDB_STATEMENT_TYPE_SELECT)
    return blocked(Cause::forbidden, "only a SELECT may run");
  return {};
}

/// One run of one statement: prepared, started, its chunks one after the other.
class Run {
 public:
  Run(const Database& database, const std::string& sql)
      : verdict_(prepare(database, sql, prepared_)) {
    if (verdict_.passed())
      execute();
  }

  [[nodiscard]] const Verdict& verdict() const noexcept { return verdict_; }
  [[nodiscard]] const std::vector<ColumnType>& types() const noexcept { return types_; }
  [[nodiscard]] std::vector<std::string> columns() {
    std::vector<std::string> names;
    for (idx_t i = 0; i < types_.size(); ++i)
      names.emplace_back(::duckdb_column_name(answered_->get(), i));
    return names;
  }
  /// The next rows; none at the end, or when the verdict is no longer ok.
  ChunkHandle next() {
    ChunkHandle chunk;
    if (!verdict_.passed())
      return chunk;
    *chunk.out() = ::duckdb_fetch_chunk(*answered_->get());
    if (!chunk)
      if (const char* error = ::duckdb_result_error(answered_->get()); error && *error)
        verdict_ = verdict_of(error);
    return chunk;
  }

 private:
  void execute();
  void describe();

  PreparedHandle prepared_;
  Verdict verdict_;
  std::optional<Answered> answered_;
  std::vector<ColumnType> types_;
};

void Run::execute() {
  PendingHandle pending;
  if (::duckdb_pending_prepared_streaming(prepared_.get(), pending.out()) != DuckDBSuccess) {
    const char* error = ::duckdb_pending_error(pending.get());
    verdict_ = verdict_of(error ? error : "it cannot be started");
    return;
  }
  answered_.emplace();
  if (::duckdb_execute_pending(pending.get(), answered_->get()) != DuckDBSuccess) {
    const char* error = ::duckdb_result_error(answered_->get());
    verdict_ = verdict_of(error ? error : "it cannot be run");
    return;
  }
  describe();
}

void Run::describe() {
  const auto columns = ::duckdb_column_count(answered_->get());
  if (columns > kColumnsMax) {
    verdict_ = blocked(Cause::syntax,
                       fmt::format("{} columns, at most {} are allowed", columns, kColumnsMax));
    return;
  }
  for (idx_t i = 0; i < columns; ++i) {
    TypeHandle type;
    *type.out() = ::duckdb_column_logical_type(answered_->get(), i);
    types_.push_back(column_type(type.get()));
    if (!is_readable(types_.back()))
      verdict_ = {Status::error, Cause::none,
                  fmt::format("column \"{}\" has a type that cannot be read: cast it to VARCHAR",
                              ::duckdb_column_name(answered_->get(), i))};
  }
}

Row row_of(const Cells& cells, std::size_t columns, idx_t row) {
  ValueSink sink;
  sink.row.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i)
    cells.read(i, row, sink);
  return std::move(sink.row);
}

/// Sends every row; false when a limit of rows or bytes ended it.
bool send_rows(Run& run, RowFrames& frames) {
  const auto columns = run.types().size();
  while (const auto chunk = run.next()) {
    const Cells cells(chunk.get(), run.types());
    const auto rows = ::duckdb_data_chunk_get_size(chunk.get());
    for (idx_t row = 0; row < rows; ++row)
      if (frames.full() || !frames.add(row_of(cells, columns, row)))
        return false;
    if (stop_is_requested())
      return true;
  }
  return true;
}

std::int64_t hash_rows(Run& run, RowHash& hash) {
  std::int64_t count = 0;
  const auto columns = run.types().size();
  while (const auto chunk = run.next()) {
    const Cells cells(chunk.get(), run.types());
    const auto rows = ::duckdb_data_chunk_get_size(chunk.get());
    for (idx_t row = 0; row < rows; ++row) {
      HashSink sink(hash.open_row());
      for (std::size_t i = 0; i < columns; ++i)
        cells.read(i, row, sink);
      hash.close_row();
    }
    count += static_cast<std::int64_t>(rows);
  }
  return count;
}

Verdict timed_out(const Limits& limits) {
  return {Status::timeout, Cause::none, fmt::format("not done after {} ms", limits.timeout_ms)};
}

/// An interruption has two senders.
Verdict settled(Verdict verdict, const Deadline& deadline, const Limits& limits) {
  if (verdict.status == Status::timeout && stop_is_requested())
    return {Status::row_limit, Cause::none, "stopped by the reader of its rows"};
  if (verdict.status == Status::timeout || (verdict.passed() && deadline.passed()))
    return timed_out(limits);
  return verdict;
}

std::vector<std::string> tables_read(const Database& database, const std::string& sql) {
  ValueHandle list;
  *list.out() = ::duckdb_get_table_names(database.connection(), sql.c_str(), false);
  std::vector<std::string> names;
  if (!list)
    return names;
  const auto count = ::duckdb_get_list_size(list.get());
  for (idx_t i = 0; i < count; ++i) {
    ValueHandle name;
    *name.out() = ::duckdb_get_list_child(list.get(), i);
    names.push_back(taken(::duckdb_get_varchar(name.get())));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Lines of the plan: each step behind its depth, with what it says of itself in brackets.
void append_lines(const Json& step, std::size_t depth, std::vector<std::string>& lines) {
  constexpr std::size_t kDepthMax = 200;
  if (!step.is_object() || depth > kDepthMax)
    return;
  const auto text = [&](const char* key) {
    const auto found = step.find(key);
    return found != step.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto name = text("name").empty() ? text("operator_name") : text("name");
  if (!name.empty()) {
    auto line = std::string(depth * 2, ' ') + name.substr(0, name.find_last_not_of(' ') + 1);
    if (const auto extra = step.find("extra_info"); extra != step.end() && !extra->empty())
      line += " " + dump_json(*extra);
    lines.push_back(std::move(line));
  }
  if (const auto children = step.find("children"); children != step.end() && children->is_array())
    for (const auto& child : *children)
      append_lines(child, depth + (name.empty() ? 0 : 1), lines);
}

} // namespace

Execution run_statement(const Database& database, const Gate& gate, const Statement& statement,
                        const SendFrame& send) {
  Execution execution;
  const Deadline deadline(database.connection(), statement.limits);
  auto verdict = gate.check(statement.sql);
  if (verdict.passed())
    execution.tables_read = tables_read(database, statement.sql);
  Stopwatch watch;
  if (!verdict.passed()) {
    tell(execution, settled(std::move(verdict), deadline, statement.limits));
    return execution;
  }
  RowFrames frames(watch, statement.limits, send);
  Run run(database, statement.sql);
  if (run.verdict().passed())
    execution.columns = run.columns();
  const bool whole = send_rows(run, frames);
  execution.elapsed_ms = watch.ms();
  tell(execution, whole ? settled(run.verdict(), deadline, statement.limits)
                        : Verdict{Status::row_limit, Cause::none, frames.message()});
  frames.flush();
  execution.row_count = frames.rows();
  return execution;
}

Sample sample_statement(const Database& database, const Gate& gate, const Statement& statement,
                        std::string_view hash_secret) {
  Sample sample;
  sample.repeats = 0;
  {
    const Deadline deadline(database.connection(), statement.limits);
    if (auto verdict = gate.check(statement.sql); !verdict.passed()) {
      tell(sample, settled(std::move(verdict), deadline, statement.limits));
      return sample;
    }
    sample.tables_read = tables_read(database, statement.sql);
  }
  const double processor_start_ms = processor_ms();
  do {
    const Deadline deadline(database.connection(), statement.limits);
    const Stopwatch watch;
    RowHash hash(hash_secret);
    Run run(database, statement.sql);
    const auto rows = hash_rows(run, hash);
    sample.total_ms += watch.ms();
    if (++sample.repeats == 1) {
      sample.digest = hash.digest();
      sample.row_count = rows;
      if (run.verdict().passed())
        sample.columns = run.columns();
    }
    tell(sample, settled(run.verdict(), deadline, statement.limits));
  } while (sample.status == Status::ok && sample.total_ms < statement.sample_ms_min &&
           sample.repeats < kRepeatsMax);
  sample.elapsed_ms = sample.total_ms / sample.repeats;
  sample.cpu_ms = (processor_ms() - processor_start_ms) / sample.repeats;
  return sample;
}

Sample hash_statement(const Database& database, const Gate& gate, const Statement& statement,
                      std::string_view hash_secret) {
  Sample sample;
  const Deadline deadline(database.connection(), statement.limits);
  if (auto verdict = gate.check(statement.sql); !verdict.passed()) {
    tell(sample, settled(std::move(verdict), deadline, statement.limits));
    return sample;
  }
  RowHash hash(hash_secret);
  Run run(database, statement.sql);
  sample.row_count = hash_rows(run, hash);
  sample.digest = hash.digest();
  tell(sample, settled(run.verdict(), deadline, statement.limits));
  return sample;
}

Plan plan_of(const Database& database, const Gate& gate, const Statement& statement, bool analyze) {
  Plan plan;
  const Deadline deadline(database.connection(), statement.limits);
  if (const auto verdict = gate.check(statement.sql); !verdict.passed()) {
    plan.message = verdict.message;
    return plan;
  }
  const auto prefix = analyze ? "EXPLAIN (ANALYZE, FORMAT JSON) " : "EXPLAIN (FORMAT JSON) ";
  Answered answered;
  if (::duckdb_query(database.connection(), (prefix + statement.sql).c_str(), answered.get()) !=
      DuckDBSuccess) {
    const char* error = ::duckdb_result_error(answered.get());
    plan.message = settled(verdict_of(error ? error : ""), deadline, statement.limits).message;
    return plan;
  }
  plan.json = taken(::duckdb_value_varchar(answered.get(), 1, 0));
  constexpr int kPlanDepthMax = 2000;
  const auto tree = parse_json(plan.json, "plan", kPlanDepthMax);
  for (const auto& root : tree.is_array() ? tree : Json::array({tree}))
    append_lines(root, 0, plan.lines);
  plan.ok = true;
  return plan;
}

} // namespace quill::engine::duckdb
