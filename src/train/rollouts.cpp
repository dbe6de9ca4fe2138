#include "quill/train/rollout.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/model/chat.hpp"
#include "quill/task/question.hpp"

namespace quill::train {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

/// `folder`/<db_id>.sqlite, or every *.sqlite of `folder`/<db_id>; or `folder` where it is a file.
std::vector<fs::path> contents_of(const fs::path& folder, const std::string& db_id,
                                  const std::string& where) {
  std::error_code ignored;
  if (fs::is_regular_file(folder, ignored))
    return {folder};
  if (db_id.empty() || db_id.starts_with('.') || db_id.find('/') != std::string::npos)
    refuse(fmt::format("db_id \"{}\" is no name of a database", db_id), where,
           "give the file's name without folder and .sqlite");
  if (const fs::path single = folder / (db_id + ".sqlite"); fs::exists(single, ignored))
    return {single};
  std::vector<fs::path> contents;
  for (const auto& entry : fs::directory_iterator(folder / db_id, ignored))
    if (entry.path().extension() == ".sqlite")
      contents.push_back(entry.path());
  std::sort(contents.begin(), contents.end());
  if (contents.empty())
    refuse(fmt::format("there is no database \"{}\"", db_id), where,
           fmt::format("put {}.sqlite into {}, or name another folder with --databases", db_id,
                       folder.string()));
  return contents;
}

class Reader {
 public:
  Reader(const RolloutConfig& config, const Cancel& cancel)
      : config_(config), cancel_(cancel),
        prompt_(task::QuestionTemplate::load(
            config.prompt.empty() ? shipped_folder() / "prompts" / "question.md" : config.prompt)) {
  }

  Exercise exercise(const Json& value, const std::string& where) {
    const JsonObject line(value, where);
    return line.has("before") ? slow_to_fast(line) : question(line);
  }

 private:
  Exercise question(const JsonObject& line) {
    Exercise exercise;
    exercise.id = line.at("id").is_string() ? line.text("id") : dump_json(line.at("id"));
    exercise.databases = contents_of(config_.databases, line.text_or("db_id", ""), line.where());
    exercise.gold =
        line.at("gold").is_string() ? std::vector{line.text("gold")} : line.texts_or_empty("gold");
    if (exercise.gold.empty() || line.text("question").empty())
      refuse("a line without a question or an accepted query", line.where(),
             "give it both, or take it out");
    exercise.prompt = prompt_.render({.schema = schema_of(exercise.databases.front()),
                                      .question = line.text("question"),
                                      .evidence = line.text_or("evidence", "")});
    return exercise;
  }

  Exercise slow_to_fast(const JsonObject& line) {
    Exercise exercise;
    exercise.id = line.where();
    exercise.before = line.text("before");
    exercise.prompt = model::parse_messages(line.at("prompt"), line.where());
    const std::string name = fs::path(line.text_or("database", "")).stem().string();
    exercise.databases = contents_of(config_.databases, name, line.where());
    return exercise;
  }

  const std::string& schema_of(const fs::path& database) {
    const auto found = schemas_.find(database);
    if (found != schemas_.end())
      return found->second;
    return schemas_[database] = engine::open_sqlite(database, &cancel_)->schema().ddl();
  }

  const RolloutConfig& config_;
  const Cancel& cancel_;
  task::QuestionTemplate prompt_;
  std::map<fs::path, std::string> schemas_;
};

} // namespace

void RolloutConfig::fields(FieldList& list) {
  list.add("data", &data, "questions as `quill eval sql` reads them, or `export --format grpo`")
      .needed();
  list.add("databases", &databases,
           "folder of <db_id>.sqlite or <db_id>/*.sqlite (an answer must be right on each), or one "
           "database for all lines")
      .needed();
  list.add("prompt", &prompt, "prompt file of questions; default: the shipped question.md");
  list.add("exercises", &exercises, "questions of a step").range(1, 65'536);
  list.add("generations", &generations, "answers sampled to each").range(2, 1024);
  list.add("max_length", &length_max,
           "longest prompt and answer together, 0 for what the model reads")
      .in("tokens")
      .range(0, 1 << 20);
  list.add("max_tokens", &tokens_max, "longest answer").in("tokens").range(1, 1 << 20);
  list.add("temperature", &temperature, "of the sampler, and of the policy that is trained")
      .range(1e-3, 100);
  list.add("top_k", &top_k, "sample from so many most likely tokens, 0 for all").range(0, 1 << 20);
  list.add("top_p", &top_p, "sample from the most likely tokens with this much probability")
      .range(1e-6, 1);
  list.add("min_p", &min_p, "least probability, as a share of the largest").range(0, 1);
}

std::vector<Exercise> read_exercises(const RolloutConfig& config, const Cancel& cancel) {
  Reader reader(config, cancel);
  std::vector<Exercise> exercises;
  read_jsonl(config.data, [&](const Json& value, std::size_t number) {
    if (cancel.requested())
      throw Error{cancel.exit(),
                  {.what = "interrupted before training began",
                   .where = config.data.string(),
                   .fix = "run it again"}};
    exercises.push_back(reader.exercise(value, fmt::format("{}:{}", config.data.string(), number)));
  });
  if (exercises.empty())
    refuse("the file has no line", config.data.string(), "name another with --data");
  return exercises;
}

Json to_json(const Completion& completion) {
  Json parts = Json::object();
  for (const auto& [name, value] : completion.score.parts)
    parts[name] = value;
  Json line = {{"exercise", completion.exercise},
               {"text", completion.text},
               {"reward", completion.score.value ? Json(*completion.score.value) : Json(nullptr)},
               {"why", completion.score.why},
               {"parts", std::move(parts)},
               {"ended", completion.ended},
               {"safe", !completion.score.forbidden},
               {"ids", completion.ids},
               {"logprobs", completion.logprobs},
               {"prompt", completion.prompt}};
  if (!completion.told.empty())
    line["told"] = completion.told;
  if (!completion.values.empty()) {
    line["values"] = completion.values;
    line["rewards"] = completion.rewards;
  }
  return line;
}

Completion completion_from_json(const Json& value, const std::string& where) {
  const JsonObject line(value, where);
  try {
    Completion completion{.exercise = line.at("exercise").get<std::size_t>(),
                          .prompt = line.at("prompt").get<std::vector<model::TokenId>>(),
                          .ids = line.at("ids").get<std::vector<model::TokenId>>(),
                          .logprobs = line.at("logprobs").get<std::vector<float>>(),
                          .text = line.text("text"),
                          .ended = line.boolean_or("ended", false),
                          .score = {.value = std::nullopt, .why = line.text("why")}};
    completion.score.forbidden = !line.boolean_or("safe", true);
    if (line.has("told"))
      completion.told = line.at("told").get<std::vector<std::pair<std::size_t, std::size_t>>>();
    if (line.has("values")) {
      completion.values = line.at("values").get<std::vector<float>>();
      completion.rewards = line.at("rewards").get<std::vector<float>>();
    }
    if (!line.at("reward").is_null())
      completion.score.value = line.number("reward");
    for (const auto& [name, part] : line.at("parts").items())
      completion.score.parts.emplace_back(name, part.get<double>());
    if (completion.ids.empty() || completion.ids.size() != completion.logprobs.size())
      refuse("a completion whose ids and log-probabilities do not fit each other", where,
             "begin anew with another --out");
    return completion;
  } catch (const nlohmann::json::exception& error) {
    refuse(fmt::format("the line is no completion: {}", error.what()), where,
           "begin anew with another --out");
  }
}

bool Completion::wrote(std::size_t id) const {
  return std::none_of(told.begin(), told.end(),
                      [id](const auto& span) { return span.first <= id && id < span.second; });
}

std::size_t Completion::written() const {
  std::size_t count = ids.size();
  for (const auto& [first, last] : told)
    count -= last - first;
  return count;
}

Json rollout_figures(const std::vector<Completion>& completions) {
  double rewards = 0, judged = 0, good = 0, perfect = 0, cut = 0, tokens = 0, unsafe = 0, turns = 0;
  std::map<std::string, std::pair<double, double>> parts; // sum and count
  for (const Completion& each : completions) {
    tokens += static_cast<double>(each.written());
    turns += 1 + static_cast<double>(each.told.size());
    unsafe += each.score.forbidden ? 1 : 0;
    cut += each.ended ? 0 : 1;
    if (!each.score.value)
      continue;
    ++judged;
    rewards += *each.score.value;
    good += *each.score.value > 0.5 ? 1 : 0;
    perfect += *each.score.value > 0.95 ? 1 : 0;
    for (const auto& [name, value] : each.score.parts) {
      parts[name].first += value;
      ++parts[name].second;
    }
  }
  const auto all = static_cast<double>(std::max<std::size_t>(1, completions.size()));
  const double scored = std::max(1.0, judged);
  Json figures = {{"reward_mean", rewards / scored},  {"success_rate", good / scored},
                  {"perfect_rate", perfect / scored}, {"unjudged", (all - judged) / all},
                  {"truncated", cut / all},           {"completion_length", tokens / all},
                  {"safety", 1 - unsafe / all},       {"turns", turns / all}};
  for (const auto& [name, sum] : parts)
    figures["reward_" + name] = sum.first / sum.second;
  return figures;
}

} // namespace quill::train
