#include "engine/postgres/scratch.hpp"

#include <fmt/format.h>

#include "engine/worker/insertion.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::postgres {
namespace {

/// The session owns its temporary tables: for a while it is itself again, and may write.
class Writing {
 public:
  explicit Writing(const Connection& connection) : connection_(connection) {
    if (connection_.is_superuser())
      (void)connection_.execute("RESET SESSION AUTHORIZATION");
    (void)connection_.execute("SET default_transaction_read_only = off");
  }
  ~Writing() {
    (void)connection_.execute("SET default_transaction_read_only = on");
    if (connection_.is_superuser())
      (void)connection_.execute("SET SESSION AUTHORIZATION pg_read_all_data");
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

 private:
  const Connection& connection_;
};

/// A cell as PostgreSQL reads text; nullopt for NULL.
struct AsText {
  std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
  std::optional<std::string> operator()(std::int64_t value) const {
    return fmt::format("{}", value);
  }
  std::optional<std::string> operator()(double value) const { return fmt::format("{}", value); }
  std::optional<std::string> operator()(const std::string& value) const { return value; }
  std::optional<std::string> operator()(const Blob& value) const {
    std::string hex = "\\x";
    for (const unsigned char byte : value.bytes)
      hex += fmt::format("{:02x}", byte);
    return hex;
  }
};

std::string temporary(const TableRows& table) {
  return "pg_temp." + sql::quoted_name(table.table, sql::Dialect::postgres);
}

std::string words_of(const PGresult* result) {
  const auto status = ::PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? ""
                                                                 : ::PQresultErrorMessage(result);
}

bool inserted(const Connection& connection, const TableRows& table, const RowList& rows) {
  std::vector<std::optional<std::string>> cells;
  for (const auto* row : rows)
    for (const auto& cell : *row)
      cells.push_back(std::visit(AsText{}, cell));
  std::vector<const char*> values;
  for (const auto& cell : cells)
    values.push_back(cell ? cell->c_str() : nullptr);
  const auto sql = insertion(table, rows.size(), sql::Dialect::postgres);
  const ResultHandle result(::PQexecParams(connection.get(), sql.c_str(),
                                           static_cast<int>(values.size()), nullptr, values.data(),
                                           nullptr, nullptr, 0));
  return words_of(result.get()).empty();
}

} // namespace

void drop_foreign_keys(const Connection& connection) {
  const Writing writing(connection);
  for (const auto& row : connection.rows("SELECT conrelid::regclass, quote_ident(conname) FROM "
                                         "pg_constraint WHERE contype = 'f' AND connamespace = "
                                         "pg_my_temp_schema()"))
    (void)connection.execute(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", row[0], row[1]));
}

Loaded load_rows(const Connection& connection, const std::vector<TableRows>& tables,
                 bool reversed) {
  const Writing writing(connection);
  const auto empty = [&](const TableRows& table) {
    return words_of(connection.execute("TRUNCATE " + temporary(table)).get());
  };
  return load_tables(tables, reversed, empty, [&](const TableRows& table, const RowList& rows) {
    return inserted(connection, table, rows);
  });
}

} // namespace quill::engine::postgres
