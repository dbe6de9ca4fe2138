// A local model answers the questions of `eval sql`; how it is asked in `eval rewrite` too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "quill/core/settings.hpp"
#include "quill/model/chat_format.hpp"

namespace quill::eval {

/// How a model is asked.
struct AnsweringConfig {
  std::filesystem::path model;   ///< "" = a file has the predictions
  std::filesystem::path adapter; ///< "" = none
  std::filesystem::path prompt;  ///< "" = the shipped question.md
  std::filesystem::path answers; ///< what came back is written here; "" = nowhere
  std::int64_t batch = 64, seed = 42;
  std::int64_t samples = 1; ///< answers to each question
  model::Generation generation = {.prompt = {}, .sampling = {}, .end_tokens = {}, .stops = {}};
  model::Arithmetic arithmetic;

  /// Those that `eval sql` and `eval rewrite` share: without `answers` and `samples`.
  void fields(FieldList& list);
  /// \throws Error{usage} when all samples would be the same
  void check() const;
};

struct SqlAnswer {
  std::string id, text;
  std::string sql;         ///< "" when there is none
  std::string why;         ///< there is none, or ""
  std::int64_t sample = 0; ///< which of those to its question
};

/// Asks about every question, many at a time, greedily unless the configuration says otherwise; in
/// the order of the file, the samples of a question one after the other. A prompt that is too long
/// has no answer. `on_answer` is called as each one ends. Writes config.answers (JSONL: id, sample
/// where there are several, sql or null, answer, why or null).
/// \throws Error{usage} for bad files, or a question without words; Error{storage};
/// Error{interrupted | terminated} when `cancel` asks
[[nodiscard]] std::vector<SqlAnswer> answer_questions(const AnsweringConfig& config,
                                                      const std::filesystem::path& questions,
                                                      const std::filesystem::path& databases,
                                                      const model::ChatFormat& format,
                                                      model::Decoder& decoder, const Cancel& cancel,
                                                      const std::function<void()>& on_answer);

} // namespace quill::eval
