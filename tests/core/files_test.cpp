#include "quill/core/files.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "catch.hpp"
#include "quill/core/error.hpp"

using namespace quill;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

template <class Act> std::string error_of(Exit exit, Act act) {
  try {
    act();
  } catch (const Error& error) {
    CHECK(error.exit() == exit);
    return error.text().what;
  }
  return "no error";
}

/// Sets a variable of the environment for one scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name))
      old_ = old;
    had_ = std::getenv(name) != nullptr;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (had_)
      ::setenv(name_, old_.c_str(), 1);
    else
      ::unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

} // namespace

TEST_CASE("a file is read whole, NUL bytes too", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "f";
  const std::string bytes = std::string("a\0b", 3) + std::string(200'000, 'x');
  write(path, bytes);
  CHECK(read_file(path) == bytes);
  write(path, "");
  CHECK(read_file(path).empty());
}

TEST_CASE("a file above the cap is refused, at the cap it is read", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "f";
  write(path, "12345");
  CHECK(read_file(path, 5) == "12345");
  CHECK(error_of(Exit::usage, [&] { static_cast<void>(read_file(path, 4)); }) ==
        "cannot read the file: larger than 4 bytes");
}

TEST_CASE("what is no regular file is refused and never waited for", "[core]") {
  const ScratchFolder folder;
  const auto read = [](const fs::path& path) {
    return error_of(Exit::usage, [&] { static_cast<void>(read_file(path)); });
  };
  CHECK(read(folder.path() / "none") == "cannot read the file: No such file or directory");
  CHECK(read(folder.path()) == "cannot read the file: it is a folder");
  const auto fifo = folder.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(read(fifo) == "cannot read the file: it is not a regular file");
  CHECK(read("/dev/zero") == "cannot read the file: it is not a regular file");
}

TEST_CASE("an input may be a pipe, and is bounded like a file", "[core]") {
  const ScratchFolder folder;
  const auto fifo = folder.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const auto through_pipe = [&](const std::string& bytes, std::uint64_t bytes_max) {
    std::thread writer([&] { write(fifo, bytes); });
    std::string got;
    const auto refused = [&] { got = read_input(fifo, bytes_max); };
    if (bytes.size() <= bytes_max)
      refused();
    else
      got = error_of(Exit::usage, refused);
    writer.join();
    return got;
  };
  CHECK(through_pipe("SELECT 1", 8) == "SELECT 1");
  CHECK(through_pipe("SELECT 12", 8) == "cannot read the file: larger than 8 bytes");
  write(folder.path() / "plain", "SELECT 2");
  CHECK(read_input(folder.path() / "plain") == "SELECT 2");
  CHECK(error_of(Exit::usage, [&] { static_cast<void>(read_input(folder.path())); }) ==
        "cannot read the file: it is a folder");
}

TEST_CASE("folders are made with their parents, and again without complaint", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "a/b/c";
  make_folder(path);
  make_folder(path);
  CHECK(fs::is_directory(path));
  write(path / "file", "");
  for (const auto& taken : {path / "file", path / "file/x"})
    CHECK(error_of(Exit::storage, [&] { make_folder(taken); }) ==
          "cannot create the folder: Not a directory");
}

TEST_CASE("a scratch folder is private, where TMPDIR says, and gone at the end", "[core]") {
  const ScratchFolder parent;
  const Variable tmpdir("TMPDIR", parent.path().string());
  fs::path path;
  {
    const ScratchFolder scratch("judge");
    path = scratch.path();
    CHECK(path.parent_path() == parent.path());
    CHECK(path.filename().string().substr(0, 6) == "judge-");
    CHECK((fs::status(path).permissions() & fs::perms::mask) == fs::perms::owner_all);
    make_folder(path / "deep/er");
    write(path / "deep/er/f", "x");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a scratch folder that cannot be made is a storage error", "[core]") {
  const Variable tmpdir("TMPDIR", "/nowhere/at/all");
  CHECK(error_of(Exit::storage, [] { const ScratchFolder scratch; }) ==
        "cannot create a scratch folder: No such file or directory");
}

TEST_CASE("a lock keeps the next one out, names the holder, and ends with it", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "run.lock";
  {
    const FileLock held(path, "this run");
    // Another open of the same file conflicts even inside one process: that is what OFD locks are.
    CHECK(error_of(Exit::usage, [&] { const FileLock second(path, "this run"); }) ==
          "this run is in use by process " + std::to_string(::getpid()));
  }
  CHECK(error_of(Exit::usage, [&] { const FileLock again(path, "this run"); }) == "no error");
}

TEST_CASE("a killed holder leaves no lock behind", "[core]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "run.lock";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock held(path, "this run");
    [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(error_of(Exit::usage, [&] { const FileLock second(path, "this run"); }) ==
        "this run is in use by process " + std::to_string(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(error_of(Exit::usage, [&] { const FileLock second(path, "this run"); }) == "no error");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a lock file that cannot be made is a storage error", "[core]") {
  CHECK(error_of(Exit::storage, [] { const FileLock lock("/nowhere/run.lock", "this run"); }) ==
        "cannot open the lock file: No such file or directory");
}

// FIPS 180-4 examples.
TEST_CASE("SHA-256 is the standard's", "[core]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the data folder can be named, and a wrong name is an error", "[core]") {
  const ScratchFolder folder;
  const Variable data("QUILL_DATA_DIR", folder.path().string());
  CHECK(error_of(Exit::usage, [] { static_cast<void>(shipped_folder()); }) ==
        "QUILL_DATA_DIR is \"" + folder.path().string() + "\", which has no folder \"blueprints\"");
  make_folder(folder.path() / "blueprints");
  CHECK(shipped_folder() == folder.path());
}

TEST_CASE("a sibling program can be named, must be there and be executable", "[core]") {
  const ScratchFolder folder;
  const Variable libexec("QUILL_LIBEXEC", folder.path().string());
  const auto program = folder.path() / "quill-toy";
  const auto find = [] { static_cast<void>(sibling_program("quill-toy")); };
  CHECK(error_of(Exit::usage, find) ==
        "QUILL_LIBEXEC is \"" + folder.path().string() + "\", which has no program \"quill-toy\"");
  write(program, "#!/bin/sh\n");
  CHECK_THAT(error_of(Exit::usage, find), Catch::Contains("has no program"));
  fs::permissions(program, fs::perms::owner_all);
  CHECK(sibling_program("quill-toy") == program);
}

TEST_CASE("without a name, siblings are looked for beside the running program", "[core]") {
  const Variable libexec("QUILL_LIBEXEC", "");
  const auto self = fs::read_symlink("/proc/self/exe");
  CHECK(sibling_program(self.filename().string()) == self);
  CHECK(error_of(Exit::usage, [] { static_cast<void>(sibling_program("quill-none")); }) ==
        "cannot find the program \"quill-none\"");
}
