// A session of an engine that has a worker program of its own: everything but how it is opened.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/conversation.hpp"
#include "engine/scratch_rows.hpp"
#include "quill/engine/scratch.hpp"

namespace quill::engine {

class WorkerSession : public Scratch {
 public:
  Execution run(std::string_view sql, const Limits& limits, Side side,
                const std::function<bool(Row&&)>& sink) override;
  Sample sample(std::string_view sql, const Limits& limits, Side side,
                double sample_ms_min) override;
  IndexBuild build_indexes(const std::vector<std::string>& create_index,
                           const Limits& limits) override;
  Loaded load(const std::vector<TableRows>& tables) override;
  std::vector<Sample> hashes(const std::vector<Asked>& statements, const Limits& limits) override;
  Plan plan(std::string_view sql, Side side) override;
  Plan analyze(std::string_view sql, const Limits& limits, Side side) override;
  Plan suppose(std::string_view sql, const std::vector<std::string>& create_index) override;
  std::string program(std::string_view) override { return ""; }
  const sql::Schema& schema() override;
  sql::Grammar grammar() override;
  [[nodiscard]] std::string version() const override { return talk_.opened().version; }
  [[nodiscard]] int worker_pid() const override { return talk_.pid(); }

 protected:
  explicit WorkerSession(const Cancel* cancel) : talk_(cancel) {}

  /// Opens a worker. \throws Error
  virtual void open() = 0;
  /// True when the worker cannot run under these limits and must be made anew.
  [[nodiscard]] virtual bool outgrown(const Limits& limits) const = 0;
  /// Sets what is limited from outside.
  virtual void limit(const Limits& limits) = 0;
  /// A statement is about to run under these limits.
  virtual void run_under(const Limits& limits) { (void)limits; }
  [[nodiscard]] virtual std::string place() const = 0; ///< the `where` of errors
  /// Why no index can be tried.
  [[nodiscard]] virtual std::string no_index() const = 0;

  Conversation talk_;

 private:
  /// A living worker that holds its rows; "" or why it cannot.
  std::string ready(const Limits& limits);
  /// The same for a question about no statement, or a plan: under the limits of the last one, for
  /// others could cost a new worker now and another at the next statement.
  [[nodiscard]] Limits last_limits() const { return limits_.value_or(Limits{}); }
  void wake();
  void end_if_gone(const std::string& message);
  Plan plan_by(Ask ask, std::string_view sql, const Limits& limits);

  ScratchRows rows_;
  std::optional<Limits> limits_; ///< of the last statement
  std::optional<sql::Schema> schema_;
};

} // namespace quill::engine
