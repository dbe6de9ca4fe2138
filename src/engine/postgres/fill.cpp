#include "engine/postgres/fill.hpp"

#include <array>
#include <fstream>

#include <fmt/core.h>

#include "quill/sql/parse.hpp"

namespace quill::engine::postgres {
namespace {

std::string error_of(const PGresult* result) {
  const auto status = ::PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
    return "";
  const char* primary = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return primary != nullptr ? primary : "no answer";
}

std::string execute(const Connection& connection, const std::string& script) {
  return script.empty() ? "" : error_of(connection.execute(script).get());
}

bool send_file(PGconn* connection, std::ifstream& file) {
  std::array<char, 1U << 16U> bytes{};
  while (file) {
    file.read(bytes.data(), bytes.size());
    if (::PQputCopyData(connection, bytes.data(), static_cast<int>(file.gcount())) != 1)
      return false;
  }
  return file.eof();
}

std::string copy(const Connection& connection, const CsvFile& csv) {
  std::ifstream file(csv.path, std::ios::binary);
  if (!file)
    return fmt::format("cannot read \"{}\"", csv.path);
  const auto begun = connection.execute(fmt::format(
      "COPY {} FROM STDIN (FORMAT csv)", sql::quoted_name(csv.table, sql::Dialect::postgres)));
  if (::PQresultStatus(begun.get()) != PGRES_COPY_IN)
    return error_of(begun.get());
  const bool sent = send_file(connection.get(), file);
  ::PQputCopyEnd(connection.get(), sent ? nullptr : "the file could not be read");
  std::string wrong;
  while (const ResultHandle result{::PQgetResult(connection.get())})
    if (wrong.empty())
      wrong = error_of(result.get());
  return wrong.empty() ? "" : fmt::format("table {}: {}", csv.table, wrong);
}

std::string fill_all(const Connection& connection, const FillServer& request) {
  if (auto wrong = execute(connection, request.before); !wrong.empty())
    return wrong;
  for (const auto& csv : request.files)
    if (auto wrong = copy(connection, csv); !wrong.empty())
      return wrong;
  return execute(connection, request.after);
}

} // namespace

std::string fill(const Connection& connection, const FillServer& request) {
  if (auto wrong = execute(connection, "BEGIN"); !wrong.empty())
    return wrong;
  if (auto wrong = fill_all(connection, request); !wrong.empty()) {
    (void)execute(connection, "ROLLBACK");
    return wrong;
  }
  return execute(connection, "COMMIT");
}

} // namespace quill::engine::postgres
