// What is done with what a training run has made.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "quill/train/sft.hpp"

namespace quill::cli {

struct AfterTraining {
  bool merge = false;
  std::string push;             ///< ORG/NAME, or ""
  std::vector<std::string> set; ///< taken apart before (set_option.hpp)

  void fields(FieldList& list);
  /// \throws Error{usage} for what does not go with the training's settings, before it begins
  void check(const train::TraineeConfig& trainee, const std::filesystem::path& out) const;
  /// Merges and uploads what a run that is done has made, and says so for the result, in members
  /// and lines. An upload that fails is told and fails nothing.
  struct Said {
    Json members = Json::object();
    std::string text;
  };
  [[nodiscard]] Said run(const Context& context, const train::TraineeConfig& trainee,
                         const train::TrainSummary& summary) const;

 private:
  void upload(const Context& context, const std::filesystem::path& folder, Said& said) const;
};

} // namespace quill::cli
