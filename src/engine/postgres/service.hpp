// A worker of PostgreSQL: one connection to one server.
#pragma once

#include "engine/postgres/connection.hpp"
#include "engine/postgres/gate.hpp"
#include "engine/worker/engine_service.hpp"

namespace quill::engine::postgres {

class PostgresService final : public EngineService {
 public:
  using EngineService::EngineService;

 private:
  [[nodiscard]] std::string version() const override; ///< of libpq
  bool open(const Socket::Received& received) override;
  Execution run(const Statement& statement, const SendFrame& send) override;
  Sample sample(const Statement& statement) override;
  Plan plan(const Statement& statement, bool analyze) override;
  Plan suppose(const Supposition& supposition) override;
  SchemaAnswer schema() override;
  Loaded load(const std::vector<TableRows>& tables, bool reversed) override;

  void fill_server(const FillServer& request);

  Connection connection_;
  Gate gate_;
  std::string hash_secret_;
  bool is_scratch_ = false; ///< rows were loaded once
};

} // namespace quill::engine::postgres
