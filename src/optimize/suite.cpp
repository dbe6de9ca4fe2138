#include "quill/optimize/suite.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/optimize/intent.hpp"
#include "quill/sql/parse.hpp"

namespace quill::optimize {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kQueryBytesMax = 4U << 20U;

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

fs::path header_file(const fs::path& folder) {
  return folder / "suite.json";
}

/// A connection string is written down: it must hold no secret.
bool holds_password(std::string_view connection) {
  const auto host = connection.find("://");
  if (host == std::string_view::npos)
    return connection.find("password") != std::string_view::npos;
  const auto user =
      connection.substr(host + 3, connection.find_first_of("/?", host + 3) - host - 3);
  const auto at = user.find('@');
  return connection.find("password=") != std::string_view::npos ||
         (at != std::string_view::npos && user.substr(0, at).find(':') != std::string_view::npos);
}

Json to_json(const SuiteHeader& header) {
  return {{"format_version", kFormatVersion},
          {"name", header.name},
          {"engine", engine::to_string(header.engine)},
          {"database", header.database},
          {"scale", header.scale ? Json(*header.scale) : Json(nullptr)},
          {"version", header.version}};
}

SuiteHeader header_from(const Json& document, const std::string& where) {
  const JsonObject object(document, where);
  SuiteHeader header{.name = object.text("name"),
                     .engine = engine::parse_engine(object.text("engine")),
                     .database = object.text("database"),
                     .scale = {},
                     .version = object.text_or("version", "")};
  if (object.has("scale") && object.at("scale").is_number())
    header.scale = object.number("scale");
  return header;
}

std::vector<fs::path> sql_files(const fs::path& folder) {
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.path().extension() == ".sql" && entry.is_regular_file(failed))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// Ids become names of folders.
void check_id(const std::string& id, const fs::path& where) {
  const bool plain = !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!plain)
    refuse(fmt::format("\"{}\" cannot be the id of a query", id), where.string(),
           "name the file with letters, digits, _ and - only");
}

void write_query(const fs::path& file, std::string_view text) {
  real_disk().write_atomic(file, fmt::format("{};\n", text));
}

} // namespace

std::vector<QueryText> read_queries(const fs::path& folder, engine::Engine engine) {
  std::vector<QueryText> out;
  for (const fs::path& file : sql_files(folder)) {
    auto statements = sql::split_statements(engine::dialect_of(engine), read_file(file));
    if (!statements)
      refuse(statements.failure().what, file.string(), "correct the file");
    const auto stem = file.stem().string();
    check_id(stem, file);
    for (std::size_t i = 0; i < statements.value().size(); ++i)
      out.push_back({.name = i == 0 ? stem : fmt::format("{}_{}", stem, i + 1),
                     .text = statements.value()[i]});
  }
  if (out.empty())
    refuse("there is no query", folder.string(), "give a folder with one .sql file a query");
  return out;
}

Suite Suite::create(const fs::path& folder, SuiteHeader header,
                    const std::vector<QueryText>& queries) {
  if (fs::exists(header_file(folder)))
    refuse(fmt::format("there is a suite in \"{}\" already", folder.string()), folder.string(),
           "give another folder with --out, or remove that one");
  if (header.engine == engine::Engine::postgres && holds_password(header.database))
    refuse("the connection string holds a password, and would be written to suite.json",
           folder.string(), "leave it out: PGPASSWORD or ~/.pgpass hold it");
  make_folder(folder / "queries");
  for (const QueryText& query : queries)
    write_query(folder / "queries" / (query.name + ".sql"), query.text);
  real_disk().write_atomic(header_file(folder), dump_json(to_json(header), 2));
  return open(folder);
}

Suite Suite::open(const fs::path& folder) {
  const auto file = header_file(folder);
  if (!fs::exists(file))
    refuse(fmt::format("there is no suite in \"{}\"", folder.string()), file.string(),
           "make one with quill suite init or quill suite prepare, or name it with --suite");
  Suite suite;
  suite.folder_ = folder;
  suite.header_ = header_from(parse_json(read_file(file), file.string()), file.string());
  for (const fs::path& query : sql_files(folder / "queries"))
    suite.ids_.push_back(query.stem().string());
  if (suite.ids_.empty())
    refuse("the suite has no query", (folder / "queries").string(), "put <id>.sql files there");
  return suite;
}

std::string Suite::database() const {
  const bool file = header_.engine != engine::Engine::postgres;
  return file ? (folder_ / header_.database).lexically_normal().string() : header_.database;
}

int Suite::state() const {
  int last = 0;
  while (fs::exists(state_folder(last + 1) / "queries"))
    ++last;
  return last;
}

fs::path Suite::state_folder(int state) const {
  return folder_ / fmt::format("state_{}", state);
}

fs::path Suite::query_folder(int state, std::string_view id) const {
  return state_folder(state) / std::string(id);
}

QueryText Suite::baseline(int state, std::string_view id) const {
  const auto queries = (state == 0 ? folder_ : state_folder(state)) / "queries";
  const auto file = queries / fmt::format("{}.sql", id);
  auto statements =
      sql::split_statements(engine::dialect_of(header_.engine), read_file(file, kQueryBytesMax));
  if (!statements || statements.value().size() != 1)
    refuse("a query is one statement", file.string(), "correct the file");
  return {.name = std::string(id), .text = std::move(statements).value().front()};
}

void Suite::begin_state(int state, const std::map<std::string, std::string>& baselines) const {
  const auto next = state_folder(state) / "queries.new";
  make_folder(next);
  for (const std::string& id : ids_) {
    const auto found = baselines.find(id);
    write_query(next / (id + ".sql"),
                found != baselines.end() ? found->second : baseline(state - 1, id).text);
  }
  std::error_code failed;
  fs::rename(next, state_folder(state) / "queries", failed);
  if (failed)
    throw Error{Exit::storage,
                {.what = "cannot begin the next state: " + failed.message(),
                 .where = next.string(),
                 .fix = "see that the disk has room and the folder may be written"}};
}

std::map<std::string, std::string> Suite::intents() const {
  std::map<std::string, std::string> out;
  const auto file = folder_ / "intents.json";
  if (!fs::exists(file))
    return out;
  const Json document = parse_json(read_file(file), file.string());
  const Json& intents = JsonObject(document, file.string()).at("intents");
  const JsonObject object(intents, file.string() + ": intents");
  for (const auto& [id, text] : intents.items())
    out[id] = object.text(id);
  return out;
}

void Suite::write_intents(const std::map<std::string, std::string>& intents) const {
  Json list = Json::object();
  for (const auto& [id, text] : intents)
    list[id] = text;
  real_disk().write_atomic(
      folder_ / "intents.json",
      dump_json({{"format_version", kFormatVersion}, {"intents", std::move(list)}}, 2));
}

SuiteCheck check_suite(const Suite& suite, engine::Session& session) {
  SuiteCheck out;
  const auto dialect = engine::dialect_of(session.engine());
  for (const std::string& id : suite.ids()) {
    const auto query = suite.baseline(0, id);
    if (const auto plan = session.plan(query.text); !plan.ok)
      out.refused.emplace_back(id, plan.message);
    if (const auto tree = sql::parse(dialect, query.text, session.grammar()))
      out.intents[id] = intent_of(*tree.value(), dialect);
  }
  return out;
}

std::vector<Suite> suites_below(const fs::path& folder) {
  std::vector<fs::path> places;
  if (fs::exists(header_file(folder)))
    places.push_back(folder);
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.is_directory(failed) && fs::exists(header_file(entry.path())))
      places.push_back(entry.path());
  std::sort(places.begin(), places.end());
  std::vector<Suite> out;
  for (const fs::path& place : places)
    out.push_back(Suite::open(place));
  return out;
}

} // namespace quill::optimize
