// quill-worker-postgres: holds a connection to a PostgreSQL server, and looks at untrusted SQL
// before it goes there, for the quill that started it.
#include <sys/resource.h>

#include "engine/postgres/service.hpp"

namespace {

/// libpg_query recurses over what it parses; the main thread's stack grows up to this.
void allow_deep_recursion() {
  constexpr rlim_t kStackBytes = 64U << 20U;
  rlimit stack{};
  if (::getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur < kStackBytes) {
    stack.rlim_cur = stack.rlim_max < kStackBytes ? stack.rlim_max : kStackBytes;
    ::setrlimit(RLIMIT_STACK, &stack);
  }
}

} // namespace

int main() {
  using namespace quill::engine;
  allow_deep_recursion();
  return serve_parent("quill-worker-postgres",
                      [](Socket& socket) { postgres::PostgresService(socket).serve(); });
}
