#include "eval/suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "eval/spider_text.hpp"
#include "quill/core/error.hpp"

namespace quill::eval {

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
    if (entry.path().filename().string().find(".sqlite") != std::string::npos &&
        entry.path() != main)
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
    return {.status = engine::Status::ok, .message = "", .rows = {}};
  if (has_parameters(sql))
    return {.message = "it has parameters, and there are no values for them", .rows = {}};
  engine::Execution execution = sessions_.at(database)->run(sql, limits_);
  return {.status = execution.status,
          .message = std::move(execution.message),
          .rows = std::move(execution.rows)};
}

} // namespace quill::eval
