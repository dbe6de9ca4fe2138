#include "engine/worker/statement.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>

#include "engine/worker/row_hash.hpp"

namespace quill::engine {
namespace {

constexpr int kRepeatsMax = 1'000'000;
constexpr std::int64_t kNoLimitMb = 1 << 20;

/// Of this thread. Other processes on the same core do not show in it as they do in wall time.
double processor_ms() {
  timespec now{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
    return 0;
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class T> void refuse(T& outcome, const Prepared& prepared) {
  outcome.status = prepared.status;
  outcome.cause = prepared.cause;
  outcome.message = prepared.message;
}

std::vector<std::string> column_names(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  for (int i = 0; i < ::sqlite3_column_count(statement); ++i) {
    const char* name = ::sqlite3_column_name(statement, i);
    names.emplace_back(name ? name : "");
  }
  return names;
}

std::int64_t steps_of(sqlite3_stmt* statement) {
  // The counter has 32 bits; the interface gives them as int.
  return static_cast<std::uint32_t>(::sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0));
}

/// Which of the two limits ended it, with numbers that repeat where the limit does.
template <class T> void explain_timeout(T& outcome, const Limits& limits, double elapsed_ms) {
  const bool by_steps = limits.steps > 0 && elapsed_ms <= static_cast<double>(limits.timeout_ms);
  if (by_steps) {
    outcome.steps = limits.steps;
    outcome.message = fmt::format("more than {} steps", limits.steps);
  } else {
    outcome.message = fmt::format("not done after {} ms", limits.timeout_ms);
  }
}

/// The verdict of the last step: done, or ended by something.
template <class T>
void conclude(T& outcome, Connection& connection, int code, const Limits& limits,
              double elapsed_ms) {
  if (code == SQLITE_DONE) {
    outcome.status = Status::ok;
    if (limits.steps > 0 && outcome.steps > limits.steps)
      outcome.status = Status::timeout;
  } else {
    refuse(outcome, runtime_verdict(connection.handle(), connection.guard(), code));
  }
  if (outcome.status == Status::timeout)
    explain_timeout(outcome, limits, elapsed_ms);
}

Value cell(sqlite3_stmt* row, int column) {
  switch (::sqlite3_column_type(row, column)) {
  case SQLITE_INTEGER:
    return std::int64_t{::sqlite3_column_int64(row, column)};
  case SQLITE_FLOAT:
    return ::sqlite3_column_double(row, column);
  case SQLITE_TEXT: {
    const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(row, column));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(row, column));
    return text ? std::string(text, size) : std::string();
  }
  case SQLITE_BLOB: {
    const auto* blob = static_cast<const char*>(::sqlite3_column_blob(row, column));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(row, column));
    return Blob{blob ? std::string(blob, size) : std::string()};
  }
  default:
    return {};
  }
}

/// Collects rows into frames and hands each full one over.
class RowWriter {
 public:
  RowWriter(Guard& guard, const Limits& limits, const SendRows& send)
      : guard_(guard), limits_(limits), send_(send),
        bytes_max_(std::min(limits.result_mb, kNoLimitMb) << 20) {
    out_.number(std::uint32_t{0});
  }

  /// False when the row would pass a limit; `message` then says which.
  bool add(sqlite3_stmt* row, int columns, std::string& message) {
    if (limits_.rows > 0 && rows_ >= limits_.rows) {
      message = fmt::format("more than {} rows", limits_.rows);
      return false;
    }
    const auto bytes = bytes_of(row, columns);
    bytes_ += bytes;
    const bool too_wide = bytes > static_cast<std::int64_t>(kFrameMax / 2);
    if (too_wide || (limits_.result_mb > 0 && bytes_ > bytes_max_)) {
      message = fmt::format("more than {} MB of rows",
                            too_wide ? std::int64_t{kFrameMax >> 21U} : limits_.result_mb);
      return false;
    }
    write(row, columns);
    return true;
  }
  void flush() {
    if (in_frame_ == 0)
      return;
    out_.patch(0, in_frame_);
    guard_.pause();
    send_(out_);
    guard_.resume();
    out_.clear();
    out_.number(std::uint32_t{0});
    in_frame_ = 0;
  }
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }

 private:
  static std::int64_t bytes_of(sqlite3_stmt* row, int columns) {
    std::int64_t bytes = 4;
    for (int i = 0; i < columns; ++i) {
      const int type = ::sqlite3_column_type(row, i);
      const bool counted = type == SQLITE_TEXT || type == SQLITE_BLOB;
      bytes += 9 + (counted ? ::sqlite3_column_bytes(row, i) : 0);
    }
    return bytes;
  }
  void write(sqlite3_stmt* row, int columns) {
    out_.number(static_cast<std::uint32_t>(columns));
    for (int i = 0; i < columns; ++i)
      encode(out_, cell(row, i));
    ++rows_;
    ++in_frame_;
    if (out_.size() >= kRowsFrameBytes)
      flush();
  }

  Guard& guard_;
  const Limits& limits_;
  const SendRows& send_;
  std::int64_t bytes_max_;
  Encoder out_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
  std::uint32_t in_frame_ = 0;
};

/// Steps to the end or to a limit; SQLITE_ROW means a row limit, described in `message`.
int step_all(sqlite3_stmt* statement, RowWriter& writer, std::string& message) {
  const int columns = ::sqlite3_column_count(statement);
  for (;;) {
    const int code = ::sqlite3_step(statement);
    if (code != SQLITE_ROW)
      return code;
    if (!writer.add(statement, columns, message))
      return SQLITE_ROW;
  }
}

struct OneRun {
  Prepared prepared;
  int code = SQLITE_DONE;
  Digest digest;
  std::int64_t rows = 0;
  std::int64_t steps = 0;
  double elapsed_ms = 0;
};

/// A sample waits for its processor time, but at most so many times as long as was asked for.
constexpr double kWaitMax = 20;

/// Has the sample not lasted long enough? Where others hold the processor its wall time is no sign
/// of that.
bool is_short(double total_ms, double processor_start_ms, double ms_min) {
  if (total_ms < ms_min)
    return true;
  return ms_min > 0 && total_ms < kWaitMax * ms_min && processor_ms() - processor_start_ms < ms_min;
}

/// Prepare, every row hashed, finalize: the timed region of a sample.
OneRun run_once(Connection& connection, const Statement& statement, std::string_view secret,
                Sample* first) {
  OneRun run;
  connection.start(statement.limits);
  run.prepared = connection.prepare(statement.sql);
  if (auto* handle = run.prepared.statement.get()) {
    RowHash hash(secret);
    const int columns = ::sqlite3_column_count(handle);
    while ((run.code = ::sqlite3_step(handle)) == SQLITE_ROW) {
      hash.add(handle, columns);
      ++run.rows;
    }
    run.digest = hash.digest();
    run.steps = steps_of(handle);
    if (first)
      first->columns = column_names(handle);
    if (run.code == SQLITE_DONE)
      run.prepared.statement.reset();
  }
  run.elapsed_ms = connection.guard().elapsed_ms();
  return run;
}

} // namespace

Execution run_statement(Connection& connection, const Statement& statement, const SendRows& send) {
  Execution execution;
  connection.start(statement.limits);
  auto prepared = connection.prepare(statement.sql);
  execution.tables_read = connection.guard().tables_read();
  if (!prepared.statement) {
    refuse(execution, prepared);
    execution.elapsed_ms = connection.guard().elapsed_ms();
    return execution;
  }
  auto* handle = prepared.statement.get();
  execution.columns = column_names(handle);
  RowWriter writer(connection.guard(), statement.limits, send);
  std::string limit;
  const int code = step_all(handle, writer, limit);
  execution.elapsed_ms = connection.guard().elapsed_ms();
  execution.steps = steps_of(handle);
  if (code == SQLITE_ROW)
    execution.status = Status::row_limit, execution.message = limit;
  else
    conclude(execution, connection, code, statement.limits, execution.elapsed_ms);
  writer.flush();
  execution.row_count = writer.rows();
  return execution;
}

Sample sample_statement(Connection& connection, const Statement& statement,
                        std::string_view hash_secret) {
  Sample sample;
  sample.repeats = 0;
  const double processor_start_ms = processor_ms();
  do {
    const bool first = sample.repeats == 0;
    const auto run = run_once(connection, statement, hash_secret, first ? &sample : nullptr);
    sample.total_ms += run.elapsed_ms;
    ++sample.repeats;
    if (first) {
      sample.tables_read = connection.guard().tables_read();
      sample.digest = run.digest;
      sample.row_count = run.rows;
      sample.steps = run.steps;
    }
    if (run.prepared.status != Status::ok)
      refuse(sample, run.prepared);
    else
      conclude(sample, connection, run.code, statement.limits, run.elapsed_ms);
  } while (sample.status == Status::ok && sample.repeats < kRepeatsMax &&
           is_short(sample.total_ms, processor_start_ms, statement.sample_ms_min));
  sample.elapsed_ms = sample.total_ms / sample.repeats;
  sample.cpu_ms = (processor_ms() - processor_start_ms) / sample.repeats;
  return sample;
}

} // namespace quill::engine
