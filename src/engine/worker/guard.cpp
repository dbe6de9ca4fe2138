#include "engine/worker/guard.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <sqlite3.h>

#include "engine/worker/stop.hpp"

#include "quill/sql/name.hpp"

namespace quill::engine {
namespace {

using sql::lower;

constexpr int kProgressSteps = 1000;

/// Built-in functions whose answer depends on their arguments and the rows alone ('now' and
/// current_* on the clock). Left out on purpose: random, randomblob (do not repeat), zeroblob (a
/// gigabyte for nothing), load_extension, edit, fts*, rtree*, sqlite_* (inner state), changes and
/// last_insert_rowid (state of the connection). Sorted.
constexpr std::array kFunctions = std::to_array<std::string_view>({
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "soundex",
    "sqlite_version",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
});
static_assert(std::is_sorted(kFunctions.begin(), kFunctions.end()));

std::string_view view(const char* text) {
  return text ? std::string_view(text) : "";
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         ::sqlite3_strnicmp(text.data(), prefix.data(), static_cast<int>(prefix.size())) == 0;
}

/// What the action is called in SQL, for messages.
std::string_view verb(int action) {
  switch (action) {
  case SQLITE_ATTACH:
    return "ATTACH";
  case SQLITE_DETACH:
    return "DETACH";
  case SQLITE_PRAGMA:
    return "PRAGMA";
  case SQLITE_TRANSACTION:
    return "a transaction statement";
  case SQLITE_SAVEPOINT:
    return "SAVEPOINT";
  case SQLITE_INSERT:
    return "INSERT";
  case SQLITE_UPDATE:
    return "UPDATE";
  case SQLITE_DELETE:
    return "DELETE";
  case SQLITE_ANALYZE:
    return "ANALYZE";
  case SQLITE_REINDEX:
    return "REINDEX";
  case SQLITE_ALTER_TABLE:
    return "ALTER TABLE";
  default:
    return "a statement that changes the schema";
  }
}

} // namespace

bool is_allowed_function(std::string_view name) {
  return std::binary_search(kFunctions.begin(), kFunctions.end(), lower(name));
}

int progress_interval(const Limits& limits) {
  if (limits.steps > 0)
    return static_cast<int>(std::min<std::int64_t>(kProgressSteps, limits.steps));
  return kProgressSteps;
}

void Guard::begin_statement() {
  read_.clear();
  last_read_ = nullptr;
  denied_.clear();
  stopped_ = false;
}

void Guard::start_clock(const Limits& limits) {
  timeout_ms_ = static_cast<double>(std::max<std::int64_t>(limits.timeout_ms, 1));
  timed_ = true;
  // Rounded up: a statement that ends between the limit and the cut is told from its step count.
  const auto interval = progress_interval(limits);
  ticks_left_ = limits.steps > 0 ? (limits.steps - 1) / interval + 1 : -1;
  start_ = std::chrono::steady_clock::now();
}

void Guard::pause() {
  paused_ = std::chrono::steady_clock::now();
}
void Guard::resume() {
  start_ += std::chrono::steady_clock::now() - paused_;
}

double Guard::elapsed_ms() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
      .count();
}

std::vector<std::string> Guard::tables_read() const {
  std::vector<std::string> names;
  for (const auto& table : tables_)
    if (std::any_of(read_.begin(), read_.end(), [&](const std::string& name) {
          return ::sqlite3_stricmp(name.c_str(), table.c_str()) == 0;
        }))
      names.push_back(table);
  std::sort(names.begin(), names.end());
  return names;
}

void Guard::note_read(const char* table) {
  // One event a column: the same pointer comes again and again.
  if (std::exchange(last_read_, table) == table)
    return;
  if (std::find(read_.begin(), read_.end(), table) == read_.end())
    read_.emplace_back(table);
}

int Guard::deny(std::string reason) {
  if (denied_.empty())
    denied_ = std::move(reason);
  return SQLITE_DENY;
}

int Guard::decide_read(std::string_view table) {
  if (starts_with(table, "sqlite_") || starts_with(table, "pragma_"))
    return deny(fmt::format("reading \"{}\" is not allowed", table));
  if (!forbidden_tables_.empty() && std::find(forbidden_tables_.begin(), forbidden_tables_.end(),
                                              lower(table)) != forbidden_tables_.end())
    return deny(fmt::format("reading the virtual table \"{}\" is not allowed", table));
  return SQLITE_OK;
}

int Guard::decide(int action, const char* first, const char* second) {
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_RECURSIVE:
    return SQLITE_OK;
  case SQLITE_READ:
    if (first)
      note_read(first);
    return decide_read(view(first));
  case SQLITE_FUNCTION:
    if (second && is_allowed_function(second))
      return SQLITE_OK;
    return deny(fmt::format("the function {}() is not allowed", view(second)));
  default:
    return deny(fmt::format("{} is not allowed: only a SELECT may run", verb(action)));
  }
}

/// CREATE INDEX asks for the index itself, a row of sqlite_schema, and a reindex; its expressions
/// ask for columns and functions.
int Guard::decide_index(int action, const char* first, const char* second) {
  switch (action) {
  case SQLITE_CREATE_INDEX:
  case SQLITE_REINDEX:
    return SQLITE_OK;
  case SQLITE_INSERT:
    return starts_with(view(first), "sqlite_master") ? SQLITE_OK
                                                     : deny("only CREATE INDEX is allowed");
  case SQLITE_READ:
  case SQLITE_UPDATE:
    if (starts_with(view(first), "sqlite_master"))
      return SQLITE_OK;
    return action == SQLITE_READ ? decide_read(view(first)) : deny("only CREATE INDEX is allowed");
  case SQLITE_FUNCTION:
  case SQLITE_SELECT:
    return decide(action, first, second);
  default:
    return deny("only CREATE INDEX is allowed");
  }
}

int Guard::authorize(void* guard, int action, const char* first, const char* second, const char*,
                     const char*) {
  auto& self = *static_cast<Guard*>(guard);
  switch (self.trust_) {
  case Trust::own:
    return SQLITE_OK;
  case Trust::select_only:
    return self.decide(action, first, second);
  case Trust::create_index_only:
    return self.decide_index(action, first, second);
  }
  return SQLITE_DENY;
}

int Guard::progress(void* guard) {
  auto& self = *static_cast<Guard*>(guard);
  if (stop_is_requested())
    return self.stopped_ = true, 1;
  if (self.ticks_left_ > 0) {
    --self.ticks_left_;
    if (self.ticks_left_ == 0)
      return 1;
  }
  return self.timed_ && self.elapsed_ms() > self.timeout_ms_ ? 1 : 0;
}

} // namespace quill::engine
