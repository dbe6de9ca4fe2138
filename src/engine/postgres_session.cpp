// PostgreSQL: a server's database behind quill-worker-postgres, which holds the connection.
#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "engine/backend.hpp"
#include "engine/engines.hpp"
#include "engine/worker_session.hpp"
#include "quill/core/log.hpp"

namespace quill::engine {
namespace {

constexpr std::uint64_t kSlackBytes = 128U << 20U;
constexpr std::uint64_t kBackendSlackBytes = 32U << 20U; ///< plans and catalogues
constexpr std::int64_t kMegabytesMax = 1 << 20;

std::uint64_t bytes_of(std::int64_t megabytes) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(megabytes, 1, kMegabytesMax)) << 20U;
}

class PostgresSession final : public WorkerSession {
 public:
  PostgresSession(std::string connection, std::string script, const Cancel* cancel)
      : WorkerSession(cancel), connection_(std::move(connection)), script_(std::move(script)),
        secret_(random_bytes(kSecretBytes)) {
    talk_.on_late([this] { engine::cancel(talk_.opened().backend); });
    open();
    if (talk_.opened().backend.superuser)
      log_debug("the role is a superuser: the session runs as pg_read_all_data");
  }
  [[nodiscard]] Engine engine() const override { return Engine::postgres; }

 private:
  void open() override;
  [[nodiscard]] bool outgrown(const Limits&) const override { return false; }
  void limit(const Limits& limits) override;
  [[nodiscard]] std::string place() const override { return "--engine postgres"; }
  [[nodiscard]] std::string no_index() const override {
    return "indexes are not tried on PostgreSQL: a server's database is never written";
  }

  std::string connection_;
  std::string script_;
  std::string secret_;
  std::int64_t memory_mb_ = 0; ///< what the server's process is limited to; 0: nothing yet
};

void PostgresSession::open() {
  memory_mb_ = 0;
  const char* password = std::getenv("PGPASSWORD");
  talk_.open({std::string(kPostgresWorker), Ask::open_server,
              encoded(OpenServer{connection_, password ? password : "", script_, secret_}), place(),
              "check the server and its log"});
}

void PostgresSession::limit(const Limits& limits) {
  const auto results = bytes_of(limits.result_mb > 0 ? limits.result_mb : kMegabytesMax);
  talk_.limit_memory(talk_.opened().address_space + results + kSlackBytes);
  if (limits.memory_mb == memory_mb_)
    return;
  memory_mb_ = limits.memory_mb;
  limit_memory(talk_.opened().backend, bytes_of(limits.memory_mb) + kBackendSlackBytes);
}

void must_be_built() {
  if (!kHasPostgres)
    throw Error{Exit::usage,
                {"this build has no PostgreSQL", "--engine postgres",
                 "install libpq's headers (`scripts/setup.sh engines`), then configure and build "
                 "again"}};
}

} // namespace

std::unique_ptr<Session> open_postgres(std::string_view connection, const Cancel* cancel) {
  return open_postgres_script(connection, "", cancel);
}

std::unique_ptr<Session> open_postgres_script(std::string_view connection, std::string_view script,
                                              const Cancel* cancel) {
  must_be_built();
  return std::make_unique<PostgresSession>(std::string(connection), std::string(script), cancel);
}

std::unique_ptr<Scratch> open_postgres_scratch(std::string_view connection, std::string_view script,
                                               const Cancel* cancel) {
  must_be_built();
  auto session =
      std::make_unique<PostgresSession>(std::string(connection), std::string(script), cancel);
  (void)session->schema(); // its foreign keys go with the first load
  return session;
}

} // namespace quill::engine
