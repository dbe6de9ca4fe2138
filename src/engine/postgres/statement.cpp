#include "engine/postgres/statement.hpp"

#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "engine/postgres/cells.hpp"
#include "engine/worker/canonical.hpp"
#include "engine/worker/row_frames.hpp"
#include "engine/worker/row_hash.hpp"
#include "engine/worker/stop.hpp"
#include "engine/worker/stopwatch.hpp"

namespace quill::engine::postgres {
namespace {

constexpr int kRepeatsMax = 1'000'000;
constexpr std::int64_t kRowsAtOnce = 1000;

struct AppendCell {
  std::string& bytes;
  void operator()(std::monostate) const { append_null(bytes); }
  void operator()(std::int64_t value) const { append_integer(bytes, value); }
  void operator()(double value) const { append_real(bytes, value); }
  void operator()(const std::string& value) const { append_counted(bytes, 't', value); }
  void operator()(const Blob& value) const { append_counted(bytes, 'b', value.bytes); }
};

std::vector<std::string> columns_of(const PGresult* result) {
  std::vector<std::string> names;
  for (int i = 0; i < ::PQnfields(result); ++i)
    names.emplace_back(::PQfname(result, i));
  return names;
}

/// Sends one statement by the extended protocol and takes its rows one at a time. What is left when
/// `take` returns false is read and dropped.
Verdict stream(const Connection& connection, const std::string& sql,
               const std::function<bool(const PGresult*)>& take,
               std::vector<std::string>* columns) {
  auto* link = connection.get();
  if (::PQsendQueryParams(link, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0)
    return verdict_of(connection, nullptr);
  ::PQsetSingleRowMode(link);
  Verdict verdict;
  bool taking = true;
  while (const ResultHandle result{::PQgetResult(link)}) {
    const auto status = ::PQresultStatus(result.get());
    if (columns && columns->empty() && ::PQnfields(result.get()) > 0)
      *columns = columns_of(result.get());
    if (status == PGRES_SINGLE_TUPLE)
      taking = taking && take(result.get());
    else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && verdict.passed())
      verdict = verdict_of(connection, result.get());
  }
  return verdict;
}

Verdict settled(Verdict verdict, const Limits& limits) {
  if (stop_is_requested())
    return {Status::row_limit, Cause::none, "stopped by the reader of its rows"};
  if (verdict.status == Status::timeout)
    verdict.message = fmt::format("not done after {} ms", limits.timeout_ms);
  return verdict;
}

Row row_of(const PGresult* result) {
  Row row;
  const int columns = ::PQnfields(result);
  row.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i)
    row.push_back(cell(result, 0, i));
  return row;
}

/// Fetches from the cursor until it is empty or a limit is passed.
class Fetching {
 public:
  Fetching(const Connection& connection, const ReadOnly& transaction, const Limits& limits,
           RowFrames& frames, const Stopwatch& watch)
      : connection_(connection), transaction_(transaction), limits_(limits), frames_(frames),
        watch_(watch) {}

  Verdict run(std::vector<std::string>& columns) {
    for (bool first = true;; first = false) {
      if (!first && !allow_rest())
        return {Status::timeout, Cause::none, ""};
      const auto wanted = next_count();
      const auto before = seen_;
      auto verdict = stream(
          connection_, fmt::format("FETCH FORWARD {} FROM quill_rows", wanted),
          [this](const PGresult* result) { return take(result); }, &columns);
      if (verdict.passed() && limited_)
        return {Status::row_limit, Cause::none, frames_.message()};
      if (!verdict.passed() || seen_ - before < wanted || stop_is_requested())
        return verdict;
    }
  }

 private:
  /// One more than allowed tells that there are more.
  [[nodiscard]] std::int64_t next_count() const {
    if (limits_.rows <= 0)
      return kRowsAtOnce;
    return std::min(kRowsAtOnce, limits_.rows - frames_.rows() + 1);
  }
  bool allow_rest() const {
    const auto left = static_cast<double>(limits_.timeout_ms) - watch_.ms();
    transaction_.allow(static_cast<std::int64_t>(left));
    return left > 0;
  }
  bool take(const PGresult* result) {
    ++seen_;
    if (!limited_ && (frames_.full() || !frames_.add(row_of(result))))
      limited_ = true;
    return !limited_;
  }

  const Connection& connection_;
  const ReadOnly& transaction_;
  const Limits& limits_;
  RowFrames& frames_;
  const Stopwatch& watch_;
  std::int64_t seen_ = 0;
  bool limited_ = false;
};

Verdict declare(const Connection& connection, const std::string& sql) {
  const auto declared = connection.execute_one("DECLARE quill_rows NO SCROLL CURSOR FOR " + sql);
  return ::PQresultStatus(declared.get()) == PGRES_COMMAND_OK
             ? Verdict{}
             : verdict_of(connection, declared.get());
}

struct OneRun {
  Verdict verdict;
  Digest digest;
  std::int64_t rows = 0;
  double elapsed_ms = 0;
};

OneRun run_once(const Connection& connection, const Statement& statement, std::string_view secret,
                std::vector<std::string>* columns) {
  OneRun run;
  const ReadOnly transaction(connection, statement.limits.timeout_ms);
  RowHash hash(secret);
  const auto take = [&](const PGresult* result) {
    auto& bytes = hash.open_row();
    for (int i = 0; i < ::PQnfields(result); ++i)
      std::visit(AppendCell{bytes}, cell(result, 0, i));
    hash.close_row();
    ++run.rows;
    return true;
  };
  const Stopwatch watch;
  run.verdict = stream(connection, statement.sql, take, columns);
  run.elapsed_ms = watch.ms();
  run.digest = hash.digest();
  return run;
}

std::string member(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "Index Scan on orders using by_user (cost 12.3, rows 4)".
void append_lines(const Json& step, std::size_t depth, Plan& plan) {
  constexpr std::size_t kDepthMax = 200;
  if (!step.is_object() || depth > kDepthMax)
    return;
  auto line = std::string(depth * 2, ' ') + member(step, "Node Type");
  if (const auto table = member(step, "Relation Name"); !table.empty())
    line += " on " + table;
  if (const auto index = member(step, "Index Name"); !index.empty()) {
    line += " using " + index;
    auto& used = plan.indexes_used;
    if (std::find(used.begin(), used.end(), index) == used.end())
      used.push_back(index);
  }
  for (const auto* key : {"Filter", "Index Cond", "Hash Cond", "Merge Cond", "Join Filter"})
    if (const auto condition = member(step, key); !condition.empty())
      line += fmt::format(" {}", condition);
  plan.lines.push_back(std::move(line));
  if (const auto children = step.find("Plans"); children != step.end() && children->is_array())
    for (const auto& child : *children)
      append_lines(child, depth + 1, plan);
}

} // namespace

Execution run_statement(const Connection& connection, const Gate& gate, const Statement& statement,
                        const SendFrame& send) {
  Execution execution;
  if (auto verdict = gate.check(statement.sql, &execution.tables_read); !verdict.passed()) {
    tell(execution, std::move(verdict));
    return execution;
  }
  const ReadOnly transaction(connection, statement.limits.timeout_ms);
  Stopwatch watch;
  RowFrames frames(watch, statement.limits, send);
  auto verdict = declare(connection, statement.sql);
  if (verdict.passed())
    verdict =
        Fetching(connection, transaction, statement.limits, frames, watch).run(execution.columns);
  execution.elapsed_ms = watch.ms();
  tell(execution, settled(std::move(verdict), statement.limits));
  frames.flush();
  execution.row_count = frames.rows();
  return execution;
}

Sample sample_statement(const Connection& connection, const Gate& gate, const Statement& statement,
                        std::string_view hash_secret) {
  Sample sample;
  sample.repeats = 0;
  if (auto verdict = gate.check(statement.sql, &sample.tables_read); !verdict.passed()) {
    tell(sample, std::move(verdict));
    return sample;
  }
  do {
    const bool first = sample.repeats == 0;
    auto run = run_once(connection, statement, hash_secret, first ? &sample.columns : nullptr);
    sample.total_ms += run.elapsed_ms;
    ++sample.repeats;
    if (first) {
      sample.digest = run.digest;
      sample.row_count = run.rows;
    }
    tell(sample, settled(std::move(run.verdict), statement.limits));
  } while (sample.status == Status::ok && sample.total_ms < statement.sample_ms_min &&
           sample.repeats < kRepeatsMax);
  sample.elapsed_ms = sample.total_ms / sample.repeats;
  return sample;
}

Plan plan_of(const Connection& connection, const Gate& gate, const Statement& statement,
             bool analyze) {
  Plan plan;
  if (const auto verdict = gate.check(statement.sql, nullptr); !verdict.passed()) {
    plan.message = verdict.message;
    return plan;
  }
  const ReadOnly transaction(connection, statement.limits.timeout_ms);
  const auto* prefix =
      analyze ? "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " : "EXPLAIN (FORMAT JSON) ";
  const auto result = connection.execute_one(prefix + statement.sql);
  if (::PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    plan.message = settled(verdict_of(connection, result.get()), statement.limits).message;
    return plan;
  }
  constexpr int kPlanDepthMax = 2000;
  plan.json = ::PQgetvalue(result.get(), 0, 0);
  for (const auto& each : parse_json(plan.json, "plan", kPlanDepthMax))
    if (const auto root = each.find("Plan"); root != each.end()) {
      append_lines(*root, 0, plan);
      plan.cost = root->value("Total Cost", 0.0);
    }
  plan.ok = true;
  return plan;
}

} // namespace quill::engine::postgres
