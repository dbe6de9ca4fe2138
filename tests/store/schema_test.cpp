#include "store/schema.hpp"

#include "catch.hpp"

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using store::Connection;
using store::Migrations;
using store::OpenMode;
namespace fs = std::filesystem;

namespace {

const Migrations kOne{"CREATE TABLE a (x); INSERT INTO a VALUES (1)"};
const Migrations kTwo{kOne[0], "ALTER TABLE a ADD COLUMN y DEFAULT 7"};
const Migrations kBroken{kOne[0], "ALTER TABLE a ADD COLUMN y; CREATE TABLE a (x)"};

} // namespace

TEST_CASE("a new file gets every step and no backup", "[store]") {
  const ScratchFolder folder;
  Connection connection(folder.path() / "run.db", OpenMode::create);
  CHECK(store::is_empty(connection));
  migrate(connection, kTwo);
  CHECK(connection.integer("PRAGMA user_version") == 2);
  CHECK(connection.integer("SELECT y FROM a") == 7);
  CHECK_FALSE(fs::exists(folder.path() / "run.db.v0.bak"));
}

TEST_CASE("an older file is backed up, then brought forward", "[store]") {
  const ScratchFolder folder;
  Connection connection(folder.path() / "run.db", OpenMode::create);
  migrate(connection, kOne);
  migrate(connection, kTwo);
  CHECK(connection.integer("SELECT x + y FROM a") == 8);

  Connection backup(folder.path() / "run.db.v1.bak", OpenMode::read);
  CHECK(backup.integer("PRAGMA user_version") == 1);
  CHECK(backup.integer("SELECT count(*) FROM pragma_table_info('a')") == 1);
}

TEST_CASE("a step that fails leaves the file at its version", "[store]") {
  const ScratchFolder folder;
  Connection connection(folder.path() / "run.db", OpenMode::create);
  migrate(connection, kOne);
  CHECK_THROWS_AS(migrate(connection, kBroken), Error);
  CHECK(connection.integer("PRAGMA user_version") == 1);
  CHECK(connection.integer("SELECT count(*) FROM pragma_table_info('a')") == 1);
}

TEST_CASE("a file of a later version is refused", "[store]") {
  const ScratchFolder folder;
  Connection connection(folder.path() / "run.db", OpenMode::create);
  migrate(connection, kTwo);
  try {
    migrate(connection, kOne);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what == "\"" + (folder.path() / "run.db").string() +
                                   "\" has version 2, this Quill knows versions up to 1");
    CHECK(error.text().fix == "use the Quill that wrote it, or a later one");
  }
}

TEST_CASE("another program's database is refused and not changed", "[store]") {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "run.db";
  {
    Connection other(file, OpenMode::create);
    other.execute("CREATE TABLE bookmarks (url)");
  }
  const std::string before = read_file(file);
  try {
    const store::Run run(folder.path(), store::Run::Start::resume);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what ==
          "\"" + file.string() + "\" is a SQLite database, but not a run of Quill");
  }
  CHECK(read_file(file) == before);
}
