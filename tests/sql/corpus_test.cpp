// Every construct of SQLite's SELECT: parsed, printed, and compared by the program it compiles to.
#include "catch.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/sql/parse.hpp"
#include "sql/samples.hpp"
#include "sql/sqlite.hpp"

using namespace quill::sql;
using test::lines_of;
using test::shared_data;

namespace {

/// The shop with an index to hint at and a table to look into.
std::string shop_script() {
  return std::string(test::kShop) +
         "CREATE TABLE kept (id INTEGER); CREATE INDEX by_city ON users (city);";
}

/// Parsed from `text` to a tree equal to `tree`?
bool reads_back(const std::string& text, const Query& tree) {
  const auto again = parse(text, local_grammar());
  return again.ok() && equal(*again.value(), tree);
}

/// What became of Spider's gold queries.
struct Count {
  int queries = 0, parsed = 0, read_back = 0, compiled = 0, same = 0;
};

class Spider {
 public:
  explicit Spider(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Count judge(const std::string& questions) {
    Count count;
    quill::read_jsonl(folder_ / "questions" / questions, [&](const quill::Json& line, std::size_t) {
      const auto& gold = line.at("gold");
      judge(count, line.at("db_id").get<std::string>(),
            (gold.is_array() ? gold.at(0) : gold).get<std::string>());
    });
    return count;
  }

 private:
  void judge(Count& count, const std::string& id, const std::string& gold) {
    ++count.queries;
    const auto query = parse(gold, local_grammar());
    if (!query)
      return;
    ++count.parsed;
    const auto printed = print_sqlite(*query.value());
    count.read_back += reads_back(printed, *query.value()) ? 1 : 0;
    const auto wanted = test::program(database(id), gold);
    count.compiled += wanted.empty() ? 0 : 1;
    count.same += !wanted.empty() && test::program(database(id), printed) == wanted ? 1 : 0;
  }

  sqlite3* database(const std::string& id) {
    const auto path = folder_ / "spider" / (id + ".sqlite");
    const auto known = databases_.find(id);
    if (known != databases_.end())
      return known->second.get();
    const auto name = std::filesystem::exists(path) ? path.string() : ":memory:";
    return databases_.emplace(id, test::open(name)).first->second.get();
  }

  std::filesystem::path folder_;
  std::map<std::string, test::Database> databases_;
};

} // namespace

TEST_CASE("every query of the corpus compiles to the same program after parse and print", "[sql]") {
  const auto database = test::open(":memory:", shop_script().c_str());
  const auto queries = lines_of("corpus.sql");
  CHECK(queries.size() >= 200);
  for (const auto& text : queries) {
    INFO(text);
    const auto wanted = test::program(database.get(), text);
    CHECK_FALSE(wanted.empty());
    const auto query = parse(text, local_grammar());
    if (!query)
      FAIL_CHECK(query.failure().what);
    if (query)
      CHECK(test::program(database.get(), print_sqlite(*query.value())) == wanted);
  }
}

TEST_CASE("printing on one line, and over several, reads back as the same tree", "[sql]") {
  for (const auto& text : lines_of("corpus.sql")) {
    INFO(text);
    const auto query = parse(text, local_grammar());
    REQUIRE(query.ok());
    CHECK(reads_back(print_sqlite(*query.value()), *query.value()));
    CHECK(reads_back(print_sqlite_pretty(*query.value()), *query.value()));
  }
}

TEST_CASE("a copy of a tree equals it and prints alike", "[sql]") {
  for (const auto& text : lines_of("corpus.sql")) {
    INFO(text);
    const auto query = parse(text, local_grammar());
    REQUIRE(query.ok());
    const auto copy = clone(*query.value());
    CHECK(equal(*copy, *query.value()));
    CHECK(print_sqlite(*copy) == print_sqlite(*query.value()));
  }
}

TEST_CASE("no two queries of the corpus that compile differently are equal trees", "[sql]") {
  const auto database = test::open(":memory:", shop_script().c_str());
  std::vector<std::pair<std::string, QueryPtr>> trees;
  for (const auto& text : lines_of("corpus.sql"))
    trees.emplace_back(test::program(database.get(), text),
                       parse(text, local_grammar()).ok()
                           ? std::move(parse(text, local_grammar())).value()
                           : nullptr);
  for (std::size_t i = 0; i < trees.size(); ++i)
    for (std::size_t j = i + 1; j < trees.size(); ++j)
      if (trees[i].second && trees[j].second && trees[i].first != trees[j].first)
        CHECK_FALSE(equal(*trees[i].second, *trees[j].second));
}

TEST_CASE("Spider's dev queries parse, and compile to the same program", "[sql]") {
  const auto folder = shared_data() / "nl2sql";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no " << folder);
    return;
  }
  const auto count = Spider(folder).judge("spider_dev.jsonl");
  CHECK(count.queries == 1034);
  CHECK(count.parsed == count.queries);
  CHECK(count.read_back == count.parsed);
  CHECK(count.same == count.compiled);
  CHECK(count.compiled == 1034);
}

TEST_CASE("Spider's training queries parse, and compile to the same program", "[sql][slow]") {
  const auto folder = shared_data() / "nl2sql";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no " << folder);
    return;
  }
  const auto count = Spider(folder).judge("spider_train.jsonl");
  CHECK(count.queries == 6874);
  CHECK(count.parsed == 6872); // two have ORDER BY before INTERSECT, an error in SQLite too
  CHECK(count.read_back == count.parsed);
  CHECK(count.same == count.compiled);
  CHECK(count.compiled > 6700);
}
