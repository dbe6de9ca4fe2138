// The walls around the worker: after lock_down() the process can compute and talk to its one
// socket, nothing else.
#pragma once

namespace quill::engine {

struct Walls {
  int landlock_abi = 0; ///< 0: the kernel has none
  bool seccomp = false;
};

/// Before the first foreign statement. Cannot be undone. Walls the kernel lacks are reported, not
/// fatal: the parent says so to the user.
[[nodiscard]] Walls lock_down();

} // namespace quill::engine
