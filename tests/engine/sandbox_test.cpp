#include "catch.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/core.h>

#include "engine/fixtures.hpp"
#include "engine/worker/lockdown.hpp"
#include "quill/core/cancel.hpp"
#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

/// SIGKILL, and wait until the kernel has done it; the session still has to notice.
void kill_and_wait(int pid) {
  ::kill(pid, SIGKILL);
  siginfo_t died{};
  ::waitid(P_PID, static_cast<id_t>(pid), &died, WEXITED | WNOWAIT);
}

double milliseconds(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

std::string field(int pid, const std::string& name) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ":", 0) == 0)
      return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  return "";
}

#ifdef QUILL_SANITIZED
constexpr double kSlow = 10; // everything takes longer under a sanitizer
#else
constexpr double kSlow = 1;
#endif

} // namespace

TEST_CASE("a query that never ends is a timeout within 150 ms of its deadline", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.timeout_ms = 200;
  const auto pid = session->worker_pid();
  Execution execution;
  const auto elapsed = milliseconds([&] { execution = session->run(kEndless, limits); });
  CHECK(execution.status == Status::timeout);
  CHECK(execution.message.rfind("not done after 200 ms", 0) == 0);
  CHECK(elapsed >= 200);
  CHECK(elapsed < 200 + 150 + 100 * kSlow);         // the last term is the scheduler's
  if (execution.message == "not done after 200 ms") // not killed: the progress handler was enough
    CHECK(session->worker_pid() == pid);
  CHECK(session->sample(kEndless, limits).status == Status::timeout);
}

TEST_CASE("work inside one opcode is killed from outside, and the session goes on", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.timeout_ms = 200;
  for (const char* sql :
       {"SELECT printf('%.*c', 900000000, 'x')",
        "SELECT instr(printf('%2000000s', ''), printf('%1000000s', '') || 'x')"}) {
    INFO(sql);
    const auto pid = session->worker_pid();
    Execution execution;
    const auto elapsed = milliseconds([&] { execution = session->run(sql, limits); });
    CHECK(execution.status == Status::timeout);
    CHECK(execution.message == "not done after 200 ms, killed");
    CHECK(elapsed < 200 + 150 + 100 * kSlow);
    CHECK(session->run("SELECT 1", {}).status == Status::ok);
    CHECK(session->worker_pid() != pid);
  }
}

TEST_CASE("three deaths by one statement are three verdicts", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.timeout_ms = 50;
  for (int i = 0; i < 3; ++i)
    CHECK(session->sample("SELECT printf('%.*c', 900000000, 'x')", limits).status ==
          Status::timeout);
  CHECK(session->run("SELECT count(*) FROM users", {}).status == Status::ok);
}

TEST_CASE("a worker killed between two calls is replaced, its indexes built again", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  REQUIRE(session->build_indexes({"CREATE INDEX by_user ON orders(user_id)"}, {}).ok);
  const auto sql = "SELECT count(*) FROM orders WHERE user_id = 7";
  const auto digest = session->sample(sql, {}).digest;
  kill_and_wait(session->worker_pid());
  CHECK(session->plan(sql, Side::indexed).indexes_used == std::vector<std::string>{"by_user"});
  CHECK(session->sample(sql, {}).digest == digest); // the session keeps its hash secret
  kill_and_wait(session->worker_pid());
  CHECK(session->run(sql, {}).status == Status::ok);
  kill_and_wait(session->worker_pid());
  CHECK(session->schema().tables.size() == 2);
  kill_and_wait(session->worker_pid());
  CHECK(session->grammar()("SELECT 1").ok());
}

TEST_CASE("a worker killed during a call is an error verdict", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.rows = 0;
  int rows = 0;
  const auto execution =
      session->run("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c) SELECT x FROM c",
                   limits, Side::base, [&](Row&&) {
                     if (++rows == 10)
                       ::kill(session->worker_pid(), SIGKILL);
                     return true;
                   });
  CHECK(execution.status == Status::error);
  CHECK(execution.message == "the worker died (signal 9)");
  CHECK(execution.row_count >= 10);
  CHECK(session->run("SELECT 1", {}).status == Status::ok);
}

TEST_CASE("a sink that throws leaves a session that works", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto throwing = [](Row&&) -> bool { throw std::runtime_error("sink"); };
  CHECK_THROWS_AS(session->run("SELECT * FROM orders", {}, Side::base, throwing),
                  std::runtime_error);
  CHECK(session->run("SELECT count(*) FROM orders", {}).rows ==
        std::vector<Row>{{std::int64_t{5000}}});
}

TEST_CASE("Ctrl-C ends a statement that is running", "[engine]") {
  Cancel cancel;
  const auto session = open_sqlite_script(kShop, &cancel);
  std::thread later([&] { cancel.request(); });
  const auto elapsed = milliseconds([&] {
    const auto error = error_of([&] {
      for (;;)
        (void)session->run(kEndless, {});
    });
    CHECK(error.exit() == Exit::interrupted);
  });
  later.join();
  CHECK(elapsed < 1000 * kSlow);
}

TEST_CASE("a parent that is killed leaves no worker", "[engine]") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1); // its orphans become our children
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const auto parent = ::fork();
  if (parent == 0) {
    Limits limits;
    limits.timeout_ms = 600'000;
    const auto session = open_sqlite_script(kShop);
    const int pid = session->worker_pid();
    if (::write(pipe_ends[1], &pid, sizeof pid) == sizeof pid)
      (void)session->run("SELECT instr(printf('%2000000s', ''), printf('%1000000s', '') || 'x')",
                         limits);
    ::_exit(0);
  }
  int worker = 0;
  REQUIRE(::read(pipe_ends[0], &worker, sizeof worker) == sizeof worker);
  ::kill(parent, SIGKILL);
  REQUIRE(::waitpid(parent, nullptr, 0) == parent);
  int status = 0;
  CHECK(::waitpid(worker, &status, 0) == worker); // blocks for ever if it lives on
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("a worker has no environment, no descriptors but its own, and is locked in", "[engine]") {
  ::setenv("QUILL_TEST_SECRET", "sk-secret-1234", 1);
  const ScratchFolder folder;
  const int leaked = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY); // without CLOEXEC
  const auto session = open_sqlite(write_shop(folder));
  const auto pid = session->worker_pid();
  ::close(leaked);
  ::unsetenv("QUILL_TEST_SECRET");

  std::ifstream environment(fmt::format("/proc/{}/environ", pid));
  std::stringstream text;
  text << environment.rdbuf();
  CHECK(text.str().find("sk-secret") == std::string::npos);
  std::error_code error;
  int descriptors = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), error)) {
    CHECK(std::stoi(entry.path().filename()) <= 3);
    ++descriptors;
  }
  CHECK((error || descriptors == 4)); // an undumpable process may hide its descriptors
  CHECK(field(pid, "NoNewPrivs") == "1");
#ifndef QUILL_SANITIZED
  CHECK(field(pid, "Seccomp") == "2"); // a filter
#endif
}

TEST_CASE("this kernel's protection is told", "[engine]") {
  const auto given = protection();
  CHECK(given.landlock_abi >= 0);
#ifndef QUILL_SANITIZED
  CHECK(given.seccomp);
  CHECK(given.memory_limit);
#endif
}

#ifndef QUILL_SANITIZED
TEST_CASE("inside the walls nothing but computing works", "[engine]") {
  const ScratchFolder folder;
  const auto file = (folder.path() / "new").string();
  const auto child = ::fork();
  if (child == 0) {
    const auto walls = lock_down();
    int escaped = 0;
    const auto must_fail = [&](int bit, long result) { escaped |= result >= 0 ? 1 << bit : 0; };
    must_fail(0, ::open("/etc/passwd", O_RDONLY));
    must_fail(1, ::open(file.c_str(), O_CREAT | O_WRONLY, 0600));
    must_fail(2, ::socket(AF_INET, SOCK_STREAM, 0));
    char* arguments[] = {nullptr};
    must_fail(3, ::execve("/bin/true", arguments, arguments));
    must_fail(4, ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
    must_fail(5, ::fork());
    must_fail(6, ::kill(::getppid(), 0));
    must_fail(7, ::unlink("/tmp/x"));
    must_fail(8, ::memfd_create("x", 0));
    must_fail(9, ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                         MAP_FAILED
                     ? -1
                     : 0);
    must_fail(10, walls.seccomp ? -1 : 0);
    void* memory =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must_fail(11, memory == MAP_FAILED ? 0 : -1);
    ::_exit(escaped == 0 ? 0 : 1 + __builtin_ctz(static_cast<unsigned>(escaped)));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0); // n: the call with bit n - 1 went through
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("memory outside SQLite's heap is capped too", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  std::ifstream limits(fmt::format("/proc/{}/limits", session->worker_pid()));
  REQUIRE(session->run("SELECT 1", {}).status == Status::ok); // the cap comes with the first call
  std::string text((std::istreambuf_iterator<char>(limits)), std::istreambuf_iterator<char>());
  CHECK(text.find("Max address space         unlimited") == std::string::npos);
  CHECK(text.find("Max core file size        0 ") != std::string::npos);
  CHECK(text.find("Max file size             0 ") != std::string::npos);
}
#endif
