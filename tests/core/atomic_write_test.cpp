#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "core/file_calls.hpp"
#include "quill/core/error.hpp"

using namespace quill;
namespace fs = std::filesystem;

namespace {

/// The kernel's calls, of which the N-th fails (once, or it and all after it).
class FaultyFileCalls final : public FileCalls {
 public:
  int fails_at = 0; ///< 0: never; 1: the first call
  bool for_ever = false;
  int error = EIO;
  int calls = 0;
  std::size_t write_bytes_max = SIZE_MAX; ///< above it a write is short

  int open(const char* path, int flags, mode_t mode) override {
    return fails() ? -1 : kernel_file_calls().open(path, flags, mode);
  }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return fails() ? -1 : kernel_file_calls().write(fd, bytes, std::min(size, write_bytes_max));
  }
  int fchmod(int fd, mode_t mode) override {
    return fails() ? -1 : kernel_file_calls().fchmod(fd, mode);
  }
  int fsync(int fd) override { return fails() ? -1 : kernel_file_calls().fsync(fd); }
  int close(int fd) override {
    const int result = kernel_file_calls().close(fd); // a failing close closes all the same
    return fails() ? -1 : result;
  }
  int rename(const char* from, const char* to) override {
    return fails() ? -1 : kernel_file_calls().rename(from, to);
  }
  int unlink(const char* path) override { return fails() ? -1 : kernel_file_calls().unlink(path); }

 private:
  bool fails() {
    ++calls;
    const bool now = fails_at > 0 && (calls == fails_at || (for_ever && calls > fails_at));
    if (now)
      errno = error;
    return now;
  }
};

std::string content(const fs::path& path) {
  return read_file(path);
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

mode_t mode_of(const fs::path& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

std::string error_of(Disk& disk, const fs::path& path, std::string_view bytes) {
  try {
    disk.write_atomic(path, bytes);
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::storage);
    CHECK(error.text().where == path.string());
    return error.text().what + " | " + error.text().fix;
  }
  return "written";
}

} // namespace

TEST_CASE("a file is written whole and replaced whole, with no leftovers", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  real_disk().write_atomic(path, "one");
  CHECK(content(path) == "one");
  real_disk().write_atomic(path, std::string(300'000, 'x'));
  CHECK(content(path) == std::string(300'000, 'x'));
  real_disk().write_atomic(path, "");
  CHECK(content(path).empty());
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a new file has the mode of the umask, a replaced one keeps its own", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  const mode_t old = ::umask(022);
  real_disk().write_atomic(path, "one");
  CHECK(mode_of(path) == 0644);
  ::chmod(path.c_str(), 0600);
  real_disk().write_atomic(path, "two");
  CHECK(mode_of(path) == 0600);
  ::umask(old);
}

TEST_CASE("a name without a folder and a name of 255 bytes can be written", "[core]") {
  const ScratchFolder folder;
  const auto here = fs::current_path();
  fs::current_path(folder.path());
  real_disk().write_atomic("a.json", "one");
  CHECK(content("a.json") == "one");
  fs::current_path(here);
  const auto longest = folder.path() / std::string(255, 'n');
  real_disk().write_atomic(longest, "two");
  CHECK(content(longest) == "two");
}

TEST_CASE("what is no regular file is not replaced", "[core]") {
  CHECK(error_of(real_disk(), "/dev/null", "x") ==
        "cannot write the file: what is there is not a regular file | choose another name; nothing "
        "was changed");
  const ScratchFolder folder;
  CHECK_THAT(error_of(real_disk(), folder.path(), "x"), Catch::Contains("not a regular file"));
}

TEST_CASE("the system's reason and its remedy are told", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  CHECK(error_of(real_disk(), folder.path() / "none/a.json", "x") ==
        "cannot write the file: open failed: No such file or directory | create the folder first, "
        "then run the command again; the old file is untouched and nothing was lost");
  const std::map<int, std::string> remedies = {
      {ENOSPC, "No space left on device | free some space, then"},
      {EDQUOT, "Disk quota exceeded | free some space, then"},
      {EFBIG, "File too large | raise the limit on file size (ulimit -f), then"},
      {EROFS, "Read-only file system | the file system is read-only: choose another folder, then"},
      {EACCES, "Permission denied | give yourself write permission on the folder, or choose "
               "another, then"},
      {EIO, "Input/output error | check the disk, then"},
  };
  for (const auto& [error, words] : remedies) {
    FaultyFileCalls calls;
    calls.fails_at = 2; // the write
    calls.error = error;
    PosixDisk disk(calls);
    CHECK_THAT(error_of(disk, path, "x"),
               Catch::StartsWith("cannot write the file: write failed: " + words));
  }
}

TEST_CASE("whichever call fails, once or for ever, the old file or the new one is whole",
          "[core]") {
  for (const bool for_ever : {false, true}) {
    for (const int error : {ENOSPC, EIO}) {
      std::string last;
      int call = 1;
      for (; last != "written"; ++call) {
        REQUIRE(call < 100);
        const ScratchFolder folder;
        const auto path = folder.path() / "a.json";
        real_disk().write_atomic(path, "old");
        FaultyFileCalls calls;
        calls.fails_at = call;
        calls.for_ever = for_ever;
        calls.error = error;
        PosixDisk disk(calls);
        last = error_of(disk, path, "new");
        const std::string now = content(path);
        const bool told_in_place = last.find("the new content is in place") != std::string::npos;
        CHECK(now == (last == "written" || told_in_place ? "new" : "old"));
        // A leftover stays only where unlink failed too.
        CHECK(entries(folder.path()) <= (for_ever ? 2U : 1U));
      }
      // open, write, fchmod, fsync, close, rename, open, fsync, close: the last may fail unheard.
      CHECK(call - 1 == 9);
    }
  }
}

TEST_CASE("an interrupted call is made again", "[core]") {
  for (int call = 1; call <= 9; ++call) {
    if (call == 3 || call == 6)
      continue; // fchmod and rename are never interrupted
    const ScratchFolder folder;
    const auto path = folder.path() / "a.json";
    real_disk().write_atomic(path, "old");
    FaultyFileCalls calls;
    calls.fails_at = call;
    calls.error = EINTR;
    PosixDisk disk(calls);
    CHECK(error_of(disk, path, "new") == "written");
    CHECK(content(path) == "new");
  }
}

TEST_CASE("short writes are completed, and a write of nothing is no endless loop", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  FaultyFileCalls calls;
  calls.write_bytes_max = 7;
  PosixDisk disk(calls);
  disk.write_atomic(path, std::string(100, 'x'));
  CHECK(content(path) == std::string(100, 'x'));
  calls.write_bytes_max = 0;
  CHECK_THAT(error_of(disk, path, "new"), Catch::StartsWith("cannot write the file: write failed"));
  CHECK(content(path) == std::string(100, 'x'));
}

TEST_CASE("a folder that knows no fsync is no failure", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  FaultyFileCalls calls;
  calls.fails_at = 7; // a new file: open, write, fsync, close, rename, open, fsync
  calls.error = EINVAL;
  PosixDisk disk(calls);
  CHECK(error_of(disk, path, "new") == "written");
}

TEST_CASE("leftovers of a killed process with this pid are stepped over", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a.json";
  for (int i = 0; i < 3000; ++i)
    std::ofstream(folder.path() /
                  (".quill-" + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp"));
  fs::remove(folder.path() / (".quill-" + std::to_string(::getpid()) + "-2999.tmp"));
  std::string last;
  for (int tries = 0; tries < 40 && last != "written"; ++tries)
    last = error_of(real_disk(), path, "new"); // each try passes a hundred names
  CHECK(last == "written");
}

TEST_CASE("what killed processes left behind is removed, and nothing else", "[core]") {
  const ScratchFolder folder;
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(0);
  ::waitpid(child, nullptr, 0); // now a pid that nobody has
  const std::string dead = std::to_string(child);
  const std::string alive = std::to_string(::getpid());
  const std::set<std::string> stay = {".quill-" + alive + "-0.tmp", ".quill-" + dead + "-0.tmp.x",
                                      ".quill-" + dead + "-x.tmp", ".quill-0-0.tmp", "a.json"};
  for (const auto& name : stay)
    std::ofstream(folder.path() / name);
  std::ofstream(folder.path() / (".quill-" + dead + "-0.tmp"));
  std::ofstream(folder.path() / (".quill-" + dead + "-17.tmp"));
  remove_leftovers(folder.path());
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    left.insert(entry.path().filename().string());
  CHECK(left == stay);
  remove_leftovers(folder.path() / "none");
}
