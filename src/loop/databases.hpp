// The databases of a run, by name, each opened when it is first needed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/judge/evaluate.hpp"

namespace quill::loop {

struct DatabaseFile {
  std::string name; ///< of the blueprint, or of the file without its suffix
  std::filesystem::path path;
};

class Databases {
 public:
  /// `opinion` is asked for when the first judge is made; it may give an empty function. `cancel`
  /// must outlive it.
  Databases(std::vector<DatabaseFile> files, judge::JudgeConfig config, const Cancel& cancel,
            std::function<judge::OpinionFunction()> opinion);

  /// A worker with the database in memory; stays open. "" is the first one.
  [[nodiscard]] engine::Session& session(std::string_view name);
  [[nodiscard]] judge::Judge& judge(std::string_view name);
  [[nodiscard]] const std::vector<DatabaseFile>& files() const noexcept { return files_; }

 private:
  struct Opened {
    std::unique_ptr<engine::Session> session;
    std::unique_ptr<judge::Judge> judge; ///< null until it is needed
  };
  Opened& open(std::string_view name);

  std::vector<DatabaseFile> files_;
  judge::JudgeConfig config_;
  const Cancel& cancel_;
  std::function<judge::OpinionFunction()> opinion_;
  std::map<std::string, Opened, std::less<>> opened_;
};

} // namespace quill::loop
