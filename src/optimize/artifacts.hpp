// What a query leaves behind: prompts, answers, candidates, verdicts, a log to read, its history.
#pragma once

#include <filesystem>
#include <string>

#include "quill/optimize/optimizer.hpp"

namespace quill::optimize {

/// <root>/<query>/run_001/: before.sql, <worker>.prompt.md, <worker>.answer.txt, <worker>.sql,
/// <worker>.json, log.md, answer.json, after.sql; <root>/<query>/history.json has a line a run.
class Artifacts {
 public:
  /// `root` "" keeps nothing. The folder of the run is made. \throws Error{storage}
  Artifacts(const std::filesystem::path& root, const QueryText& query);
  /// Everything in `folder` itself, which is made; no history is kept. \throws Error{storage}
  explicit Artifacts(std::filesystem::path folder);

  void prompt(const Ask& ask) const;
  void answer(const Step& step) const; ///< before anybody judges it
  void verdict(const Step& step) const;
  void finish(const Answer& answer, std::string_view at) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void write(const std::string& name, std::string_view bytes) const;
  void add_to_history(const Answer& answer, std::string_view at) const;

  std::filesystem::path folder_; ///< of the run
  bool keeps_history_ = true;
};

/// "slow" of "queries/slow.sql": letters, digits, _ and - only.
[[nodiscard]] std::string folder_name(std::string_view query);
/// What happened, for a reader: markdown.
[[nodiscard]] std::string log_text(const Answer& answer);

} // namespace quill::optimize
