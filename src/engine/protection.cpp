#include "engine/kernel.hpp"
#include "quill/engine/session.hpp"

namespace quill::engine {

Protection protection() {
  Protection given;
  given.landlock_abi = landlock_abi();
#ifndef QUILL_SANITIZED
  given.seccomp = has_seccomp();
  given.memory_limit = true;
#endif
  return given;
}

} // namespace quill::engine
