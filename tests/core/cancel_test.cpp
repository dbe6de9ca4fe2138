#include "quill/core/cancel.hpp"

#include <csignal>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"

using namespace quill;

namespace {

/// Exit status of a child process that runs `body`; signal handlers are process-wide, so each case
/// gets a process.
int status_in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

Cancel& child_cancel() {
  static Cancel cancel;
  return cancel;
}

int first_signal(int signal) {
  return status_in_child([signal] {
    cancel_on_signals(child_cancel());
    ::raise(signal);
    return child_cancel().signal() == signal ? static_cast<int>(child_cancel().exit()) : 99;
  });
}

} // namespace

TEST_CASE("nobody has asked at the start", "[core]") {
  Cancel cancel;
  CHECK_FALSE(cancel.requested());
  cancel.request(15);
  CHECK(cancel.requested());
  CHECK(cancel.exit() == Exit::terminated);
}

TEST_CASE("the first signal asks and lets the command save", "[core]") {
  CHECK(first_signal(SIGINT) == 130);
  CHECK(first_signal(SIGTERM) == 143);
  CHECK(first_signal(SIGHUP) == 130);
}

TEST_CASE("the second signal ends the process at once", "[core]") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    CHECK(status_in_child([signal] {
            cancel_on_signals(child_cancel());
            ::raise(SIGINT);
            ::raise(signal);
            return 0;
          }) == 128 + signal);
}

TEST_CASE("a signal after a cancellation from inside still lets the command save", "[core]") {
  CHECK(status_in_child([] {
          cancel_on_signals(child_cancel());
          child_cancel().request();
          ::raise(SIGINT);
          return 0;
        }) == 0);
}

TEST_CASE("a write into a closed pipe is an error value, not the end", "[core]") {
  CHECK(status_in_child([] {
          cancel_on_signals(child_cancel());
          int ends[2];
          if (::pipe(ends) != 0)
            return 98;
          ::close(ends[0]);
          return ::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 97;
        }) == 0);
}
