// What is asked in `eval rewrite`, and who answers.
#include <map>
#include <set>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/eval/rewrites.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/model/chat.hpp"

namespace quill::eval {

namespace {

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

std::filesystem::path database_of(const RewriteEvalConfig& config, const JsonObject& line) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(config.databases, ignored))
    return config.databases;
  const std::string name = std::filesystem::path(line.text_or("database", "")).stem().string();
  auto path = config.databases / (name + ".sqlite");
  if (name.empty() || !std::filesystem::exists(path, ignored))
    refuse(fmt::format("there is no database \"{}\"", name), line.where(),
           fmt::format("put {}.sqlite into {}, or name one database for all with --databases", name,
                       config.databases.string()));
  return path;
}

std::string schema_of(const std::filesystem::path& database, const Cancel& cancel) {
  return engine::open_sqlite(database, &cancel)->schema().ddl();
}

} // namespace

void RewriteEvalConfig::fields(FieldList& list) {
  list.add("queries", &queries,
           "JSONL of slow queries: before, database, optional id, needs, prompt (as `export "
           "--format grpo` writes)")
      .needed();
  list.add("databases", &databases, "folder of <database>.sqlite, or one database for all")
      .needed();
  list.add("predictions", &predictions, "JSONL of answers: id, after");
  list.add("details", &details, "write one line of JSON a query and system to this file");
  list.add("proposals", &proposals,
           "proposals of the built-in rules to each query, the baseline; 0 leaves it out")
      .range(0, 1000);
  list.add("improved", &improved, "speedup that counts as an improvement").range(1, 1000);
  list.add("cap", &cap, "largest speedup in the capped mean").range(1, 1e6);
  list.add("index_cost_ms", &index_cost_ms, "longest build of indexes that is practical")
      .in("ms")
      .range(0, 1e9);
  judge.run_fields(list);
  answering.fields(list);
}

std::vector<SlowQuery> read_slow_queries(const RewriteEvalConfig& config) {
  std::vector<SlowQuery> queries;
  std::set<std::string> ids;
  read_jsonl(config.queries, [&](const Json& value, std::size_t number) {
    const std::string where = fmt::format("{}:{}", config.queries.string(), number);
    const JsonObject line(value, where);
    SlowQuery query{.id = line.text_or("id", std::to_string(number)),
                    .before = line.text("before"),
                    .database = database_of(config, line),
                    .needs = {},
                    .prompt = {}};
    if (line.has("needs") && !line.at("needs").is_null())
      query.needs = sql::needs_from_json(line.at("needs"), where);
    if (line.has("prompt"))
      query.prompt = model::parse_messages(line.at("prompt"), where);
    if (!ids.insert(query.id).second)
      refuse(fmt::format("id \"{}\" is there twice", query.id), where, "give each query its own");
    queries.push_back(std::move(query));
  });
  if (queries.empty())
    refuse("the file has no line", config.queries.string(), "name another with --queries");
  return queries;
}

Answers read_rewrites(const std::filesystem::path& file, const std::vector<SlowQuery>& queries) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < queries.size(); ++i)
    places[queries[i].id] = i;
  Answers answers(queries.size());
  read_jsonl(file, [&](const Json& value, std::size_t number) {
    const JsonObject line(value, fmt::format("{}:{}", file.string(), number));
    const auto place = places.find(line.text("id"));
    if (place == places.end() || answers[place->second])
      refuse(fmt::format("id \"{}\" is {}", line.text("id"),
                         place == places.end() ? "no query's" : "there twice"),
             line.where(), "give each query one answer");
    sql::Pair pair;
    judge::take_after(pair, line.text("after"));
    answers[place->second] = task::Candidate{
        .after = pair.after, .indexes = pair.indexes, .type = "", .rule = "", .explanation = ""};
  });
  return answers;
}

Answers model_rewrites(const RewriteEvalConfig& config, const std::vector<SlowQuery>& queries,
                       const model::ChatFormat& format, model::Decoder& decoder,
                       const Cancel& cancel, const std::function<void()>& on_answer) {
  const AnsweringConfig& how = config.answering;
  const auto prompt = task::PromptTemplate::load(
      how.prompt.empty() ? shipped_folder() / "prompts" / "slow_to_fast.md" : how.prompt);
  model::Generation like = how.generation;
  like.sampling.seed = static_cast<std::uint64_t>(how.seed);
  std::map<std::filesystem::path, std::string> schemas;
  Answers answers(queries.size());
  std::vector<model::Generation> asked;
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const SlowQuery& query = queries[i];
    const auto found = schemas.find(query.database);
    const std::string& schema =
        found != schemas.end()
            ? found->second
            : schemas.emplace(query.database, schema_of(query.database, cancel)).first->second;
    const task::Problem problem{
        .id = query.id, .schema = schema, .before = query.before, .needs = query.needs};
    auto generation = format.generation(
        query.prompt.empty() ? prompt.render(problem, {}, "SQLite") : query.prompt, like);
    if (static_cast<std::int64_t>(generation.prompt.size()) >= decoder.positions_max())
      continue; // too long to be read: no answer
    asked.push_back(std::move(generation));
    of.push_back(i);
  }
  const auto written =
      model::generate(decoder, format.tokenizer, asked, how.batch, cancel, on_answer);
  for (std::size_t i = 0; i < of.size(); ++i)
    if (const auto candidate = task::extract_candidate(written[i].front().text);
        candidate && written[i].front().finish_reason == "stop")
      answers[of[i]] = candidate.value();
  return answers;
}

} // namespace quill::eval
