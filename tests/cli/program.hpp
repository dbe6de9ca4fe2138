// Runs the real quill as a shell would: own folder, own HOME, no settings of the machine around it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "folders.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"

namespace quill::test {

struct Outcome {
  int exit = -1; ///< 128 + signal when one ended it
  std::string out, err;
  [[nodiscard]] Json json() const { return parse_json(out, "stdout"); }
};

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}
inline void spill(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A folder in which quill is run.
class Shell {
 public:
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return folder_.path() / name;
  }
  void write(const std::string& name, std::string_view text) const { spill(path(name), text); }

  std::map<std::string, std::string> environment;
  rlim_t file_bytes_max = RLIM_INFINITY; ///< RLIMIT_FSIZE: stands for a full disk
  std::string stdout_to;                 ///< a device in place of the captured file
  uid_t user = 0;                        ///< when root: run as this user

  Outcome quill(const std::vector<std::string>& arguments) const {
    const int status = wait_for(start(arguments));
    return {.exit = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            .out = slurp(path(".stdout")),
            .err = slurp(path(".stderr"))};
  }

  pid_t start(const std::vector<std::string>& arguments) const {
    const pid_t child = ::fork();
    if (child == 0)
      become(arguments);
    return child;
  }
  static int wait_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }

 private:
  static void redirect(const std::filesystem::path& to, int descriptor) {
    const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || ::dup2(file, descriptor) < 0)
      ::_exit(126);
    ::close(file);
  }

  [[noreturn]] void become(const std::vector<std::string>& arguments) const {
    redirect(stdout_to.empty() ? path(".stdout") : std::filesystem::path(stdout_to), 1);
    redirect(path(".stderr"), 2);
    if (::chdir(folder_.path().c_str()) != 0)
      ::_exit(126);
    const rlimit limit{file_bytes_max, file_bytes_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (user != 0 && ::setuid(user) != 0)
      ::_exit(126);
    ::clearenv();
    ::setenv("PATH", "/usr/bin:/bin", 1);
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::setenv("QUILL_LIBEXEC", QUILL_BUILD_FOLDER, 1);
    ::setenv("QUILL_DATA_DIR", QUILL_SOURCE_FOLDER "/data", 1);
    for (const auto& [name, value] : environment)
      ::setenv(name.c_str(), value.c_str(), 1);
    std::string program = QUILL_BUILD_FOLDER "/quill";
    std::vector<char*> argv = {program.data()};
    std::vector<std::string> copies = arguments;
    for (std::string& copy : copies)
      argv.push_back(copy.data());
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }

  ScratchFolder folder_{"quill-cli-test"};
};

/// A shell with shop.db: 60 users, 300 orders.
inline void make_shop(const Shell& shell) {
  (void)shell.quill({"seed", "--users", "60", "--orders", "300", "--out", "shop.db", "--quiet"});
}

/// `text` is exactly three lines: error, where, fix.
inline bool is_three_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string what, where, fix, rest;
  std::getline(lines, what);
  std::getline(lines, where);
  std::getline(lines, fix);
  return what.starts_with("error: ") && where.starts_with("  where: ") &&
         fix.starts_with("  fix:   ") && !std::getline(lines, rest);
}

/// Refused with this exit code: nothing on stdout, three lines on stderr that hold the words.
inline void check_refused(const Outcome& outcome, int exit, const std::vector<std::string>& words) {
  INFO(outcome.err);
  CHECK(outcome.exit == exit);
  CHECK(outcome.out.empty());
  CHECK(is_three_lines(outcome.err));
  for (const std::string& word : words) {
    INFO(word);
    CHECK(outcome.err.find(word) != std::string::npos);
  }
}

} // namespace quill::test
