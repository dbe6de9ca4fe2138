// Spider's queries on their own databases: how many are parsed, how many trusted, and whether what
// is printed gives the same rows in the same order.
#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/sql/parse.hpp"
#include "sql/samples.hpp"
#include "sql/sqlite.hpp"

using namespace quill::sql;

namespace {

constexpr int kStepsMax = 200'000'000; // of SQLite's machine, for one query

int stop(void* left) {
  return --*static_cast<int*>(left) <= 0;
}

/// All rows as text with their types, or nothing when SQLite does not run it to the end.
std::optional<std::string> rows_of(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    return std::nullopt;
  int left = kStepsMax / 10'000;
  sqlite3_progress_handler(database, 10'000, stop, &left);
  std::string rows = std::to_string(sqlite3_column_count(statement)) + '\n';
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      rows += static_cast<char>('0' + sqlite3_column_type(statement, column));
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      rows.append(text ? text : "",
                  static_cast<std::size_t>(text ? sqlite3_column_bytes(statement, column) : 0));
      rows += '|';
    }
    rows += '\n';
  }
  sqlite3_progress_handler(database, 0, nullptr, nullptr);
  sqlite3_finalize(statement);
  return code == SQLITE_DONE ? std::optional(std::move(rows)) : std::nullopt;
}

/// What became of the queries.
struct Tally {
  int queries = 0, run = 0, parsed = 0, trusted = 0, same_rows = 0;
  std::vector<double> ms; ///< parse and print
};

class Spider {
 public:
  explicit Spider(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void judge(const std::string& questions, std::size_t each, Tally& tally) {
    std::size_t line = 0;
    quill::read_jsonl(folder_ / "questions" / questions,
                      [&](const quill::Json& question, std::size_t) {
                        if (line++ % each != 0)
                          return;
                        const auto& gold = question.at("gold");
                        judge(tally, question.at("db_id").get<std::string>(),
                              (gold.is_array() ? gold.at(0) : gold).get<std::string>());
                      });
  }

 private:
  void judge(Tally& tally, const std::string& id, const std::string& gold) {
    ++tally.queries;
    auto* database = this->database(id);
    const auto wanted = database ? rows_of(database, gold) : std::nullopt;
    if (!wanted)
      return;
    ++tally.run;
    const auto begin = std::chrono::steady_clock::now();
    const auto query = parse(gold, local_grammar());
    const auto printed = query.ok() ? print_sqlite(*query.value()) : "";
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    tally.ms.push_back(taken.count());
    if (!query)
      return;
    ++tally.parsed;
    if (test::program(database, printed) != test::program(database, gold))
      return;
    ++tally.trusted;
    if (rows_of(database, printed) == wanted)
      ++tally.same_rows;
    else
      FAIL_CHECK(id << ": " << gold << "\n" << printed);
  }

  sqlite3* database(const std::string& id) {
    if (const auto known = databases_.find(id); known != databases_.end())
      return known->second.get();
    // Chinook stands in for the Spider database that is missing.
    const auto path =
        id == "chinook_1" ? folder_ / "db/chinook.sqlite" : folder_ / "spider" / (id + ".sqlite");
    auto opened = std::filesystem::exists(path) ? test::open(path.string())
                                                : test::Database(nullptr, &sqlite3_close);
    return databases_.emplace(id, std::move(opened)).first->second.get();
  }

  std::filesystem::path folder_;
  std::map<std::string, test::Database> databases_;
};

void check(std::size_t each) {
  const auto folder = test::shared_data() / "nl2sql";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no " << folder);
    return;
  }
  Tally tally;
  Spider spider(folder);
  spider.judge("spider_dev.jsonl", each, tally);
  spider.judge("spider_train.jsonl", each, tally);
  REQUIRE(tally.run > 0);
  std::sort(tally.ms.begin(), tally.ms.end());
  const auto share = [&](int count) { return 100.0 * count / tally.run; };
  WARN(tally.queries << " queries, " << tally.run << " run by SQLite; parsed " << tally.parsed
                     << " (" << share(tally.parsed) << " %), trusted " << tally.trusted << " ("
                     << share(tally.trusted) << " %), same rows " << tally.same_rows
                     << "; parse and print, 95th percentile: "
                     << tally.ms[tally.ms.size() * 95 / 100] << " ms");
  CHECK(share(tally.parsed) >= 99);
  CHECK(share(tally.trusted) >= 97);
  CHECK(tally.same_rows == tally.trusted);
}

} // namespace

TEST_CASE("a sample of Spider's queries gives the same rows after parse and print", "[sql]") {
  check(40);
}

TEST_CASE("each of Spider's queries gives the same rows after parse and print", "[sql][slow]") {
  check(1);
}
