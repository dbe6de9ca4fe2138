// quill-worker: runs untrusted SQL, and parses untrusted text, for the quill that started it.
#include <sqlite3.h>

#include "engine/worker/engine_service.hpp"
#include "engine/worker/service.hpp"

namespace {

void prepare_engine() {
  ::sqlite3_config(SQLITE_CONFIG_SINGLETHREAD); // no mutexes: one thread asks
  ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1); // the heap limit needs it
  ::sqlite3_initialize();
  unsigned char seed[8];
  ::sqlite3_randomness(sizeof seed, seed); // reads /dev/urandom while files can be opened
}

} // namespace

int main() {
  using namespace quill::engine;
  return serve_parent("quill-worker", [](Socket& socket) {
    prepare_engine();
    Service(socket).serve();
  });
}
