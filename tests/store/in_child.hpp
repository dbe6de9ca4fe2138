// A piece of a test in a process of its own, so that it may be killed or limited.
#pragma once

#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace quill::test {

/// What `action` returned, said through a pipe; "signal N" when it was killed.
template <class Action> std::string in_child(Action action) {
  int ends[2];
  if (pipe(ends) != 0)
    return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const std::string said = action();
    (void)!write(ends[1], said.data(), said.size());
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char bytes[4096];
  for (ssize_t n = 0; (n = read(ends[0], bytes, sizeof bytes)) > 0;)
    said.append(bytes, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : said;
}

} // namespace quill::test
