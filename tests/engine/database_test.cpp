#include "catch.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fmt/core.h>

#include "engine/fixtures.hpp"
#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::int64_t count(Session& session, const std::string& table) {
  const auto execution = session.run("SELECT count(*) FROM " + table, {});
  INFO(execution.message);
  REQUIRE(execution.status == Status::ok);
  return std::get<std::int64_t>(execution.rows[0][0]);
}

} // namespace

TEST_CASE("a file that cannot be a database is a three-line error", "[engine]") {
  const ScratchFolder folder;
  const auto missing = folder.path() / "missing.db";
  const auto error = error_of([&] { (void)open_sqlite(missing); });
  CHECK(error.exit() == Exit::usage);
  CHECK(error.text().what == fmt::format("no database \"{}\"", missing.string()));
  CHECK(error.text().where == missing.string());
  CHECK(error.text().fix == "check the path; `quill seed --out FILE` makes a database");

  const auto what = [&](const std::filesystem::path& path) {
    const auto text = error_of([&] { (void)open_sqlite(path); }).text();
    CHECK_FALSE(text.fix.empty());
    const auto name = fmt::format("\"{}\" ", path.string());
    REQUIRE(text.what.rfind(name, 0) == 0);
    return text.what.substr(name.size());
  };
  CHECK(what(folder.path()) == "is a folder");
  const auto empty = folder.path() / "empty.db";
  write_text(empty, "");
  CHECK(what(empty) == "is empty");
  const auto text = folder.path() / "text.db";
  write_text(text, std::string(5000, 'x'));
  CHECK(what(text) == "is not a SQLite database");
  const auto stub = folder.path() / "stub.db";
  write_text(stub, std::string_view("SQLite format 3\0", 16));
  CHECK(what(stub) == "is not a SQLite database");
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(what(pipe) == "is not a regular file");
}

TEST_CASE("a damaged database is an error when it is opened", "[engine]") {
  const ScratchFolder folder;
  const auto good = write_shop(folder);
  const auto bytes = read_file(good, 1U << 30U);
  const auto damaged = folder.path() / "damaged.db";
  const auto what_of = [&](const std::string& content) {
    write_text(damaged, content);
    const auto text = error_of([&] { (void)open_sqlite(damaged); }).text();
    CHECK_FALSE(text.fix.empty());
    return text.what;
  };
  auto pages = bytes;
  std::fill(pages.begin() + 4096, pages.begin() + 3 * 4096, '\x5a');
  CHECK(what_of(pages).find("is damaged") != std::string::npos);
  CHECK(what_of(bytes.substr(0, bytes.size() / 2)).find("is damaged") != std::string::npos);
  auto page_size = bytes;
  page_size[16] = 3; // 768: no power of two
  CHECK(what_of(page_size).find("is damaged") != std::string::npos);
  auto schema = bytes;
  const auto at = schema.find("CREATE TABLE orders");
  schema.replace(at, 6, "CRXATE");
  CHECK(what_of(schema).find("is damaged") != std::string::npos);
}

TEST_CASE("every truncation and a flipped byte in each page end as an answer", "[engine][slow]") {
  const ScratchFolder folder;
  const auto bytes = read_file(write_shop(folder), 1U << 30U);
  const auto path = folder.path() / "damaged.db";
  int opened = 0;
  int refused = 0;
  const auto attempt = [&](const std::string& content) {
    write_text(path, content);
    try {
      const auto session = open_sqlite(path);
      (void)session->run(
          "SELECT count(*), sum(amount) FROM orders JOIN users ON user_id = users.id", {});
      ++opened;
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage);
      ++refused;
    }
  };
  for (std::size_t size = 0; size < bytes.size(); size += 3001)
    attempt(bytes.substr(0, size));
  for (std::size_t at = 7; at < bytes.size(); at += 2048) {
    auto flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
    attempt(flipped);
  }
  CHECK(refused > 10);
  CHECK(opened > 10);
}

TEST_CASE("nothing that is asked changes the file or its folder", "[engine]") {
  const ScratchFolder folder;
  const auto path = write_shop(folder);
  const auto hash = hash_of(path);
  {
    const auto session = open_sqlite(path);
    CHECK(count(*session, "orders") == 5000);
    CHECK(session->run("DELETE FROM orders", {}).status == Status::blocked);
    CHECK(session->build_indexes({"CREATE INDEX i ON orders(user_id)"}, {}).ok);
    CHECK(session->sample("SELECT sum(amount) FROM orders", {}, Side::indexed).status ==
          Status::ok);
    CHECK(session->schema().tables.size() == 2);
    CHECK(count(*session, "orders") == 5000);
  }
  CHECK(hash_of(path) == hash);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"shop.db"});
}

TEST_CASE("a database in a read-only folder opens", "[engine]") {
  const ScratchFolder folder;
  const auto path = write_shop(folder);
  ::chmod(path.c_str(), 0400);
  ::chmod(folder.path().c_str(), 0500);
  CHECK(count(*open_sqlite(path), "users") == 500);
  ::chmod(folder.path().c_str(), 0700);
}

TEST_CASE("a closed database in WAL mode opens as it is", "[engine]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "wal.db";
  {
    FileDatabase database(path);
    database.execute("PRAGMA journal_mode=WAL");
    database.execute(kShop);
  }
  const auto hash = hash_of(path);
  const auto session = open_sqlite(path);
  CHECK(count(*session, "users") == 500);
  REQUIRE(session->build_indexes({"CREATE INDEX i ON users(age)"}, {}).ok);
  CHECK(hash_of(path) == hash);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"wal.db"});
}

TEST_CASE("a write-ahead log that was not checkpointed is read, to its last commit", "[engine]") {
  const ScratchFolder folder;
  const auto live = folder.path() / "live.db";
  FileDatabase database(live);
  database.execute("PRAGMA journal_mode=WAL");
  database.execute("PRAGMA wal_autocheckpoint=0");
  database.execute(kShop);
  database.execute("DELETE FROM orders WHERE id > 4000");
  database.execute("CREATE TABLE later(a); INSERT INTO later VALUES(1),(2)");
  CHECK(count(*open_sqlite(live), "later") == 2); // while its writer is still there
  CHECK(count(*open_sqlite(live), "orders") == 4000);

  ScratchFolder crashed;
  const auto path = crashed.path() / "crashed.db";
  database.execute("BEGIN");
  database.execute("PRAGMA cache_size=1");
  database.execute("INSERT INTO orders SELECT id + 100000, user_id, amount, status FROM orders");
  FileDatabase::copy(live, path); // frames without a commit at the end of the log
  database.execute("ROLLBACK");
  const auto hash = hash_of(path);
  const auto log_hash = hash_of(path.string() + "-wal");
  {
    const auto session = open_sqlite(path);
    CHECK(count(*session, "orders") == 4000);
    CHECK(count(*session, "users") == 500);
  }
  CHECK(hash_of(path) == hash);
  CHECK(hash_of(path.string() + "-wal") == log_hash);
  CHECK(names_in(crashed.path()) == std::vector<std::string>{"crashed.db", "crashed.db-wal"});

  // A torn log ends before the tear, a log of something else is no log.
  const auto log = read_file(path.string() + "-wal", 1U << 30U);
  for (const std::size_t bytes : {log.size() / 2, std::size_t{31}, std::size_t{1}}) {
    write_text(path.string() + "-wal", log.substr(0, bytes));
    try {
      (void)open_sqlite(path)->run("SELECT count(*) FROM orders", {});
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage); // the file alone may be an incomplete database
    }
  }
}

TEST_CASE("a log agrees with what SQLite reads after recovery, wherever it is cut",
          "[engine][slow]") {
  const ScratchFolder folder;
  const auto live = folder.path() / "live.db";
  FileDatabase database(live);
  database.execute("PRAGMA page_size=512");
  database.execute("PRAGMA journal_mode=WAL");
  database.execute("CREATE TABLE t(a)");
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  database.execute("PRAGMA wal_autocheckpoint=0");
  for (int i = 0; i < 12; ++i)
    database.execute(fmt::format("INSERT INTO t VALUES({}), (hex(zeroblob(300)))", i));
  const auto bytes = read_file(live, 1U << 30U);
  const auto log = read_file(live.string() + "-wal", 1U << 30U);
  for (std::size_t size = 0; size <= log.size(); size += 389) {
    const ScratchFolder cut;
    const auto path = cut.path() / "cut.db";
    write_text(path, bytes);
    write_text(path.string() + "-wal", std::string_view(log).substr(0, size));
    const auto ours = count(*open_sqlite(path), "t");
    sqlite3* handle = nullptr;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(::sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    REQUIRE(::sqlite3_prepare_v2(handle, "SELECT count(*) FROM t", -1, &statement, nullptr) ==
            SQLITE_OK);
    REQUIRE(::sqlite3_step(statement) == SQLITE_ROW);
    CHECK(ours == ::sqlite3_column_int64(statement, 0));
    ::sqlite3_finalize(statement);
    ::sqlite3_close(handle);
  }
}

TEST_CASE("an unfinished transaction is an error that says how to mend it", "[engine]") {
  const ScratchFolder folder;
  const auto live = folder.path() / "live.db";
  FileDatabase database(live);
  database.execute(kShop);
  database.execute("PRAGMA cache_size=1");
  database.execute("BEGIN");
  database.execute("UPDATE orders SET amount = 0");
  const auto path = folder.path() / "crashed.db";
  FileDatabase::copy(live, path);
  database.execute("ROLLBACK");
  const auto text = error_of([&] { (void)open_sqlite(path); }).text();
  CHECK(text.what ==
        fmt::format("\"{0}\" holds an unfinished transaction (\"{0}-journal\")", path.string()));
  CHECK(text.fix == "close the program that writes it, or roll back with "
                    "`sqlite3 DB 'PRAGMA user_version'`");
  FileDatabase(path).execute("PRAGMA user_version"); // what the fix says
  CHECK(count(*open_sqlite(path), "orders") == 5000);
}

TEST_CASE("a database that changes while its worker is dead is an error, not another answer",
          "[engine]") {
  const ScratchFolder folder;
  const auto path = write_shop(folder);
  const auto session = open_sqlite(path);
  FileDatabase(path).execute("DELETE FROM orders WHERE id > 10");
  CHECK(count(*session, "orders") == 5000); // a private copy
  ::kill(session->worker_pid(), SIGKILL);
  siginfo_t died{};
  ::waitid(P_PID, static_cast<id_t>(session->worker_pid()), &died, WEXITED | WNOWAIT);
  const auto error = error_of([&] { (void)session->run("SELECT 1", {}); });
  CHECK(error.text().what == fmt::format("\"{}\" changed while it was in use", path.string()));
}

TEST_CASE("virtual tables of a stranger's database are not read", "[engine]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "fts.db";
  FileDatabase(path).execute("CREATE VIRTUAL TABLE doc USING fts5(body); CREATE TABLE t(a);"
                             "INSERT INTO doc VALUES('hello')");
  const auto session = open_sqlite(path);
  const auto execution = session->run("SELECT * FROM doc", {});
  CHECK(execution.status == Status::blocked);
  CHECK(count(*session, "t") == 0);
  for (const auto& table : session->schema().tables)
    CHECK(table.name != "doc");
}

TEST_CASE("a script that fails says why", "[engine]") {
  const auto text = error_of([] { (void)open_sqlite_script("CREATE TABLE t(a); OOPS"); }).text();
  CHECK(text.what == "the script fails: near \"OOPS\": syntax error");
  CHECK(open_sqlite_script("")->schema().tables.empty());
}
