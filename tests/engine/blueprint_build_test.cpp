// Files: same bytes, whole or absent.
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "blueprint_fixture.hpp"

using namespace quill;
using namespace quill::engine;
using fixture::build;
using fixture::error_of;
using fixture::files_in;
using fixture::Reader;

namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

/// Runs `body` in a child, which may spoil its limits and mounts; its result is the exit status.
template <class Body> int in_child(Body body) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0)
    ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// For a child: the exit code of the error, with its text in `report`.
int exit_of_build(const Blueprint& blueprint, const fs::path& out, const fs::path& report) {
  try {
    const Cancel never;
    (void)build_database(blueprint, 1, out, false, never);
    return 0;
  } catch (const Error& error) {
    std::ofstream(report) << error.format();
    return static_cast<int>(error.exit());
  }
}

std::string text_of(const fs::path& path) {
  return fs::exists(path) ? read_file(path) : "";
}

} // namespace

TEST_CASE("the same seed gives the same bytes, another seed others", "[engine]") {
  const ScratchFolder folder;
  const auto shop = fixture::shop(300, 1500);
  const auto first = build(shop, 42, folder.path() / "a.db");
  const auto again = build(shop, 42, folder.path() / "b.db");
  const auto other = build(shop, 43, folder.path() / "c.db");
  CHECK(read_file(first.path) == read_file(again.path));
  CHECK(first.sha256 == again.sha256);
  CHECK(first.sha256 == sha256_hex(read_file(first.path)));
  CHECK(other.sha256 != first.sha256);
  CHECK(first.rows == std::map<std::string, std::int64_t>{{"orders", 1500}, {"users", 300}});
  CHECK(first.bytes == static_cast<std::int64_t>(fs::file_size(first.path)));
  CHECK(files_in(folder.path()) == 3); // no temporary file left
}

TEST_CASE("a built file is a plain database of 4 KiB pages with no journal", "[engine]") {
  const ScratchFolder folder;
  const auto report = build(fixture::shop(10, 50), 1, folder.path() / "a.db");
  Reader reader(report.path);
  CHECK(reader.one("PRAGMA page_size") == "4096");
  CHECK(reader.one("PRAGMA journal_mode") == "delete");
  CHECK(reader.one("PRAGMA encoding") == "UTF-8");
  CHECK(reader.one("PRAGMA freelist_count") == "0");
  CHECK(reader.one("PRAGMA integrity_check") == "ok");
  CHECK(reader.lines("SELECT name FROM sqlite_master WHERE type = 'index'").empty());
}

TEST_CASE("every shipped blueprint builds, and its foreign keys hold", "[engine]") {
  fixture::use_shipped_data();
  const ScratchFolder folder;
  std::size_t held_out = 0;
  REQUIRE(Blueprint::shipped().size() >= 12);
  for (const auto& name : Blueprint::shipped()) {
    INFO(name);
    auto blueprint = Blueprint::load(name);
    CHECK(blueprint.name() == name);
    CHECK_FALSE(blueprint.summary().empty());
    held_out += blueprint.held_out();
    for (const auto& [table, rows] : blueprint.sizes())
      blueprint.resize(table, std::min<std::int64_t>(rows, 60));
    const auto report = build(blueprint, 5, folder.path() / (name + ".db"));
    Reader reader(report.path);
    CHECK(reader.lines("PRAGMA foreign_key_check").empty());
    CHECK(reader.one("PRAGMA integrity_check") == "ok");
    for (const auto& [table, rows] : report.rows)
      CHECK(reader.one("SELECT count(*) FROM " + table) == std::to_string(rows));
  }
  CHECK(held_out >= 3);
}

TEST_CASE("shipped blueprints reach from a hundred rows to a million", "[engine]") {
  fixture::use_shipped_data();
  std::vector<std::int64_t> totals;
  for (const auto& name : Blueprint::shipped()) {
    std::int64_t total = 0;
    for (const auto& [table, rows] : Blueprint::load(name).sizes())
      total += rows;
    totals.push_back(total);
  }
  CHECK(*std::min_element(totals.begin(), totals.end()) == 100);
  CHECK(*std::max_element(totals.begin(), totals.end()) >= 1'000'000);
}

TEST_CASE("a table of no rows is a table", "[engine]") {
  const ScratchFolder folder;
  const auto report = build(fixture::shop(5, 0), 1, folder.path() / "a.db");
  CHECK(Reader(report.path).one("SELECT count(*) FROM orders") == "0");
}

TEST_CASE("orders without users are refused", "[engine]") {
  const ScratchFolder folder;
  CHECK_THAT(error_of([&] { build(fixture::shop(0, 5), 1, folder.path() / "a.db"); }),
             Catch::Contains("orders.user_id needs a row of users, which would have none"));
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a file that is there stays unless it may be replaced", "[engine]") {
  const ScratchFolder folder;
  const fs::path out = folder.path() / "mine.db";
  std::ofstream(out) << "precious";
  const Cancel never;
  const auto shop = fixture::shop(5, 5);
  CHECK(error_of([&] { (void)build_database(shop, 1, out, false, never); }) ==
        fmt::format("error: the file is already there\n"
                    "  where: {}\n"
                    "  fix:   choose another --out, or replace it with --force\n",
                    out.string()));
  CHECK(read_file(out) == "precious");
  (void)build_database(shop, 1, out, true, never);
  CHECK(Reader(out).one("SELECT count(*) FROM orders") == "5");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a journal of an older database at that place is never rolled into the new one",
          "[engine]") {
  const ScratchFolder folder;
  const fs::path out = folder.path() / "a.db";
  std::ofstream(out.string() + "-journal") << "old pages";
  CHECK_THAT(error_of([&] { build(fixture::shop(5, 5), 1, out); }),
             Catch::Contains("its \"-journal\" file is there"));
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("the folder of the file is made", "[engine]") {
  const ScratchFolder folder;
  const auto report = build(fixture::shop(5, 5), 1, folder.path() / "data" / "new" / "a.db");
  CHECK(fs::is_regular_file(folder.path() / "data" / "new" / "a.db"));
}

TEST_CASE("a folder given as the file, or a file as its folder, is an error", "[engine]") {
  const ScratchFolder folder;
  const auto shop = fixture::shop(5, 5);
  std::ofstream(folder.path() / "file") << "x";
  CHECK_THAT(error_of([&] { build(shop, 1, folder.path() / "file" / "a.db"); }),
             Catch::Contains("cannot create the folder"));
  CHECK_THAT(error_of([&] { build(shop, 1, folder.path()); }), Catch::Contains("this is a folder"));
}

TEST_CASE("a cancelled build leaves nothing", "[engine]") {
  const ScratchFolder folder;
  const fs::path out = folder.path() / "a.db";
  Cancel cancel;
  cancel.request(15);
  try {
    (void)build_database(fixture::shop(5000, 5000), 1, out, false, cancel);
    FAIL("it was not stopped");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::terminated);
  }
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a file size limit ends the build cleanly", "[engine]") {
  const ScratchFolder folder, aside;
  const auto shop = fixture::shop(2000, 10'000); // about 1.1 MB
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200'000, 200'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
      return kSkipped;
    return exit_of_build(shop, folder.path() / "a.db", aside.path() / "error");
  });
  CHECK(status == static_cast<int>(Exit::storage));
  CHECK_THAT(text_of(aside.path() / "error"),
             Catch::Contains("error: cannot write the database: ") &&
                 Catch::Contains("nothing was left behind"));
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a full disk ends the build cleanly", "[engine]") {
  const ScratchFolder folder, aside;
  const auto shop = fixture::shop(2000, 10'000);
  const int status = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0)
      return kSkipped;
    const int code = exit_of_build(shop, folder.path() / "a.db", aside.path() / "error");
    return files_in(folder.path()) == 0 ? code : 99;
  });
  if (status == kSkipped) {
    WARN("skipped: mounting a small tmpfs needs privileges");
    return;
  }
  CHECK(status == static_cast<int>(Exit::storage));
  CHECK_THAT(text_of(aside.path() / "error"),
             Catch::Contains("error: cannot write the database: the disk is full") &&
                 Catch::Contains("free some space"));
}

TEST_CASE("a folder without write permission is an error", "[engine]") {
  const ScratchFolder folder, aside;
  REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  REQUIRE(::chmod(aside.path().c_str(), 0777) == 0);
  const auto shop = fixture::shop(5, 5);
  const int status = in_child([&] {
    constexpr uid_t kNobody = 65'534; // root may write anywhere
    if (::geteuid() == 0 && ::setuid(kNobody) != 0)
      return kSkipped;
    return exit_of_build(shop, folder.path() / "a.db", aside.path() / "error");
  });
  ::chmod(folder.path().c_str(), 0755);
  if (status == kSkipped) {
    WARN("skipped: this user cannot become another");
    return;
  }
  CHECK(status == static_cast<int>(Exit::storage));
  CHECK_THAT(text_of(aside.path() / "error"),
             Catch::Contains("choose a folder that you may write in"));
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("ten thousand users and fifty thousand orders take less than three seconds",
          "[engine][slow]") {
  const ScratchFolder folder;
  const auto report = build(fixture::shop(), 42, folder.path() / "a.db");
  CHECK(report.elapsed_ms < 3000);
}

TEST_CASE("a million orders take less than a minute and 200 MB", "[engine][slow]") {
#ifdef QUILL_SANITIZED
  WARN("skipped: a sanitizer takes its own time and memory");
  return;
#endif
  const ScratchFolder folder;
  const auto shop = fixture::shop(100'000, 1'000'000);
  const int status = in_child([&] {
    const auto report = build(shop, 42, folder.path() / "a.db");
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return report.elapsed_ms < 60'000 && usage.ru_maxrss < 200 * 1024 ? 0 : 1; // KiB
  });
  CHECK(status == 0);
}
