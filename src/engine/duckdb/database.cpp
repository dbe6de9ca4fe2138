#include "engine/duckdb/database.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace quill::engine::duckdb {
namespace {

struct Setting {
  const char* name;
  const char* value;
};
/// What DuckDB offers against the outside; the process's own walls stand behind it
/// (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
constexpr Setting kSettings[] = {
    {"threads", "1"}, // one thread: time and memory of a statement are its own
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    {"allow_community_extensions", "false"},
    {"allow_unsigned_extensions", "false"},
    {"allow_persistent_secrets", "false"},
    {"allow_unredacted_secrets", "false"},
    {"max_temp_directory_size", "0KB"},
    {"enable_external_file_cache", "false"},
};

std::string text_of(duckdb_result& result, idx_t column, idx_t row) {
  if (::duckdb_value_is_null(&result, column, row))
    return "";
  return taken(::duckdb_value_varchar(&result, column, row));
}

} // namespace

std::string taken(char* text) {
  std::string copy = text ? text : "";
  ::duckdb_free(text);
  return copy;
}

Result<bool> Database::open(const std::string& path) {
  ConfigHandle config;
  if (::duckdb_create_config(config.out()) != DuckDBSuccess)
    return Failure{"DuckDB's configuration cannot be made"};
  for (const auto& setting : kSettings)
    if (::duckdb_set_config(config.get(), setting.name, setting.value) != DuckDBSuccess)
      return Failure{fmt::format("this DuckDB knows no setting \"{}\"", setting.name)};
  if (!path.empty())
    ::duckdb_set_config(config.get(), "access_mode", "READ_ONLY");
  char* error = nullptr;
  if (::duckdb_open_ext(path.empty() ? nullptr : path.c_str(), database_.out(), config.get(),
                        &error) != DuckDBSuccess)
    return Failure{taken(error)};
  if (::duckdb_connect(database_.get(), connection_.out()) != DuckDBSuccess)
    return Failure{"no connection"};
  // Spilling is switched off while that can still be said: afterwards it counts as external.
  if (const auto wrong = execute("SET temp_directory=''; SET enable_external_access=false");
      !wrong.empty())
    return Failure{wrong};
  return true;
}

Result<bool> Database::create(const std::string& path) {
  char* error = nullptr;
  if (::duckdb_open_ext(path.c_str(), database_.out(), nullptr, &error) != DuckDBSuccess)
    return Failure{taken(error)};
  if (::duckdb_connect(database_.get(), connection_.out()) != DuckDBSuccess)
    return Failure{"no connection"};
  return true;
}

std::string Database::execute(const std::string& sql) const {
  Answered answered;
  if (::duckdb_query(connection(), sql.c_str(), answered.get()) == DuckDBSuccess)
    return "";
  const char* message = ::duckdb_result_error(answered.get());
  return message ? message : "unknown";
}

std::vector<std::vector<std::string>> Database::rows(const std::string& sql) const {
  Answered answered;
  if (::duckdb_query(connection(), sql.c_str(), answered.get()) != DuckDBSuccess)
    return {};
  auto& result = *answered.get();
  const auto columns = ::duckdb_column_count(&result);
  std::vector<std::vector<std::string>> rows(::duckdb_row_count(&result));
  for (idx_t row = 0; row < rows.size(); ++row)
    for (idx_t column = 0; column < columns; ++column)
      rows[row].push_back(text_of(result, column, row));
  return rows;
}

Result<std::string> Database::cell(const std::string& sql, std::string_view argument) const {
  PreparedHandle prepared;
  if (::duckdb_prepare(connection(), sql.c_str(), prepared.out()) != DuckDBSuccess)
    return Failure{::duckdb_prepare_error(prepared.get())};
  ::duckdb_bind_varchar_length(prepared.get(), 1, argument.data(), argument.size());
  Answered answered;
  if (::duckdb_execute_prepared(prepared.get(), answered.get()) != DuckDBSuccess) {
    const char* message = ::duckdb_result_error(answered.get());
    return Failure{message ? message : "unknown"};
  }
  if (::duckdb_row_count(answered.get()) == 0)
    return Failure{"no answer"};
  return text_of(*answered.get(), 0, 0);
}

std::string Database::lock(std::int64_t memory_mb) {
  if (locked_)
    return "";
  auto wrong = execute(
      fmt::format("SET memory_limit='{}MiB'", std::clamp<std::int64_t>(memory_mb, 1, 1 << 20)));
  if (wrong.empty())
    wrong = execute("SET lock_configuration=true");
  locked_ = wrong.empty();
  return wrong;
}

} // namespace quill::engine::duckdb
