#include "eval/questions.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill::eval {

namespace {

[[noreturn]] void refuse(std::string what, const std::string& where, std::string fix) {
  throw Error{Exit::usage, {.what = std::move(what), .where = where, .fix = std::move(fix)}};
}

std::string id_of(const JsonObject& object) {
  const Json& id = object.at("id");
  return id.is_number_integer() ? id.dump() : object.text("id");
}

/// A db_id names a file below the folder of databases and nothing else.
void check_db_id(const std::string& db_id, const std::string& where) {
  if (db_id.empty() || db_id.starts_with('.') || db_id.find_first_of("/\\") != std::string::npos ||
      db_id.find('\0') != std::string::npos)
    refuse(fmt::format("db_id \"{}\" is no name of a database", db_id), where,
           "give the file's name without folder and .sqlite");
}

std::vector<std::string> gold_of(const JsonObject& object) {
  if (object.at("gold").is_string())
    return {object.text("gold")};
  auto gold = object.texts_or_empty("gold");
  if (gold.empty())
    refuse("\"gold\" is an empty list", object.where(), "give at least one accepted query");
  return gold;
}

Question question_of(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Question question{.id = id_of(object),
                    .db_id = object.text("db_id"),
                    .gold = gold_of(object),
                    .difficulty = object.text_or("difficulty", ""),
                    .question = object.text_or("question", ""),
                    .evidence = object.text_or("evidence", "")};
  check_db_id(question.db_id, where);
  return question;
}

[[noreturn]] void refuse_double(const std::string& id, const std::string& where) {
  refuse(fmt::format("id \"{}\" is there twice", id), where, "give each id once");
}

void check_known(const std::string& id, const std::set<std::string>& known,
                 const std::string& where) {
  if (known.contains(id))
    return;
  const std::string near = nearest_word(id, {known.begin(), known.end()});
  refuse(fmt::format("no question has the id \"{}\"", id), where,
         near.empty() ? "give the predictions of these questions"
                      : fmt::format("did you mean \"{}\"?", near));
}

} // namespace

std::vector<Question> read_questions(const std::filesystem::path& file) {
  std::vector<Question> questions;
  std::set<std::string> ids;
  read_jsonl(file, [&](const Json& value, std::size_t number) {
    const std::string where = fmt::format("{}:{}", file.string(), number);
    questions.push_back(question_of(value, where));
    if (!ids.insert(questions.back().id).second)
      refuse_double(questions.back().id, where);
  });
  if (questions.empty())
    refuse("there is no question", file.string(), "give lines of {\"id\", \"db_id\", \"gold\"}");
  return questions;
}

std::map<std::string, std::string> read_predictions(const std::filesystem::path& file,
                                                    const std::vector<Question>& questions) {
  std::set<std::string> known;
  for (const Question& question : questions)
    known.insert(question.id);
  std::map<std::string, std::string> predictions;
  std::set<std::string> seen;
  read_jsonl(file, [&](const Json& value, std::size_t number) {
    const JsonObject object(value, fmt::format("{}:{}", file.string(), number));
    const std::string id = id_of(object);
    check_known(id, known, object.where());
    if (!seen.insert(id).second)
      refuse_double(id, object.where());
    if (!object.at("sql").is_null())
      predictions[id] = object.text("sql");
  });
  return predictions;
}

} // namespace quill::eval
