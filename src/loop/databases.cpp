#include "loop/databases.hpp"

#include <algorithm>

#include "quill/core/error.hpp"

namespace quill::loop {

Databases::Databases(std::vector<DatabaseFile> files, judge::JudgeConfig config,
                     const Cancel& cancel, std::function<judge::OpinionFunction()> opinion)
    : files_(std::move(files)), config_(std::move(config)), cancel_(cancel),
      opinion_(std::move(opinion)) {
  QUILL_CHECK(!files_.empty(), "a run has a database");
}

Databases::Opened& Databases::open(std::string_view name) {
  const std::string_view key = name.empty() ? std::string_view(files_.front().name) : name;
  if (const auto found = opened_.find(key); found != opened_.end())
    return found->second;
  const auto file = std::find_if(files_.begin(), files_.end(),
                                 [&](const DatabaseFile& one) { return one.name == key; });
  QUILL_CHECK(file != files_.end(), "every problem belongs to a database of the run");
  return opened_.emplace(file->name, Opened{engine::open_sqlite(file->path, &cancel_), nullptr})
      .first->second;
}

engine::Session& Databases::session(std::string_view name) {
  return *open(name).session;
}

judge::Judge& Databases::judge(std::string_view name) {
  Opened& opened = open(name);
  if (!opened.judge)
    opened.judge = std::make_unique<judge::Judge>(*opened.session, config_, &cancel_, opinion_());
  return *opened.judge;
}

} // namespace quill::loop
