#include "engine/duckdb/service.hpp"

#include <charconv>
#include <filesystem>

#include <fmt/core.h>

#include "engine/duckdb/schema.hpp"
#include "engine/duckdb/scratch.hpp"
#include "engine/duckdb/tpcds.hpp"
#include "engine/worker/files_wall.hpp"

namespace quill::engine::duckdb {
namespace {

/// Where DuckDB looks for the memory it may have; it aborts when the first cannot be read.
constexpr const char* kOwnGroup = "/proc/self/cgroup";
constexpr const char* kGroups = "/sys/fs/cgroup";

/// What stands in the way of opening the file, in our words; "" when DuckDB may try.
std::string obstacle(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return fmt::format("there is no file \"{}\"", path);
  if (!std::filesystem::is_regular_file(status))
    return fmt::format("\"{}\" is not a file", path);
  return "";
}

std::int64_t memory_used(const Database& database) {
  const auto rows = database.rows("SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()");
  std::int64_t bytes = 0;
  if (!rows.empty())
    std::from_chars(rows[0][0].data(), rows[0][0].data() + rows[0][0].size(), bytes);
  return bytes;
}

} // namespace

std::string DuckdbService::version() const {
  std::string_view name = ::duckdb_library_version();
  if (name.substr(0, 1) == "v")
    name.remove_prefix(1);
  return fmt::format("duckdb {}", name);
}

bool DuckdbService::open(const Socket::Received& received) {
  if (MakeTpcds request;
      received.ask == Ask::make_tpcds && decode_whole(received.payload, request)) {
    make(request);
    return true;
  }
  const auto opening = opening_in(received);
  if (const auto* file = std::get_if<OpenFile>(&opening))
    open_file(*file);
  else if (const auto* script = std::get_if<OpenScript>(&opening))
    open_script(*script);
  else
    return false;
  return true;
}

void DuckdbService::open_file(const OpenFile& request) {
  hash_secret_ = request.hash_secret;
  if (const auto wrong = obstacle(request.path); !wrong.empty())
    return refuse({wrong, "check the path", false});
  // The file is a stranger's too: it is read behind a wall.
  wall_in_files({request.path, request.path + ".wal", kOwnGroup, kGroups});
  if (const auto opened = database_.open(request.path); !opened.ok())
    return refuse({fmt::format("DuckDB cannot open \"{}\": {}", request.path,
                               opened.failure().what.substr(0, 400)),
                   "check that it is a DuckDB database and that nobody has it open for writing",
                   false});
  settle({});
}

/// Nothing is open afterwards: the parent leaves.
void DuckdbService::make(const MakeTpcds& request) {
  if (const auto wrong = make_tpcds(request); !wrong.empty())
    return refuse({fmt::format("TPC-DS cannot be made: {}", wrong.substr(0, 400)),
                   "see that there is room on the disk, and that the extension is the one that "
                   "scripts/setup.sh engines fetches",
                   false});
  Opened opened;
  opened.version = version();
  answer_opened(std::move(opened), {});
}

void DuckdbService::open_script(const OpenScript& request) {
  hash_secret_ = request.hash_secret;
  wall_in_files({kOwnGroup, kGroups});
  if (const auto opened = database_.open(""); !opened.ok())
    return refuse({opened.failure().what, "", false});
  if (const auto wrong = database_.execute(request.script); !wrong.empty())
    return refuse({fmt::format("the script fails: {}", wrong.substr(0, 400)),
                   "run it in DuckDB's own shell to see the line", false});
  Opened opened;
  const auto bytes = memory_used(database_);
  script_mb_ = bytes >> 20;
  opened.image_bytes = static_cast<std::uint64_t>(bytes);
  settle(opened);
}

void DuckdbService::settle(Opened opened) {
  gate_.open(database_);
  opened.version = version();
  opened.address_space = address_space();
  const auto walls = lock_down();
  answer_opened(std::move(opened), walls);
}

/// The limits of the first statement are those of this worker: the parent starts another for
/// others.
template <class T> bool DuckdbService::lock(const Limits& limits, T& outcome) {
  outcome.message = (is_scratch_ ? scratch_ : database_).lock(limits.memory_mb + script_mb_);
  if constexpr (requires { outcome.status; })
    outcome.status = Status::memory_limit;
  return outcome.message.empty();
}

Execution DuckdbService::run(const Statement& statement, const SendFrame& send) {
  Execution refused;
  if (!lock(statement.limits, refused))
    return refused;
  return run_statement(at_hand(), gate_, statement, send);
}

Sample DuckdbService::sample(const Statement& statement) {
  Sample refused;
  if (!lock(statement.limits, refused))
    return refused;
  return sample_statement(at_hand(), gate_, statement, hash_secret_);
}

Sample DuckdbService::hash(const Statement& statement) {
  Sample refused;
  if (!lock(statement.limits, refused))
    return refused;
  return hash_statement(at_hand(), gate_, statement, hash_secret_);
}

Plan DuckdbService::plan(const Statement& statement, bool analyze) {
  Plan refused;
  if (!lock(statement.limits, refused))
    return refused;
  return plan_of(at_hand(), gate_, statement, analyze);
}

/// The first load makes the tables anew, where their rows can be replaced.
Loaded DuckdbService::load(const std::vector<TableRows>& tables, bool reversed) {
  Loaded loaded;
  if (!is_scratch_) {
    if (const auto opened = scratch_.open(""); !opened.ok())
      loaded.message = opened.failure().what;
    else
      loaded.message = copy_schema(schema().schema, scratch_);
    if (!loaded.message.empty())
      return loaded;
    is_scratch_ = true;
    gate_.open(scratch_);
  }
  return load_rows(scratch_, tables, reversed);
}

SchemaAnswer DuckdbService::schema() {
  return read_schema(database_);
}

} // namespace quill::engine::duckdb
