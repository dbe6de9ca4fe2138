#include "quill/eval/sql_answers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "eval/questions.hpp"
#include "eval/suite.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/task/question.hpp"

namespace quill::eval {

namespace {

task::QuestionTemplate template_of(const AnsweringConfig& config) {
  return task::QuestionTemplate::load(
      config.prompt.empty() ? shipped_folder() / "prompts" / "question.md" : config.prompt);
}

/// The DDL of each database, read once.
class Schemas {
 public:
  Schemas(std::filesystem::path folder, const Cancel& cancel)
      : folder_(std::move(folder)), cancel_(cancel) {}

  const std::string& of(const std::string& db_id) {
    const auto found = ddl_.find(db_id);
    if (found != ddl_.end())
      return found->second;
    const auto session = engine::open_sqlite(find_suite(folder_, db_id).paths.front(), &cancel_);
    return ddl_[db_id] = session->schema().ddl();
  }

 private:
  std::filesystem::path folder_;
  const Cancel& cancel_;
  std::map<std::string, std::string> ddl_;
};

void require_words(const Question& question, const std::filesystem::path& file) {
  if (question.question.empty())
    throw Error{Exit::usage,
                {.what = fmt::format("question \"{}\" has no words", question.id),
                 .where = file.string(),
                 .fix = "give it a text \"question\", or score a file with --predictions"}};
}

void stop_when_asked(const Cancel& cancel) {
  if (cancel.requested())
    throw Error{cancel.exit(),
                {.what = "interrupted before every question was answered",
                 .where = "eval sql",
                 .fix = "run it again"}};
}

void read_answer(SqlAnswer& into, const model::Answer& answer) {
  into.text = answer.text;
  auto sql = task::extract_query(answer.text);
  if (answer.finish_reason == "length")
    into.why = "the answer was cut off at --max-tokens";
  else if (!sql)
    into.why = sql.failure().what;
  else
    into.sql = std::move(sql).value();
}

void write_answers(const std::filesystem::path& path, const std::vector<SqlAnswer>& answers) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  std::string lines;
  const bool several = std::any_of(answers.begin(), answers.end(),
                                   [](const SqlAnswer& each) { return each.sample > 0; });
  for (const SqlAnswer& each : answers) {
    Json line = {{"id", each.id}};
    if (several)
      line["sample"] = each.sample;
    line.update({{"sql", or_null(each.sql)}, {"answer", each.text}, {"why", or_null(each.why)}});
    lines += dump_json(line) + "\n";
  }
  real_disk().write_atomic(path, lines);
}

} // namespace

void AnsweringConfig::fields(FieldList& list) {
  list.add("model", &model, "folder of a local model that answers, in place of --predictions");
  list.add("adapter", &adapter, "with --model: folder of a LoRA adapter");
  list.add("prompt", &prompt, "with --model: prompt file; default: the shipped one");
  list.add("max_tokens", &generation.tokens_max, "with --model: longest answer")
      .in("tokens")
      .range(1, 1 << 20);
  list.add("temperature", &generation.sampling.temperature,
           "with --model: 0 takes the most likely token")
      .range(0, 100);
  list.add("seed", &seed, "with --model: makes sampling repeatable").at_least(0);
  list.add("batch", &batch, "with --model: answers written at a time").range(1, 1024);
  list.add("dtype", &arithmetic.dtype, "with --model: arithmetic")
      .one_of({"auto", "float32", "bfloat16"});
  list.add("device", &arithmetic.device,
           "with --model: cpu, cuda or cuda:N; auto: a GPU where build and machine have one");
  list.add("threads", &arithmetic.threads, "with --model: threads, 0 for one a core")
      .range(0, 1024);
}

void AnsweringConfig::check() const {
  if (samples > 1 && generation.sampling.temperature == 0)
    throw Error{Exit::usage,
                {.what = fmt::format("--samples is {} at --temperature 0", samples),
                 .where = "eval sql",
                 .fix = "all answers to a question would be the same: give a temperature, 0.8 for "
                        "instance"}};
}

namespace {

/// What the model is asked, and which question each generation is of.
struct Asked {
  std::vector<SqlAnswer> answers;
  std::vector<model::Generation> generations;
  std::vector<std::size_t> of; ///< number of its first answer
};

Asked asked_about(const std::vector<Question>& questions, const task::QuestionTemplate& prompt,
                  Schemas& schemas, const model::ChatFormat& format, std::int64_t positions_max,
                  const model::Generation& like) {
  Asked asked;
  for (const Question& question : questions) {
    auto generation = format.generation(prompt.render({.schema = schemas.of(question.db_id),
                                                       .question = question.question,
                                                       .evidence = question.evidence}),
                                        like);
    const auto tokens = static_cast<std::int64_t>(generation.prompt.size());
    const std::string why = tokens < positions_max
                                ? ""
                                : fmt::format("the prompt has {} tokens, the model reads {}",
                                              tokens, positions_max - 1);
    const std::size_t first = asked.answers.size();
    for (std::int64_t sample = 0; sample < like.samples; ++sample)
      asked.answers.push_back({question.id, "", "", why, sample});
    if (!why.empty())
      continue;
    asked.of.push_back(first);
    asked.generations.push_back(std::move(generation));
  }
  return asked;
}

} // namespace

std::vector<SqlAnswer> answer_questions(const AnsweringConfig& config,
                                        const std::filesystem::path& questions,
                                        const std::filesystem::path& databases,
                                        const model::ChatFormat& format, model::Decoder& decoder,
                                        const Cancel& cancel,
                                        const std::function<void()>& on_answer) {
  const auto all = read_questions(questions);
  for (const Question& question : all)
    require_words(question, questions);
  Schemas schemas(databases, cancel);
  model::Generation like = config.generation;
  like.sampling.seed = static_cast<std::uint64_t>(config.seed);
  like.samples = config.samples;
  Asked asked =
      asked_about(all, template_of(config), schemas, format, decoder.positions_max(), like);
  const auto written = model::generate(decoder, format.tokenizer, asked.generations, config.batch,
                                       cancel, on_answer);
  stop_when_asked(cancel);
  for (std::size_t i = 0; i < asked.of.size(); ++i)
    for (std::size_t sample = 0; sample < written[i].size(); ++sample)
      read_answer(asked.answers[asked.of[i] + sample], written[i][sample]);
  if (!config.answers.empty())
    write_answers(config.answers, asked.answers);
  return std::move(asked.answers);
}

} // namespace quill::eval
