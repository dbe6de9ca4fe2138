// A PostgreSQL server of the tests' own: its files in a temporary folder, a Unix socket and nothing
// else, gone with the test program.
#pragma once

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <pwd.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"

#include <fmt/core.h>

#include "engine/fixtures.hpp"

namespace quill::engine::test {

class PostgresServer {
 public:
  /// The one server of this program, started at the first call; null, with a word, when there is
  /// none to start.
  static PostgresServer* instance() {
    static PostgresServer server;
    if (server.ready_)
      return &server;
    WARN("skipped: no PostgreSQL server is installed (scripts/setup.sh test), or none starts");
    return nullptr;
  }

  [[nodiscard]] std::string connection(const std::string& user = "postgres",
                                       const std::string& database = "postgres") const {
    return fmt::format("host={} user={} dbname={}", folder_, user, database);
  }
  /// What psql prints for a script, unaligned.
  [[nodiscard]] std::string psql(const std::string& sql) const {
    const auto file = folder_ + "/script.sql";
    const auto out = folder_ + "/script.out";
    std::ofstream(file) << sql;
    REQUIRE(run({bin_ + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder_,
                 "-U", "postgres", "-f", file, "-o", out, "postgres"}) == 0);
    return read_file(out, 1U << 24U);
  }

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

 private:
  PostgresServer() {
    find();
    if (bin_.empty())
      return;
    std::string name = "/tmp/quill-pg-XXXXXX";
    if (!::mkdtemp(name.data()))
      return;
    folder_ = name;
    if (::geteuid() == 0 && ::chown(folder_.c_str(), user_, group_) != 0)
      return;
    const auto cluster = folder_ + "/db";
    if (run({bin_ + "/initdb", "-D", cluster, "-A", "trust", "-U", "postgres", "--no-sync",
             "--no-instructions", "--locale=C", "-E", "UTF8"}) != 0)
      return;
    server_ =
        start({bin_ + "/postgres", "-D", cluster, "-k", folder_, "-c", "listen_addresses=", "-c",
               "fsync=off", "-c", "autovacuum=off", "-c", "max_connections=20"});
    ready_ = wait_until_ready(cluster + "/postmaster.pid");
  }
  ~PostgresServer() {
    if (server_ > 0) {
      ::kill(server_, SIGQUIT);
      ::waitpid(server_, nullptr, 0);
    }
    std::error_code ignored;
    if (!folder_.empty())
      std::filesystem::remove_all(folder_, ignored);
  }

  /// Its programs, and a user that is not root: PostgreSQL refuses to run as root.
  void find() {
    for (const char* version : {"17", "16", "15", "14"}) {
      const auto bin = fmt::format("/usr/lib/postgresql/{}/bin", version);
      if (bin_.empty() && std::filesystem::exists(bin + "/initdb") &&
          std::filesystem::exists(bin + "/psql"))
        bin_ = bin;
    }
    for (const char* name : {"postgres", "nobody"})
      if (const auto* user = ::getpwnam(name); user && user_ == 0) {
        user_ = user->pw_uid;
        group_ = user->pw_gid;
      }
  }
  pid_t start(std::vector<std::string> words) const {
    const pid_t child = ::fork();
    if (child != 0)
      return child;
    if (::geteuid() == 0 && (::setgid(group_) != 0 || ::setuid(user_) != 0))
      ::_exit(127);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // it goes when the tests go, however they end
    const int log = ::open((folder_ + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    if (::chdir("/") != 0)
      ::_exit(127);
    std::vector<char*> arguments;
    for (auto& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int run(std::vector<std::string> words) const {
    int status = 0;
    ::waitpid(start(std::move(words)), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  /// The last line of this file says so (pg_ctl looks there too).
  [[nodiscard]] bool wait_until_ready(const std::string& file) const {
    for (int tries = 0; tries < 3000 && ::waitpid(server_, nullptr, WNOHANG) == 0; ++tries) {
      std::ifstream lines(file);
      for (std::string line; std::getline(lines, line);)
        if (line.rfind("ready", 0) == 0)
          return true;
      ::usleep(10'000);
    }
    return false;
  }

  std::string bin_;
  std::string folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = -1;
  bool ready_ = false;
};

} // namespace quill::engine::test
