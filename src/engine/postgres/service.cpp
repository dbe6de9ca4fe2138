#include "engine/postgres/service.hpp"

#include <utility>

#include <fmt/core.h>

#include "engine/postgres/fill.hpp"
#include "engine/postgres/hypothetical.hpp"
#include "engine/postgres/schema.hpp"
#include "engine/postgres/scratch.hpp"
#include "engine/postgres/statement.hpp"
#include "engine/worker/row_hash.hpp"

namespace quill::engine::postgres {

std::string PostgresService::version() const {
  const int number = ::PQlibVersion(); // 150018
  return fmt::format("libpq {}.{}", number / 10'000, number % 10'000);
}

bool PostgresService::open(const Socket::Received& received) {
  if (FillServer filling;
      received.ask == Ask::fill_server && decode_whole(received.payload, filling)) {
    fill_server(filling);
    return true;
  }
  OpenServer request;
  if (received.ask != Ask::open_server || !decode_whole(received.payload, request) ||
      request.hash_secret.size() != kHashSecretBytes)
    return false;
  hash_secret_ = request.hash_secret;
  if (const auto wrong = connection_.open(request); !wrong.empty()) {
    refuse({fmt::format("the PostgreSQL server cannot be reached: {}", wrong),
            "check --db (a connection string such as \"host=/run/postgresql dbname=shop "
            "user=quill_eval\"), and PGPASSWORD",
            true});
    return true;
  }
  if (const auto wrong = connection_.settle(request.script); !wrong.empty()) {
    refuse({wrong, "see the page on engines in docs", request.script.empty()});
    return true;
  }
  gate_.open(connection_);
  Opened opened;
  opened.version = connection_.version();
  opened.address_space = address_space();
  opened.backend = connection_.backend();
  const auto walls = lock_down();
  answer_opened(std::move(opened), walls);
  return true;
}

/// Nothing is asked of it afterwards: the parent leaves.
void PostgresService::fill_server(const FillServer& request) {
  OpenServer server;
  server.connection = request.connection;
  server.password = request.password;
  if (const auto wrong = connection_.open(server); !wrong.empty())
    return refuse({fmt::format("the PostgreSQL server cannot be reached: {}", wrong),
                   "check --dsn, and PGPASSWORD", true});
  if (const auto wrong = fill(connection_, request); !wrong.empty())
    return refuse({fmt::format("the tables cannot be filled: {}", wrong),
                   "give a database of your own that has no table of these names, and a role that "
                   "may make tables in it",
                   true});
  Opened opened;
  opened.version = connection_.version();
  answer_opened(std::move(opened), {});
}

Execution PostgresService::run(const Statement& statement, const SendFrame& send) {
  return run_statement(connection_, gate_, statement, send);
}

Sample PostgresService::sample(const Statement& statement) {
  return sample_statement(connection_, gate_, statement, hash_secret_);
}

Plan PostgresService::plan(const Statement& statement, bool analyze) {
  return plan_of(connection_, gate_, statement, analyze);
}

Plan PostgresService::suppose(const Supposition& supposition) {
  return plan_with_indexes(connection_, gate_, supposition);
}

Loaded PostgresService::load(const std::vector<TableRows>& tables, bool reversed) {
  if (!std::exchange(is_scratch_, true))
    drop_foreign_keys(connection_);
  return load_rows(connection_, tables, reversed);
}

SchemaAnswer PostgresService::schema() {
  return read_schema(connection_);
}

} // namespace quill::engine::postgres
