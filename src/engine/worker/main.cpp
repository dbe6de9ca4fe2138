// quill-worker: runs untrusted SQL, and parses untrusted text, for the quill that started it.
#include <cstdio>
#include <new>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sqlite3.h>

#include "engine/worker/service.hpp"
#include "engine/worker_exit.hpp"

namespace {

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

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
  if (!is_socket(kWorkerSocket)) {
    std::fputs("error: quill-worker is started by quill, not by hand\n", stderr);
    return 2;
  }
  try {
    prepare_engine();
    Socket socket(kWorkerSocket);
    Service(socket).serve();
  } catch (const std::bad_alloc&) {
    ::_exit(kExitOutOfMemory);
  }
  ::_exit(0); // the parent is gone: nothing to save, nothing to free
}
