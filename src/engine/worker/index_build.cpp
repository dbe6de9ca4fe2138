#include "engine/worker/index_build.hpp"

#include <chrono>

#include <fmt/core.h>

#include "engine/memory_plan.hpp"
#include "engine/worker/connection.hpp"

namespace quill::engine {
namespace {

double now_ms() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

/// "" or the engine's words.
std::string create_index(Connection& connection, const std::string& sql, const Limits& limits) {
  connection.start(limits);
  const auto prepared = connection.prepare_index(sql);
  if (!prepared.statement)
    return prepared.message;
  const int code = ::sqlite3_step(prepared.statement.get());
  if (code == SQLITE_DONE)
    return "";
  const auto verdict = runtime_verdict(connection.handle(), connection.guard(), code);
  return verdict.status == Status::timeout ? fmt::format("not built after {} ms", limits.timeout_ms)
                                           : verdict.message;
}

/// "" or why; each statement passes the gate of CREATE INDEX.
std::string build_all(Connection& connection, const IndexRequest& request) {
  connection.execute("PRAGMA journal_mode=OFF"); // what fails is thrown away whole
  connection.introduce_tables();
  connection.harden();
  connection.guard().trust(Trust::create_index_only);
  for (const auto& sql : request.statements)
    if (auto wrong = create_index(connection, sql, request.limits); !wrong.empty())
      return wrong;
  return "";
}

} // namespace

BuiltImage build_indexed_image(const Image& image, const IndexRequest& request) {
  BuiltImage built;
  auto& answer = built.answer;
  answer.ok = request.statements.empty();
  if (answer.ok)
    return built;
  const double start = now_ms();
  auto view = image.view(index_room(image.size()));
  if (!view) {
    answer.message = view.failure().what;
    return built;
  }
  Connection builder(std::move(view).value(), Connection::Access::writable);
  const double copied = now_ms();
  answer.copy_ms = copied - start;
  answer.message = build_all(builder, request);
  answer.elapsed_ms = now_ms() - copied;
  answer.ok = answer.message.empty();
  if (answer.ok) {
    built.image = std::move(builder).release();
    answer.bytes =
        static_cast<std::int64_t>(built.image->size()) - static_cast<std::int64_t>(image.size());
  }
  return built;
}

} // namespace quill::engine
