// quill-worker-duckdb: runs untrusted SQL on DuckDB for the quill that started it.
#include <cstdlib>
#include <exception>
#include <new>
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

} // namespace

int main() {
  using namespace quill::engine;
  std::set_terminate(on_terminate);
  allow_deep_recursion(); // of DuckDB's binder
  return serve_parent("quill-worker-duckdb",
                      [](Socket& socket) { duckdb::DuckdbService(socket).serve(); });
}
