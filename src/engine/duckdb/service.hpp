// A worker of DuckDB: one file or one script.
#pragma once

#include "engine/duckdb/database.hpp"
#include "engine/duckdb/gate.hpp"
#include "engine/duckdb/statement.hpp"
#include "engine/worker/engine_service.hpp"

namespace quill::engine::duckdb {

class DuckdbService final : public EngineService {
 public:
  using EngineService::EngineService;

 private:
  [[nodiscard]] std::string version() const override;
  bool open(const Socket::Received& received) override;
  Execution run(const Statement& statement, const SendFrame& send) override;
  Sample sample(const Statement& statement) override;
  Sample hash(const Statement& statement) override;
  Plan plan(const Statement& statement, bool analyze) override;
  SchemaAnswer schema() override;
  Loaded load(const std::vector<TableRows>& tables, bool reversed) override;

  void open_file(const OpenFile& request);
  void open_script(const OpenScript& request);
  void make(const MakeTpcds& request);
  void settle(Opened opened);
  /// False, told in `outcome`, when the limits cannot be set.
  template <class T> bool lock(const Limits& limits, T& outcome);

  /// What statements run on.
  [[nodiscard]] const Database& at_hand() const { return is_scratch_ ? scratch_ : database_; }

  Database database_;
  Database scratch_; ///< its tables with other rows, from the first load on
  bool is_scratch_ = false;
  Gate gate_;
  std::string hash_secret_;
  std::int64_t script_mb_ = 0; ///< what the tables of a script hold in memory
};

} // namespace quill::engine::duckdb
