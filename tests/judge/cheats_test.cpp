// Forty ways to be paid without being faster, and sixty honest rewrites, on a small shop. What
// stands in {{…}} is looked up in the database first, as one would who has seen it.
#include <cstdlib>

#include "catch.hpp"
#include "folders.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/sql/parse.hpp"

using namespace quill;

namespace {

std::filesystem::path shop(const std::filesystem::path& folder) {
  ::setenv("QUILL_DATA_DIR", QUILL_SOURCE_FOLDER "/data", 0);
  auto blueprint = engine::Blueprint::load("shop");
  blueprint.resize("users", 400);
  blueprint.resize("orders", 2'000);
  const Cancel never;
  return engine::build_database(blueprint, 42, folder / "shop.db", false, never).path;
}

std::string literal(const engine::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return sql::quoted_text(*text);
  return dump_json(engine::to_json(value));
}

/// One cell; "rows QUERY": (a), (b), …; "list QUERY": a, b, ….
std::string looked_up(engine::Session& session, std::string question) {
  const bool rows = question.rfind("rows ", 0) == 0;
  for (const std::string_view kind : {"rows ", "list ", "text "})
    if (question.rfind(kind, 0) == 0)
      question.erase(0, kind.size());
  const auto run = session.run(question, {});
  REQUIRE(run.status == engine::Status::ok);
  std::string out;
  for (const auto& row : run.rows) {
    const auto cell = literal(row.at(0));
    out += (out.empty() ? "" : ", ") + (rows ? "(" + cell + ")" : cell);
  }
  return out;
}

std::string filled(engine::Session& session, std::string text) {
  for (auto open = text.find("{{"); open != std::string::npos; open = text.find("{{", open)) {
    const auto close = text.find("}}", open);
    REQUIRE(close != std::string::npos);
    text.replace(open, close + 2 - open,
                 looked_up(session, text.substr(open + 2, close - open - 2)));
  }
  return text;
}

struct Line {
  sql::Pair pair;
  bool fits = true; ///< gives the same rows on this database
};

std::vector<Line> lines_of(engine::Session& session, const std::string& file) {
  std::vector<Line> out;
  std::istringstream text(read_file(std::filesystem::path(QUILL_TESTS_FOLDER) / "judge" / file));
  for (std::string row; std::getline(text, row);) {
    const Json json = parse_json(row, file);
    Line line;
    line.pair.id = json.at("id");
    line.pair.before = filled(session, json.at("before"));
    if (json.contains("needs"))
      line.pair.needs = sql::needs_from_json(json.at("needs"), file);
    std::string script;
    for (const std::string index : json.value("indexes", Json::array()))
      script += filled(session, index) + "; ";
    judge::take_after(line.pair, script + filled(session, json.at("after")));
    line.fits = json.value("fits", true);
    out.push_back(std::move(line));
  }
  return out;
}

/// A run gives all rows: what one comparison on one database sees.
bool same_here(engine::Session& session, const sql::Pair& pair) {
  engine::Limits limits;
  limits.rows = 0;
  if (!pair.indexes.empty())
    REQUIRE(session.build_indexes(pair.indexes, limits).ok);
  const auto before = session.sample(pair.before, limits);
  const auto after = session.sample(pair.after, limits, engine::Side::indexed);
  return before.status == engine::Status::ok && after.status == engine::Status::ok &&
         std::equal(before.digest.bag, before.digest.bag + 2, after.digest.bag);
}

judge::JudgeConfig steps() {
  judge::JudgeConfig config;
  config.measure = "steps"; // the same on every machine
  config.readability = "off";
  return config;
}

} // namespace

TEST_CASE("none of forty cheats is rewarded", "[judge]") {
  const ScratchFolder folder;
  const auto session = engine::open_sqlite(shop(folder.path()));
  const auto cheats = lines_of(*session, "cheats.jsonl");
  REQUIRE(cheats.size() == 40);
  judge::Judge judge(*session, steps());
  for (const auto& cheat : cheats) {
    INFO(cheat.pair.id);
    if (cheat.fits)
      CHECK(same_here(*session, cheat.pair)); // or it would be no cheat, but a mistake
    const auto verdict = judge.evaluate(cheat.pair);
    INFO(verdict.verdict << ", " << to_string(verdict.status) << ": " << verdict.reason
                         << ", speedup " << verdict.speedup.value_or(0));
    CHECK(verdict.reward.value_or(0) == 0);
    CHECK_FALSE(verdict.kept);
    CHECK_FALSE(verdict.correct.value_or(false));
  }
}

namespace {

/// What is wrong with those of every `step`-th that are not kept, one a line.
std::vector<std::string> missed(std::size_t step) {
  const ScratchFolder folder;
  const auto session = engine::open_sqlite(shop(folder.path()));
  const auto honest = lines_of(*session, "honest_rewrites.jsonl");
  REQUIRE(honest.size() == 60);
  judge::Judge judge(*session, steps());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < honest.size(); i += step) {
    const auto verdict = judge.evaluate(honest[i].pair);
    CHECK(verdict.verdict != "different");
    if (!verdict.kept)
      out.push_back(verdict.id + ": " + verdict.verdict + ", " + verdict.reason + ", speedup " +
                    std::to_string(verdict.speedup.value_or(0)));
  }
  return out;
}

} // namespace

TEST_CASE("honest rewrites are rewarded: a fifth of sixty", "[judge]") {
  CHECK(missed(5) == std::vector<std::string>());
}

TEST_CASE("at least 58 of sixty honest rewrites are rewarded", "[judge][slow]") {
  const auto few = missed(1);
  CAPTURE(few);
  CHECK(few.size() <= 2);
}
