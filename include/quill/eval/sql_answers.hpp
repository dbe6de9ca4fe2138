// A local model answers the questions of `eval sql`.
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
  model::Generation generation = {.prompt = {}, .sampling = {}, .end_tokens = {}, .stops = {}};
  model::Arithmetic arithmetic;

  void fields(FieldList& list);
};

struct SqlAnswer {
  std::string id, text;
  std::string sql; ///< "" when there is none
  std::string why; ///< there is none, or ""
};

/// Asks about every question, many at a time, greedily unless the configuration says otherwise; in
/// the order of the file. A prompt that is too long has no answer. `on_answer` is called as each
/// one ends. Writes config.answers (JSONL: id, sql or null, answer, why or null).
/// \throws Error{usage} for bad files, or a question without words; Error{storage};
/// Error{interrupted | terminated} when `cancel` asks
[[nodiscard]] std::vector<SqlAnswer> answer_questions(const AnsweringConfig& config,
                                                      const std::filesystem::path& questions,
                                                      const std::filesystem::path& databases,
                                                      const model::ChatFormat& format,
                                                      model::Decoder& decoder, const Cancel& cancel,
                                                      const std::function<void()>& on_answer);

} // namespace quill::eval
