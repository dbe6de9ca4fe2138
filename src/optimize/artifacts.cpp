#include "optimize/artifacts.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "optimize/prompts.hpp"
#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

constexpr int kRunsMax = 1'000'000;

/// The first number that nobody has; making the folder is what takes it.
std::filesystem::path next_run(const std::filesystem::path& folder) {
  make_folder(folder);
  for (int number = 1; number < kRunsMax; ++number) {
    const auto run = folder / fmt::format("run_{:03}", number);
    std::error_code error;
    if (std::filesystem::create_directory(run, error))
      return run;
    if (error)
      throw Error{Exit::storage,
                  {.what = "cannot make a folder: " + error.message(),
                   .where = run.string(),
                   .fix = "give another folder with --out, or --no-artifacts"}};
  }
  throw Error{Exit::storage,
              {.what = "too many runs", .where = folder.string(), .fix = "move them away"}};
}

std::string script_of(const task::Candidate& candidate) {
  std::string text;
  for (const std::string& index : candidate.indexes)
    text += index + ";\n";
  return candidate.after.empty() ? text : text + candidate.after + ";\n";
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}x", *value) : "unknown";
}

} // namespace

std::string folder_name(std::string_view query) {
  std::string stem = std::filesystem::path(query).stem().string();
  std::replace_if(
      stem.begin(), stem.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; }, '_');
  return stem.empty() ? "query" : stem;
}

Artifacts::Artifacts(const std::filesystem::path& root, const QueryText& query) {
  if (root.empty())
    return;
  folder_ = next_run(root / folder_name(query.name));
  write("before.sql", query.text + ";\n");
}

Artifacts::Artifacts(std::filesystem::path folder)
    : folder_(std::move(folder)), keeps_history_(false) {
  make_folder(folder_);
}

void Artifacts::write(const std::string& name, std::string_view bytes) const {
  if (!folder_.empty())
    real_disk().write_atomic(folder_ / name, bytes);
}

void Artifacts::prompt(const Ask& ask) const {
  std::string text;
  for (const llm::Message& message : ask.messages)
    text += fmt::format("## {}\n{}\n\n", message.role, message.content);
  if (!text.empty())
    write(ask.name + ".prompt.md", text);
}

void Artifacts::answer(const Step& step) const {
  if (step.ask.role != Role::rules)
    write(step.ask.name + ".answer.txt", step.answer);
  if (step.candidate)
    write(step.ask.name + ".sql", script_of(*step.candidate));
}

void Artifacts::verdict(const Step& step) const {
  if (step.ask.role != Role::analyst)
    write(step.ask.name + ".json", dump_json(to_json(step), 2));
}

void Artifacts::finish(const Answer& answer, std::string_view at) const {
  if (folder_.empty())
    return;
  write("after.sql", script_of({.after = answer.after,
                                .indexes = answer.indexes,
                                .type = {},
                                .rule = {},
                                .explanation = {}}));
  write("log.md", log_text(answer));
  write("answer.json", dump_json(to_json(answer), 2));
  if (keeps_history_)
    add_to_history(answer, at);
}

void Artifacts::add_to_history(const Answer& answer, std::string_view at) const {
  const auto file = folder_.parent_path() / "history.json";
  const FileLock lock(file.string() + ".lock", "the history of a query");
  Json history{{"format_version", kFormatVersion}, {"runs", Json::array()}};
  if (std::filesystem::exists(file))
    history = parse_json(read_file(file), file.string());
  const Json document = to_json(answer);
  Json run{{"at", at}, {"run", folder_.filename().string()}};
  for (const char* key : {"status", "speedup", "speedup_with_indexes", "rules", "after", "indexes"})
    run[key] = document.at(key);
  history["runs"].push_back(std::move(run));
  real_disk().write_atomic(file, dump_json(history, 2));
}

std::string log_text(const Answer& answer) {
  std::string text = fmt::format("# {}: {}\n\nOn {}.\n\n```sql\n{};\n```\n\n", answer.name,
                                 to_string(answer.status), answer.engine, answer.before);
  for (const Step& step : answer.steps) {
    if (step.ask.role == Role::analyst)
      text += fmt::format("### {}\n{}\n\n", step.ask.name, step.answer);
    else
      text += attempt_text(step) + "\n";
  }
  text += "## Outcome\n\n";
  if (!answer.judged)
    return text + fmt::format("The query stays as it is: {}.\n", answer.reason);
  return text +
         fmt::format("{} by the statement, {} with the indexes. {}\n\n```sql\n{};\n{}\n```\n",
                     number(answer.speedup), number(answer.speedup_with_indexes),
                     answer.explanation, answer.after, fmt::join(answer.indexes, ";\n"));
}

} // namespace quill::optimize
