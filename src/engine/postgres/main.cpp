// quill-worker-postgres: holds a connection to a PostgreSQL server, and looks at untrusted SQL
// before it goes there, for the quill that started it.
#include "engine/postgres/service.hpp"

int main() {
  using namespace quill::engine;
  allow_deep_recursion(); // of libpg_query
  return serve_parent("quill-worker-postgres",
                      [](Socket& socket) { postgres::PostgresService(socket).serve(); });
}
