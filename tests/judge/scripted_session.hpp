// An engine whose clock is written down: what each run of a statement gives is said in advance.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "catch.hpp"
#include "quill/engine/session.hpp"

namespace quill::judge::test {

class ScriptedSession final : public engine::Session {
 public:
  /// The samples of one statement, in order; the last one repeats.
  std::map<std::string, std::deque<engine::Sample>> samples;
  std::map<std::string, engine::Execution> executions;
  engine::IndexBuild build{.ok = true, .message = "", .elapsed_ms = 3, .copy_ms = 2, .bytes = 4096};

  std::vector<std::string> sampled; ///< statements, in the order they were sampled
  std::vector<engine::Side> sides;
  std::vector<double> sample_ms_min;
  std::vector<std::string> built;
  engine::Limits last_limits;
  int runs = 0;

  engine::Sample sample(std::string_view sql, const engine::Limits& limits, engine::Side side,
                        double ms_min) override {
    sampled.emplace_back(sql);
    sides.push_back(side);
    sample_ms_min.push_back(ms_min);
    last_limits = limits;
    auto& queue = samples.at(std::string(sql));
    auto next = queue.front();
    if (queue.size() > 1)
      queue.pop_front();
    return next;
  }

  engine::Execution run(std::string_view sql, const engine::Limits&, engine::Side,
                        const std::function<bool(engine::Row&&)>& sink) override {
    ++runs;
    auto out = executions.at(std::string(sql));
    if (!sink)
      return out;
    auto rows = std::move(out.rows);
    out.rows.clear();
    for (auto& row : rows)
      if (!sink(std::move(row))) {
        out.status = engine::Status::row_limit;
        break;
      }
    return out;
  }

  engine::IndexBuild build_indexes(const std::vector<std::string>& create_index,
                                   const engine::Limits&) override {
    built = create_index;
    return build;
  }

  engine::Plan plan(std::string_view, engine::Side) override { return {}; }
  /// Without a script nothing is trusted: all opaque.
  std::deque<std::string> programs;
  std::string program(std::string_view) override {
    if (programs.empty())
      return {};
    auto next = programs.front();
    programs.pop_front();
    return next;
  }
  const sql::Schema& schema() override { return schema_; }
  sql::Grammar grammar() override { return sql::local_grammar(); }
  [[nodiscard]] std::string version() const override { return "scripted 1"; }

  /// `ms` one sample each, all with the same rows.
  void times(const std::string& sql, const std::vector<double>& ms, std::uint64_t rows_hash = 1) {
    for (const double each : ms)
      samples[sql].push_back(ran(each, rows_hash));
  }

  static engine::Sample ran(double ms, std::uint64_t rows_hash = 1) {
    engine::Sample out;
    out.status = engine::Status::ok;
    out.elapsed_ms = ms;
    out.total_ms = ms;
    out.steps = static_cast<std::int64_t>(ms * 1000);
    out.digest = {.list = {rows_hash, 0}, .bag = {rows_hash, 1}};
    out.row_count = 2;
    out.columns = {"a"};
    out.tables_read = {"t"};
    return out;
  }

  static engine::Sample ended(engine::Status status, const std::string& message,
                              engine::Cause cause = engine::Cause::none) {
    engine::Sample out;
    out.status = status;
    out.cause = cause;
    out.message = message;
    return out;
  }

 private:
  sql::Schema schema_;
};

} // namespace quill::judge::test
