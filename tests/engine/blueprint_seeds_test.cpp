// Every seed example, run as it stands: before and after give the same rows, and there are some.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <variant>

#include "blueprint_fixture.hpp"
#include "quill/core/json.hpp"

using namespace quill;
using namespace quill::engine;

namespace {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// A private copy of the shop in memory, so that indexes of one example never help another.
class Copy {
 public:
  explicit Copy(const std::filesystem::path& path) {
    sqlite3* file = nullptr;
    REQUIRE(sqlite3_open(":memory:", &memory_) == SQLITE_OK);
    REQUIRE(sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    sqlite3_backup* backup = sqlite3_backup_init(memory_, "main", file, "main");
    REQUIRE(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(file);
  }
  ~Copy() { sqlite3_close(memory_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  Answer run(const std::string& sql) {
    INFO(sql);
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    REQUIRE(sqlite3_prepare_v2(memory_, sql.c_str(), -1, &statement, &tail) == SQLITE_OK);
    REQUIRE(std::string(tail).empty()); // one statement
    Answer answer;
    const int width = sqlite3_column_count(statement);
    for (int i = 0; i < width; ++i)
      answer.columns.emplace_back(sqlite3_column_name(statement, i));
    while (sqlite3_step(statement) == SQLITE_ROW) {
      auto& row = answer.rows.emplace_back();
      for (int i = 0; i < width; ++i)
        row.push_back(cell(statement, i));
    }
    REQUIRE(sqlite3_finalize(statement) == SQLITE_OK);
    return answer;
  }

 private:
  static Cell cell(sqlite3_stmt* statement, int at) {
    switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, at);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, at);
    case SQLITE_TEXT:
      return std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, at)));
    default:
      return {};
    }
  }
  sqlite3* memory_ = nullptr;
};

bool same(const Cell& a, const Cell& b) {
  if (a.index() == 2 && b.index() == 2) // sums may be added up in another order
    return std::abs(std::get<double>(a) - std::get<double>(b)) <=
           1e-9 * std::max(std::abs(std::get<double>(a)), std::abs(std::get<double>(b)));
  return a == b;
}

bool same_rows(const Answer& a, const Answer& b) {
  return std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(),
                    [](const auto& left, const auto& right) {
                      return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
                    });
}

/// What the user of the answer needs of it.
void keep_needed(Answer& answer, const Json& needs) {
  if (needs.contains("top"))
    answer.rows.resize(std::min(answer.rows.size(), needs["top"].get<std::size_t>()));
  if (!needs.contains("columns"))
    return;
  std::vector<std::size_t> places;
  for (const auto& name : needs["columns"]) {
    const auto text = name.get<std::string>();
    REQUIRE(std::count(answer.columns.begin(), answer.columns.end(), text) == 1);
    places.push_back(static_cast<std::size_t>(
        std::find(answer.columns.begin(), answer.columns.end(), text) - answer.columns.begin()));
  }
  answer.columns = needs["columns"].get<std::vector<std::string>>();
  for (auto& row : answer.rows) {
    std::vector<Cell> kept;
    for (const std::size_t place : places)
      kept.push_back(row[place]);
    row = std::move(kept);
  }
}

/// The outermost query of a seed orders when ORDER BY comes after its last closing parenthesis.
bool is_ordered(const std::string& sql) {
  return sql.find("ORDER BY", sql.rfind(')') == std::string::npos ? 0 : sql.rfind(')')) !=
         std::string::npos;
}

Json seed_examples() {
  fixture::use_shipped_data();
  return parse_json(read_file(shipped_folder() / "seed_data.json"), "seed_data.json");
}

} // namespace

TEST_CASE("there are twenty seed examples over the five types, each with its words", "[engine]") {
  const Json seeds = seed_examples();
  CHECK(seeds["format_version"] == kFormatVersion);
  CHECK(seeds["blueprint"] == "shop");
  REQUIRE(seeds["examples"].size() == 20);
  std::map<std::string, int> types;
  std::set<std::string> ids, befores;
  for (const auto& example : seeds["examples"]) {
    ++types[example["type"].get<std::string>()];
    ids.insert(example["id"].get<std::string>());
    befores.insert(example["before"].get<std::string>());
    CHECK(example["explanation"].get<std::string>().size() > 60);
    CHECK_FALSE(example["rule"].get<std::string>().empty());
  }
  CHECK(ids.size() == 20);
  CHECK(befores.size() == 20);
  CHECK(types ==
        std::map<std::string, int>{
            {"indexing", 4}, {"join", 5}, {"limit", 3}, {"projection", 4}, {"redundancy", 4}});
}

TEST_CASE("every seed example gives the same rows before and after, and some", "[engine]") {
  const ScratchFolder folder;
  const auto report = fixture::build(fixture::shop(), 42, folder.path() / "shop.db");
  const auto seeds = seed_examples();
  for (const auto& example : seeds.at("examples")) {
    INFO(example["id"].get<std::string>());
    const auto before_sql = example["before"].get<std::string>();
    Copy copy(report.path);
    Answer before = copy.run(before_sql);
    for (const auto& index : example["indexes"])
      (void)copy.run(index.get<std::string>());
    Answer after = copy.run(example["after"].get<std::string>());
    if (example.contains("needs"))
      keep_needed(before, example["needs"]);
    CHECK(before.rows.size() > 0);
    CHECK(before.columns == after.columns);
    if (!is_ordered(before_sql)) {
      std::sort(before.rows.begin(), before.rows.end());
      std::sort(after.rows.begin(), after.rows.end());
    }
    CHECK(same_rows(before, after));
  }
}
