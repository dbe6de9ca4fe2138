// What a worker costs: a query through a warm session against the same query in this process.
//
//   build/engine_overhead [DUCKDB_FILE|-] [POSTGRES_CONNECTION]
//
// Prints the median and the 95th percentile of each, and what the worker adds; exit code 1 when the
// median of what it adds to SQLite is above 0.3 ms. The other engines are timed when they are
// named.
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <sqlite3.h>

#include "quill/core/error.hpp"
#include "quill/engine/session.hpp"

namespace {

using namespace quill;
using Clock = std::chrono::steady_clock;

constexpr int kCalls = 2000;
constexpr double kAllowedMs = 0.3;

constexpr const char* kScript =
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);"
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<1000)"
    " INSERT INTO users SELECT x, 'user'||x, 18+x%60 FROM c;";

struct Timing {
  double median_ms = 0;
  double late_ms = 0; ///< 95th percentile
};

Timing timing_of(const std::function<void()>& call) {
  std::vector<double> samples;
  for (int i = 0; i < kCalls; ++i) {
    const auto start = Clock::now();
    call();
    samples.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(samples.begin(), samples.end());
  return {samples[samples.size() / 2], samples[samples.size() * 95 / 100]};
}

/// Rows read and dropped.
void run_here(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  ::sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  while (::sqlite3_step(statement) == SQLITE_ROW)
    for (int i = 0; i < ::sqlite3_column_count(statement); ++i)
      (void)::sqlite3_column_text(statement, i);
  ::sqlite3_finalize(statement);
}

void print(const char* what, const Timing& timing) {
  fmt::print("{:<34} median {:.3f} ms, 95 % below {:.3f} ms\n", what, timing.median_ms,
             timing.late_ms);
}

/// True when the worker adds little enough.
bool compare_sqlite(const std::string& sql) {
  sqlite3* database = nullptr;
  ::sqlite3_open(":memory:", &database);
  ::sqlite3_exec(database, kScript, nullptr, nullptr, nullptr);
  const auto session = engine::open_sqlite_script(kScript);
  fmt::print("{}\n", sql);
  const auto here = timing_of([&] { run_here(database, sql); });
  const auto there = timing_of([&] { (void)session->run(sql, {}); });
  ::sqlite3_close(database);
  print("  in this process", here);
  print("  in a warm worker", there);
  const double added = there.median_ms - here.median_ms;
  fmt::print("  the worker adds {:.3f} ms (at most {} ms)\n", added, kAllowedMs);
  return added <= kAllowedMs;
}

void time_engine(engine::Engine kind, const std::string& database) {
  const auto start = Clock::now();
  const auto session = engine::open_session(kind, database);
  (void)session->run("SELECT 1", {});
  const double first = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  fmt::print("{}: opened and first answer {:.1f} ms\n", session->version(), first);
  print("  SELECT 1 in a warm worker", timing_of([&] { (void)session->run("SELECT 1", {}); }));
}

} // namespace

int main(int count, char** arguments) {
  try {
    bool good = compare_sqlite("SELECT 1");
    good = compare_sqlite("SELECT * FROM users WHERE id = 77") && good;
    good = compare_sqlite("SELECT age, count(*) FROM users GROUP BY age") && good;
    if (count > 1 && std::string(arguments[1]) != "-")
      time_engine(engine::Engine::duckdb, arguments[1]);
    if (count > 2)
      time_engine(engine::Engine::postgres, arguments[2]);
    return good ? 0 : 1;
  } catch (const Error& error) {
    fmt::print(stderr, "{}", error.format());
    return static_cast<int>(error.exit());
  }
}
