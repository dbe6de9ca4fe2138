#include "optimize/gold.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

constexpr std::uint64_t kFileBytesMax = 16U << 20U;

Json read_document(const std::filesystem::path& file) {
  return parse_json(read_file(file, kFileBytesMax), file.string());
}

[[noreturn]] void refuse(const std::string& what, const JsonObject& place, std::string fix) {
  throw Error{Exit::usage, {what, place.where(), std::move(fix)}};
}

/// Refuses an object that is no list, and says the place of each of its members.
template <class Visit>
void each_member(const JsonObject& object, std::string_view key, const Visit& visit) {
  if (!object.has(key))
    return;
  const Json& list = object.at(key);
  if (!list.is_array())
    refuse(fmt::format("\"{}\" is no list", key), object, "write [ … ]");
  for (std::size_t i = 0; i < list.size(); ++i)
    visit(JsonObject(list[i], fmt::format("{}: {}[{}]", object.where(), key, i)));
}

std::vector<engine::Engine> engines_of(const JsonObject& object, std::string_view key) {
  std::vector<engine::Engine> engines;
  for (const auto& name : object.texts_or_empty(key))
    engines.push_back(engine::parse_engine(name));
  return engines;
}

/// A statement is a list of lines, so that files read well.
std::string lines_of(const JsonObject& object, std::string_view key) {
  const auto lines = object.texts_or_empty(key);
  if (lines.empty())
    refuse(fmt::format("\"{}\" has no lines", key), object, "write the statement as [\"line\", …]");
  return fmt::format("{}", fmt::join(lines, "\n"));
}

KnownRewrite rewrite_of(const JsonObject& object, engine::Engine engine, bool regression) {
  object.refuse_unknown(
      {"id", "family", "also", "principle", "schema", "before", "after", "speedup"});
  KnownRewrite rewrite{object.text("id"),
                       object.text("family"),
                       engine,
                       engines_of(object, "also"),
                       object.text("principle"),
                       object.text("schema"),
                       lines_of(object, "before"),
                       lines_of(object, "after"),
                       object.number("speedup"),
                       regression};
  if (rewrite.speedup <= 0 || (rewrite.speedup < 1) != regression)
    refuse(fmt::format("\"{}\" has speedup {}", rewrite.id, rewrite.speedup), object,
           "a gold example has 1 or more, a regression less than 1");
  return rewrite;
}

void read_engine(const std::filesystem::path& file, engine::Engine engine,
                 std::vector<KnownRewrite>& all) {
  if (!std::filesystem::exists(file))
    return;
  const Json document = read_document(file);
  const JsonObject object(document, file.string());
  object.refuse_unknown({"format_version", "gold", "regressions"});
  each_member(object, "gold",
              [&](const JsonObject& one) { all.push_back(rewrite_of(one, engine, false)); });
  each_member(object, "regressions",
              [&](const JsonObject& one) { all.push_back(rewrite_of(one, engine, true)); });
}

void refuse_doubles(const std::vector<KnownRewrite>& all, const std::filesystem::path& folder) {
  std::set<std::string> ids;
  for (const auto& rewrite : all)
    if (!ids.insert(rewrite.id).second)
      throw Error{Exit::usage,
                  {fmt::format("the id \"{}\" comes twice", rewrite.id), folder.string(),
                   "give one of them another id"}};
}

Constraint::Severity severity_of(const JsonObject& object) {
  const auto word = object.text("severity");
  for (const auto severity :
       {Constraint::Severity::critical, Constraint::Severity::high, Constraint::Severity::medium})
    if (word == to_string(severity))
      return severity;
  refuse(fmt::format("\"{}\" is no severity", word), object, "use critical, high or medium");
}

Constraint constraint_of(const JsonObject& object) {
  object.refuse_unknown({"id", "severity", "engines", "text"});
  Constraint constraint{object.text("id"), severity_of(object), engines_of(object, "engines"),
                        object.text("text")};
  if (constraint.engines.empty())
    refuse("\"engines\" is empty", object, "name one at least: sqlite, duckdb, postgres");
  return constraint;
}

} // namespace

std::vector<KnownRewrite> read_rewrites(const std::filesystem::path& folder) {
  std::vector<KnownRewrite> all;
  for (const auto engine :
       {engine::Engine::sqlite, engine::Engine::duckdb, engine::Engine::postgres})
    read_engine(folder / (std::string(engine::to_string(engine)) + ".json"), engine, all);
  refuse_doubles(all, folder);
  return all;
}

std::vector<Constraint> read_constraints(const std::filesystem::path& file) {
  const Json document = read_document(file);
  const JsonObject object(document, file.string());
  object.refuse_unknown({"format_version", "constraints"});
  std::vector<Constraint> all;
  each_member(object, "constraints",
              [&](const JsonObject& one) { all.push_back(constraint_of(one)); });
  return all;
}

} // namespace quill::optimize
