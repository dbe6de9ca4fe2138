// DuckDB: a file opened read-only, or a script in memory, behind quill-worker-duckdb.
#include <algorithm>

#include <fmt/core.h>

#include "engine/engines.hpp"
#include "engine/file_stamp.hpp"
#include "engine/worker_session.hpp"

namespace quill::engine {
namespace {

/// DuckDB's memory_limit leaves out what strings, lists and results take.
constexpr std::uint64_t kSlackBytes = 192U << 20U;
constexpr std::int64_t kMemoryMbMax = 1 << 20;

class DuckdbSession final : public WorkerSession {
 public:
  DuckdbSession(std::string path, std::string script, const Cancel* cancel)
      : WorkerSession(cancel), path_(std::move(path)), script_(std::move(script)),
        secret_(random_bytes(kSecretBytes)), stamp_(stamp_of(path_)) {
    open();
  }
  [[nodiscard]] Engine engine() const override { return Engine::duckdb; }

 private:
  void open() override;
  /// The configuration is locked with the first statement, its memory limit with it.
  [[nodiscard]] bool outgrown(const Limits& limits) const override {
    return memory_mb_ != 0 && memory_mb_ != limits.memory_mb;
  }
  void limit(const Limits& limits) override;
  void run_under(const Limits& limits) override { memory_mb_ = limits.memory_mb; }
  [[nodiscard]] std::string place() const override { return path_.empty() ? "script" : path_; }
  [[nodiscard]] std::string no_index() const override {
    return "indexes are not tried on DuckDB: the file is opened read-only, and its indexes serve "
           "keys and single rows";
  }

  std::string path_; ///< "" for a script
  std::string script_;
  std::string secret_;
  FileStamp stamp_;
  std::int64_t memory_mb_ = 0; ///< 0: no statement has run yet
};

void DuckdbSession::open() {
  if (!path_.empty() && stamp_of(path_) != stamp_)
    throw Error{
        Exit::usage,
        {fmt::format("\"{}\" changed while it was in use", path_), path_, "run the command again"}};
  memory_mb_ = 0;
  talk_.crash_means_memory_above(0);
  Opening opening{std::string(kDuckdbWorker),
                  Ask::open_file,
                  {},
                  place(),
                  "the file may be damaged: open it with DuckDB's own shell"};
  if (path_.empty()) {
    opening.ask = Ask::open_script;
    opening.payload = encoded(OpenScript{script_, secret_});
  } else {
    opening.payload = encoded(OpenFile{path_, true, secret_});
  }
  talk_.open(opening);
}

void DuckdbSession::limit(const Limits& limits) {
  const auto bytes =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(limits.memory_mb, 1, kMemoryMbMax))
      << 20U;
  talk_.limit_memory(talk_.opened().address_space + bytes + kSlackBytes);
  talk_.crash_means_memory_above(talk_.opened().image_bytes + bytes);
}

void must_be_built() {
  if (!kHasDuckdb)
    throw Error{Exit::usage,
                {"this build has no DuckDB", "--engine duckdb",
                 "run scripts/setup.sh engines, then configure and build again (or set DUCKDB_ROOT "
                 "to a folder with libduckdb.so and duckdb.h)"}};
}

} // namespace

std::unique_ptr<Session> open_duckdb(const std::filesystem::path& database, const Cancel* cancel) {
  must_be_built();
  return std::make_unique<DuckdbSession>(database.string(), "", cancel);
}

std::unique_ptr<Session> open_duckdb_script(std::string_view script, const Cancel* cancel) {
  must_be_built();
  return std::make_unique<DuckdbSession>("", std::string(script), cancel);
}

std::unique_ptr<Scratch> open_duckdb_scratch(std::string_view script, const Cancel* cancel) {
  must_be_built();
  auto session = std::make_unique<DuckdbSession>("", std::string(script), cancel);
  (void)session->schema(); // its foreign keys go with the first load
  return session;
}

} // namespace quill::engine
