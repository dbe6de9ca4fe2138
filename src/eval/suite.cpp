#include "eval/suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "eval/spider_text.hpp"
#include "quill/core/error.hpp"

namespace quill::eval {

namespace {

/// Takes rows up to so many bytes as they lie in memory here, which is several times what a worker
/// sends.
class RowKeeper {
 public:
  RowKeeper(std::vector<engine::Row>& rows, std::int64_t bytes_max)
      : rows_(rows), bytes_left_(bytes_max) {}
  bool keep(engine::Row&& row) {
    bytes_left_ -= bytes_of(row);
    if (bytes_left_ < 0)
      return false;
    rows_.push_back(std::move(row));
    return true;
  }

 private:
  static std::int64_t bytes_of(const engine::Row& row) {
    std::size_t bytes = sizeof(engine::Row) + row.size() * sizeof(engine::Value);
    for (const engine::Value& value : row)
      if (const auto* text = std::get_if<std::string>(&value))
        bytes += text->capacity();
      else if (const auto* blob = std::get_if<engine::Blob>(&value))
        bytes += blob->bytes.capacity();
    return static_cast<std::int64_t>(bytes);
  }
  std::vector<engine::Row>& rows_;
  std::int64_t bytes_left_;
};

} // namespace

SuiteFiles find_suite(const std::filesystem::path& folder, const std::string& db_id) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path single = folder / (db_id + ".sqlite");
  if (fs::exists(single, ignored))
    return {{single}};
  const fs::path main = folder / db_id / (db_id + ".sqlite");
  if (!fs::exists(main, ignored))
    throw Error{Exit::usage,
                {.what = fmt::format("there is no database \"{}\"", db_id),
                 .where = fmt::format("{}, {}", single.string(), main.string()),
                 .fix = "give its folder with --databases, or leave its questions out"}};
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder / db_id))
    if (entry.path().extension() == ".sqlite" && entry.path() != main)
      others.push_back(entry.path());
  std::sort(others.begin(), others.end());
  others.insert(others.begin(), main);
  return {std::move(others)};
}

Suite::Suite(const SuiteFiles& files, const engine::Limits& limits, const Cancel* cancel)
    : limits_(limits) {
  for (const auto& path : files.paths)
    sessions_.push_back(engine::open_sqlite(path, cancel));
}

const Answer& Suite::run(const std::string& sql, std::size_t database) {
  const auto key = std::pair(database, sql);
  const auto found = answers_.find(key);
  return found != answers_.end() ? found->second
                                 : answers_.emplace(key, answer(sql, database)).first->second;
}

Answer Suite::answer(const std::string& sql, std::size_t database) {
  if (is_blank(sql))
    return {.status = engine::Status::ok, .message = "", .cause = {}, .rows = {}};
  if (has_parameters(sql))
    return {
        .message = "it has parameters, and there are no values for them", .cause = {}, .rows = {}};
  Answer answer;
  RowKeeper keeper(answer.rows, limits_.result_mb << 20);
  const engine::Execution execution =
      sessions_.at(database)->run(sql, limits_, engine::Side::base,
                                  [&](engine::Row&& row) { return keeper.keep(std::move(row)); });
  answer.status = execution.status;
  answer.message = execution.message;
  answer.cause = execution.cause;
  return answer;
}

} // namespace quill::eval
