// Blueprint files that are wrong: each is refused with its place, before anything is made.
#include "blueprint_fixture.hpp"
#include "folders.hpp"
#include "quill/core/json.hpp"

using namespace quill;
using namespace quill::engine;
using fixture::error_of;

namespace {

/// A blueprint of two tables, with `column` as the second one of pets.
std::string document(const std::string& column, const std::string& rows = "10") {
  return R"({"format_version": 1, "name": "zoo", "summary": "s", "tables": [
    {"name": "kinds", "rows": 3, "columns": [
      {"name": "id", "type": "INTEGER", "primary_key": true, "values": {"kind": "serial"}},
      {"name": "label", "type": "TEXT", "not_null": true,
       "values": {"kind": "category", "choices": {"cat": 1, "dog": 2}}},
      {"name": "seen", "type": "TEXT", "values": {"kind": "moment", "from": "2024-01-01", "to": "2024-02-01"}}]},
    {"name": "pets", "rows": )" +
         rows + R"(, "columns": [
      {"name": "id", "type": "INTEGER", "primary_key": true, "values": {"kind": "serial"}},
      {"name": "kind_id", "type": "INTEGER", "not_null": true, "references": "kinds.id",
       "values": {"kind": "foreign_key"}},
      )" +
         column + R"(]}]})";
}

std::string refusal(const std::string& column, const std::string& rows = "10") {
  return error_of([&] { (void)Blueprint::parse(document(column, rows), "zoo.json"); });
}

struct Wrong {
  const char* column;
  const char* what; ///< part of the error
};

} // namespace

TEST_CASE("a blueprint says its name, sizes and tables", "[engine]") {
  const auto zoo = Blueprint::parse(
      document(
          R"({"name": "weight", "type": "REAL", "values": {"kind": "uniform", "min": 1, "max": 9}})",
          R"({"per": "kinds", "ratio": 2.5})"),
      "zoo.json");
  CHECK(zoo.name() == "zoo");
  CHECK_FALSE(zoo.held_out());
  CHECK(zoo.sizes() == std::map<std::string, std::int64_t>{{"kinds", 3}, {"pets", 8}}); // 7.5 up
  CHECK(zoo.ddl() == "CREATE TABLE kinds (\n"
                     "  id INTEGER PRIMARY KEY,\n"
                     "  label TEXT NOT NULL,\n"
                     "  seen TEXT\n"
                     ");\n"
                     "CREATE TABLE pets (\n"
                     "  id INTEGER PRIMARY KEY,\n"
                     "  kind_id INTEGER NOT NULL REFERENCES kinds(id),\n"
                     "  weight REAL\n"
                     ");\n");
}

TEST_CASE("a wrong column is refused with place, reason and mend", "[engine]") {
  CHECK(
      refusal(
          R"({"name": "w", "type": "REAL", "values": {"kind": "unifrom", "min": 1, "max": 2}})") ==
      "error: unknown kind \"unifrom\"\n"
      "  where: zoo.json: tables[1]: columns[2] (pets.w): values\n"
      "  fix:   did you mean \"uniform\"?\n");
}

TEST_CASE("every rule of a column is checked", "[engine]") {
  const auto wrong = GENERATE(values<Wrong>({
      {R"({"name": "select", "type": "TEXT", "values": {"kind": "text", "text": "x"}})", "keyword"},
      {R"({"name": "a b", "type": "TEXT", "values": {"kind": "text", "text": "x"}})", "plain name"},
      {R"({"name": "ID", "type": "TEXT", "values": {"kind": "text", "text": "x"}})", "there twice"},
      {R"({"name": "sqlite_x", "type": "TEXT", "values": {"kind": "text", "text": "x"}})",
       "SQLite's own"},
      {R"({"name": "w", "type": "BLOB", "values": {"kind": "text", "text": "x"}})",
       "unknown type \"BLOB\""},
      {R"({"name": "w", "type": "TEXT", "size": 3, "values": {"kind": "text", "text": "x"}})",
       "unknown key \"size\""},
      {R"({"name": "w", "type": "TEXT", "null_share": 1.5, "values": {"kind": "text", "text": "x"}})",
       "from 0 to 1"},
      {R"({"name": "w", "type": "TEXT", "not_null": true, "null_share": 0.5, "values": {"kind": "text", "text": "x"}})",
       "may be NULL"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "uniform", "min": 1, "max": 2}})",
       "do not fit its type"},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "uniform", "min": 3, "max": 2}})",
       "above \"max\""},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "uniform", "min": 3}})",
       "needs \"min\" and \"max\""},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "normal", "mean": 1e300, "deviation": 1}})",
       "not from"},
      {R"({"name": "w", "type": "INTEGER", "values": {"kind": "normal", "mean": 1, "deviation": 1, "decimals": 2}})",
       "no decimals"},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "normal", "mean": 1, "deviation": 1, "decimals": 7}})",
       "not from 0 to 6"},
      {R"({"name": "w", "type": "INTEGER", "values": {"kind": "foreign_key"}})",
       "needs \"references\""},
      {R"({"name": "w", "type": "INTEGER", "references": "cages.id", "values": {"kind": "foreign_key"}})",
       "no earlier table \"cages\""},
      {R"({"name": "w", "type": "INTEGER", "references": "kinds.label", "values": {"kind": "foreign_key"}})",
       "not the primary key"},
      {R"({"name": "w", "type": "INTEGER", "references": "kinds.id", "values": {"kind": "serial"}})",
       "needs values of kind foreign_key"},
      {R"({"name": "w", "type": "INTEGER", "not_null": true, "references": "pets.id", "values": {"kind": "foreign_key"}})",
       "may be NULL"},
      {R"({"name": "w", "type": "INTEGER", "primary_key": true, "values": {"kind": "serial"}})",
       "one primary key"},
      {R"({"name": "w", "type": "TEXT", "unique": true, "values": {"kind": "text", "text": "{word}"}})",
       "cannot be unique"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{frist}"}})",
       "{frist}"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{words:0}"}})",
       "count from 1 to 1000"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{words:1-99999999999}"}})",
       "count from 1 to 1000"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{row"}})",
       "closing brace"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{column:nmae}"}})",
       "no column \"nmae\""},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "{column:w}"}})",
       "computed from itself"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "category", "choices": {}}})",
       "choices must be 1 to"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "category", "choices": {"a": 0}}})",
       "all weights are zero"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "category", "choices": {"a": -1}}})",
       "not from 0"},
      {R"({"name": "w", "type": "INTEGER", "values": {"kind": "category", "choices": {"1.5": 1}}})",
       "not a number of the column's type"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "moment", "from": "2024-02-30", "to": "2024-03-01"}})",
       "not a date"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "moment", "from": "2024-03-02", "to": "2024-03-01"}})",
       "after \"to\""},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "moment", "from": "0001-01-01", "to": "9999-01-01"}})",
       "more than 36600 days"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "moment", "from": "2024-01-01", "to": "2024-03-01", "months": [1]}})",
       "must be 12 numbers"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "later", "than": "id", "median_days": 2}})",
       "id is no moment"},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "product", "of": []}})",
       "one to four columns"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "lookup", "through": "id", "column": "label"}})",
       "must name a foreign key"},
      {R"({"name": "w", "type": "TEXT", "values": {"kind": "lookup", "through": "kind_id", "column": "nope"}})",
       "no column \"nope\" in kinds"},
      {R"({"name": "w", "type": "REAL", "values": {"kind": "lookup", "through": "kind_id", "column": "label"}})",
       "do not fit its type"},
      {R"({"name": "w", "type": "TEXT", "not_null": true, "values": {"kind": "lookup", "through": "kind_id", "column": "seen"}})",
       "may be NULL"},
      {R"({"name": "w", "type": "TEXT", "null_when": {"column": "id", "in": []}, "values": {"kind": "text", "text": "x"}})",
       "at least one value"},
      {R"({"name": "w", "type": "TEXT", "values": "serial"})", "expected an object"},
      {R"({"name": "w", "type": "TEXT"})", "key \"values\" is missing"},
  }));
  INFO(wrong.column);
  CHECK_THAT(refusal(wrong.column), Catch::Contains(wrong.what));
}

TEST_CASE("cases must cover every value that the choosing column can have", "[engine]") {
  const std::string chooser =
      R"({"name": "label", "type": "TEXT", "not_null": true,
          "values": {"kind": "lookup", "through": "kind_id", "column": "label"}},)";
  const std::string weight =
      R"({"name": "w", "type": "REAL", "values": {"kind": "normal", "by": "label", "cases": {"cat": {"mean": 4, "deviation": 1}}}})";
  CHECK_THAT(refusal(chooser + weight), Catch::Contains("has none for label \"dog\""));
}

TEST_CASE("sizes are bounded before anything is allocated", "[engine]") {
  const std::string column =
      R"({"name": "w", "type": "TEXT", "values": {"kind": "text", "text": "x"}})";
  CHECK_THAT(refusal(column, "1000000001"), Catch::Contains("not from 0 to 1000000000"));
  CHECK_THAT(refusal(column, "-1"), Catch::Contains("not from 0"));
  CHECK_THAT(refusal(column, R"({"per": "kinds", "ratio": 1e9})"), Catch::Contains("\"ratio\""));
  CHECK_THAT(refusal(column, R"({"per": "cages", "ratio": 1})"),
             Catch::Contains("no earlier table"));
}

TEST_CASE("a table of 201 columns is refused", "[engine]") {
  std::string columns;
  for (int i = 0; i < 199; ++i) // with id and kind_id: 201
    columns += (i == 0 ? "" : ",") + std::string(R"({"name": "c)") + std::to_string(i) +
               R"(", "type": "TEXT", "values": {"kind": "text", "text": "x"}})";
  CHECK_THAT(refusal(columns), Catch::Contains("has 201 elements, at most 200 are allowed"));
}

TEST_CASE("a document of another version, or none at all, is refused", "[engine]") {
  CHECK_THAT(error_of([] { (void)Blueprint::parse("{}", "x"); }),
             Catch::Contains("\"format_version\" is missing"));
  CHECK_THAT(error_of([] { (void)Blueprint::parse("[1", "x"); }), Catch::Contains("where: x:1:"));
  CHECK_THAT(error_of([] {
               (void)Blueprint::parse(
                   R"({"format_version": 2, "name": "a", "summary": "", "tables": []})", "x");
             }),
             Catch::Contains("\"format_version\" is 2, this version reads 1"));
}

TEST_CASE("an unknown blueprint or table names the nearest known one", "[engine]") {
  fixture::use_shipped_data();
  CHECK_THAT(error_of([] { (void)Blueprint::load("shpo"); }),
             Catch::Contains("did you mean \"shop\"?"));
  CHECK_THAT(error_of([] { (void)Blueprint::load("nowhere/zoo.json"); }),
             Catch::Contains("nowhere/zoo.json"));
  auto shop = fixture::shop();
  CHECK_THAT(error_of([&] { shop.resize("order", 5); }),
             Catch::Contains("did you mean \"orders\"?"));
  CHECK_THAT(error_of([&] { shop.resize("orders", -5); }), Catch::Contains("-5 rows"));
}

TEST_CASE("orders follow users unless they are given", "[engine]") {
  fixture::use_shipped_data();
  auto shop = Blueprint::load("shop");
  CHECK(shop.sizes() == std::map<std::string, std::int64_t>{{"orders", 50'000}, {"users", 10'000}});
  shop.resize("users", 100);
  CHECK(shop.sizes().at("orders") == 500);
  shop.resize("ORDERS", 7); // names of tables ignore case, as in SQL
  CHECK(shop.sizes().at("orders") == 7);
}

TEST_CASE("the worked example of the documentation builds, and all kinds are explained",
          "[engine]") {
  const std::string page = read_file(QUILL_SOURCE_FOLDER "/docs/blueprints.md");
  const std::size_t begin = page.find("```json\n") + 8;
  const ScratchFolder folder;
  auto zoo = Blueprint::parse(page.substr(begin, page.find("```", begin) - begin), "blueprints.md");
  zoo.resize("animals", 6);
  fixture::Reader reader(fixture::build(zoo, 7, folder.path() / "zoo.db").path);
  for (const auto& line : reader.lines("SELECT * FROM animals WHERE id <= 3"))
    CHECK_THAT(page, Catch::Contains("    " + line + "\n"));
  for (const char* kind : {"serial", "foreign_key", "uniform", "normal", "lognormal", "category",
                           "moment", "later", "text", "product", "linear", "lookup"})
    CHECK_THAT(page, Catch::Contains("| `" + std::string(kind) + "` |"));
  for (const auto& name : Blueprint::shipped())
    CHECK_THAT(page, Catch::Contains("| " + name + " |"));
}
