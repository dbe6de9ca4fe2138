// The model of a command's settings, ready to be asked.
#pragma once

#include <memory>
#include <vector>

#include "cli/command.hpp"
#include "quill/core/http.hpp"
#include "quill/loop/model.hpp"
#include "quill/optimize/optimizer.hpp"
#include "quill/store/run.hpp"
#include "quill/store/tape.hpp"

namespace quill::cli {

/// Nobody for the rules.
class AskedModel {
 public:
  AskedModel(const llm::ModelConfig& config, const Context& context);
  /// The same, with a record: what the run in `folder`, or one of `others`, holds is not asked
  /// again; the rest is committed to it before anybody reads it.
  AskedModel(const llm::ModelConfig& config, const Context& context,
             const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others);

  [[nodiscard]] const optimize::ModelAccess& access() const { return access_; }

 private:
  void prepare(const llm::ModelConfig& config, const Context& context);
  void connect(const llm::ModelConfig& config);

  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<store::Run> run_;
  std::vector<store::Recording> others_;
  std::unique_ptr<llm::Tape> tape_;
  loop::Model model_;
  std::vector<std::unique_ptr<llm::Client>> taped_; ///< one around the other
  optimize::ModelAccess access_;
};

} // namespace quill::cli
