#include "quill/eval/sql_answers.hpp"

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
  for (const SqlAnswer& each : answers)
    lines += dump_json(Json{{"id", each.id},
                            {"sql", or_null(each.sql)},
                            {"answer", each.text},
                            {"why", or_null(each.why)}}) +
             "\n";
  real_disk().write_atomic(path, lines);
}

} // namespace

void AnsweringConfig::fields(FieldList& list) {
  list.add("model", &model, "folder of a local model that answers, in place of --predictions");
  list.add("adapter", &adapter, "with --model: folder of a LoRA adapter");
  list.add("prompt", &prompt, "with --model: prompt file; default: the shipped question.md");
  list.add("answers", &answers, "with --model: write what it answered to this file (JSONL)");
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
  list.add("threads", &arithmetic.threads, "with --model: threads, 0 for one a core")
      .range(0, 1024);
}

namespace {

/// What the model is asked, and which question each generation is of.
struct Asked {
  std::vector<SqlAnswer> answers;
  std::vector<model::Generation> generations;
  std::vector<std::size_t> of;
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
    asked.answers.push_back({question.id, "", "", ""});
    if (tokens >= positions_max) {
      asked.answers.back().why =
          fmt::format("the prompt has {} tokens, the model reads {}", tokens, positions_max - 1);
      continue;
    }
    asked.of.push_back(asked.answers.size() - 1);
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
  Asked asked =
      asked_about(all, template_of(config), schemas, format, decoder.positions_max(), like);
  const auto written = model::generate(decoder, format.tokenizer, asked.generations, config.batch,
                                       cancel, on_answer);
  stop_when_asked(cancel);
  for (std::size_t i = 0; i < asked.of.size(); ++i)
    read_answer(asked.answers[asked.of[i]], written[i].front());
  if (!config.answers.empty())
    write_answers(config.answers, asked.answers);
  return std::move(asked.answers);
}

} // namespace quill::eval
