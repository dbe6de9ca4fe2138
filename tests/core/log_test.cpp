#include "quill/core/log.hpp"

#include <cstdio>
#include <fcntl.h>
#include <regex>
#include <unistd.h>

#include "catch.hpp"
#include "core/redaction.hpp"
#include "core/terminal.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

using namespace quill;

namespace {

/// What `act` writes to stderr.
template <class Act> std::string stderr_of(Act act) {
  const ScratchFolder folder;
  const auto path = folder.path() / "stderr";
  std::fflush(stderr);
  const int saved = ::dup(STDERR_FILENO);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, STDERR_FILENO);
  act();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  ::close(file);
  return read_file(path);
}

/// Lines of a run's log without their time and thread.
std::string log_of(const std::filesystem::path& folder) {
  const std::regex stamp(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\d[+-]\d\d:\d\d (\w+) \d+ )");
  return std::regex_replace(read_file(folder / "quill.log"), stamp, "$1: ");
}

/// Shown-level info again, and no run folder's file grows by other tests' lines.
struct LevelBack {
  ~LevelBack() { set_log_level(LogLevel::info); }
};

} // namespace

TEST_CASE("lines go to stderr with their level, from the chosen level on", "[core]") {
  const LevelBack back;
  const auto all = [] {
    log_debug("d");
    log_info("i");
    log_warn("w");
    log_error("e");
  };
  CHECK(stderr_of(all) == "i\nwarning: w\nerror: e\n");
  set_log_level(LogLevel::debug);
  CHECK(stderr_of(all) == "debug: d\ni\nwarning: w\nerror: e\n");
  set_log_level(LogLevel::error);
  CHECK(stderr_of(all) == "error: e\n");
  set_log_level(LogLevel::off);
  CHECK(stderr_of(all).empty());
}

TEST_CASE("a run's log has every level with its time, whatever stderr shows", "[core]") {
  const LevelBack back;
  const ScratchFolder folder;
  log_to_folder(folder.path() / "run");
  set_log_level(LogLevel::off);
  log_debug("one");
  log_warn("two\nthree\n");
  CHECK(log_of(folder.path() / "run") == "debug: one\nwarning: two\nwarning: three\n");
}

TEST_CASE("a run's log rotates at 5 MB and keeps three files", "[core]") {
  const LevelBack back;
  const ScratchFolder folder;
  log_to_folder(folder.path());
  set_log_level(LogLevel::off);
  const std::string line(1U << 20U, 'x');
  for (int i = 0; i < 20; ++i)
    log_info(line);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    CHECK(entry.file_size() <= 5U << 20U);
  }
  CHECK(files == 3);
}

TEST_CASE("a log folder that cannot be made is a storage error", "[core]") {
  const ScratchFolder folder;
  real_disk().write_atomic(folder.path() / "file", "");
  try {
    log_to_folder(folder.path() / "file");
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::storage);
  }
}

TEST_CASE("a foreign text cannot forge a line or move the cursor", "[core]") {
  CHECK(stderr_of([] { log_warn("a\nb\r\x1b[2Jc"); }) == "warning: a\nwarning: b\\x0d\\x1b[2Jc\n");
}

TEST_CASE("a secret is blanked in every spelling, on stderr and in the run's log", "[core]") {
  const std::string canary = "sk-canary/\"1+2 é=%";
  redact_in_logs(canary);
  const std::vector<std::string> spelt = {
      canary,
      "sk-canary%2F%221%2B2%20%C3%A9%3D%25",  // URL, upper case
      "sk-canary%2f%221%2b2%20%c3%a9%3d%25",  // URL, lower case
      "sk-canary/\\\"1+2 é=%",                // JSON
      "sk-canary\\/\\\"1+2 é=%",              // JSON with its slash escaped
      "c2stY2FuYXJ5LyIxKzIgw6k9JQ",           // base64 of the key
      "QmVhcmVyIHNrLWNhbmFyeS8iMSsyIMOpPSU=", // base64 of "Bearer " + key
  };
  const ScratchFolder folder;
  log_to_folder(folder.path());
  const std::string shown = stderr_of([&] {
    for (const auto& text : spelt)
      log_info("got " + text + "!");
  });
  CHECK(std::count(shown.begin(), shown.end(), '*') == 3 * 7);
  for (const std::string& text : {shown, log_of(folder.path())}) {
    CHECK(text.find("canary") == std::string::npos);
    CHECK(text.find("c2stY2FuYXJ5") == std::string::npos);
    CHECK(text.find("NrLWNhbmFyeS") == std::string::npos);
  }
  CHECK(redacted("x" + canary + "y") == "x***y");
}

TEST_CASE("short secrets are not blanked, and no secret is no change", "[core]") {
  redact_in_logs("select");
  redact_in_logs("");
  CHECK(redacted("select 1") == "select 1");
}

TEST_CASE("base64 spellings hold what the secret alone decides, at each alignment", "[core]") {
  // "abcdefgh" is 64 bits: 10 whole characters when aligned. One byte before leaves the bits from
  // 4 on, (64 - 4) / 6 = 10; two bytes before the bits from 2 on, 62 / 6 = 10.
  const auto spellings = spellings_of("abcdefgh");
  CHECK(spellings ==
        std::vector<std::string>{"FiY2RlZmdo", "YWJjZGVmZ2", "hYmNkZWZna", "abcdefgh"});
}

TEST_CASE("a log line wipes a bar that stands on the terminal", "[core]") {
  CHECK(stderr_of([] {
          draw_stderr_bar("bar 1");
          draw_stderr_bar("bar 2");
          log_info("line");
          log_info("line");
          draw_stderr_bar("");
        }) == "\r\x1b[Kbar 1\r\x1b[Kbar 2\r\x1b[Kline\nline\n");
}
