// quill-worker-duckdb: runs untrusted SQL on DuckDB for the quill that started it.
#include <cstdlib>
#include <exception>
#include <new>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/duckdb/service.hpp"
#include "engine/worker_exit.hpp"

namespace {

/// Out of memory where nothing catches it is still out of memory, not a crash.
[[noreturn]] void on_terminate() {
  if (const auto thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      ::_exit(quill::engine::kExitOutOfMemory);
    } catch (const std::exception&) {
      std::abort();
    }
  }
  std::abort();
}

/// DuckDB's binder recurses over what it reads; the main thread's stack grows up to this.
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
  std::set_terminate(on_terminate);
  allow_deep_recursion();
  return serve_parent("quill-worker-duckdb",
                      [](Socket& socket) { duckdb::DuckdbService(socket).serve(); });
}
