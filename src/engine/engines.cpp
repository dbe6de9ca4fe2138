#include "engine/engines.hpp"

#include <fmt/core.h>

#include "engine/conversation.hpp"
#include "quill/core/error.hpp"
#include "quill/engine/session.hpp"

namespace quill::engine {
namespace {

bool is_built(Engine engine) {
  switch (engine) {
  case Engine::sqlite:
    return true;
  case Engine::duckdb:
    return kHasDuckdb;
  case Engine::postgres:
    return kHasPostgres;
  }
  return false;
}

std::string_view worker_of(Engine engine) {
  return engine == Engine::duckdb ? kDuckdbWorker : kPostgresWorker;
}

/// What the worker program says of itself, without a database.
std::string version_of_worker(Engine engine) {
  if (engine == Engine::sqlite)
    return open_sqlite_script("")->version();
  constexpr double kAnswerMs = 10'000;
  auto worker = WorkerProcess::start(std::string(worker_of(engine)));
  Patience patience{kAnswerMs, nullptr};
  Answer kind{};
  std::string payload;
  TextAnswer answer;
  using Outcome = WorkerProcess::Outcome;
  const bool answered = worker.send(Ask::version, "", patience) == Outcome::ok &&
                        worker.receive(kind, payload, patience) == Outcome::ok &&
                        kind == Answer::version && decode_whole(payload, answer);
  if (!answered)
    throw Error{Exit::usage,
                {fmt::format("its worker does not answer: {}", worker.end().sentence()),
                 std::string(worker_of(engine)), "install Quill again"}};
  return answer.text;
}

} // namespace

std::string_view to_string(Engine engine) {
  switch (engine) {
  case Engine::sqlite:
    return "sqlite";
  case Engine::duckdb:
    return "duckdb";
  case Engine::postgres:
    return "postgres";
  }
  return "";
}

Engine parse_engine(std::string_view name) {
  for (const Engine engine : {Engine::sqlite, Engine::duckdb, Engine::postgres})
    if (to_string(engine) == name)
      return engine;
  throw Error{Exit::usage,
              {fmt::format("there is no engine \"{}\"", name), "--engine",
               "it is sqlite, duckdb or postgres"}};
}

std::unique_ptr<Session> open_session(Engine engine, const std::string& database,
                                      const Cancel* cancel) {
  switch (engine) {
  case Engine::sqlite:
    return open_sqlite(database, cancel);
  case Engine::duckdb:
    return open_duckdb(database, cancel);
  case Engine::postgres:
    return open_postgres(database, cancel);
  }
  QUILL_CHECK(false, "an engine of the enumeration");
}

std::unique_ptr<Scratch> open_scratch(Engine engine, std::string_view server,
                                      std::string_view script, const Cancel* cancel) {
  switch (engine) {
  case Engine::sqlite:
    return open_sqlite_scratch(script, cancel);
  case Engine::duckdb:
    return open_duckdb_scratch(script, cancel);
  case Engine::postgres:
    return open_postgres_scratch(server, script, cancel);
  }
  QUILL_CHECK(false, "an engine of the enumeration");
}

EngineState engine_state(Engine engine) {
  EngineState state;
  state.built = is_built(engine);
  if (!state.built) {
    state.reason = "not in this build: `scripts/setup.sh engines`, then configure and build again";
    return state;
  }
  try {
    state.version = version_of_worker(engine);
    state.works = true;
  } catch (const Error& error) {
    const auto& text = error.text();
    state.reason = fmt::format("{} ({}); {}", text.what, text.where, text.fix);
  }
  return state;
}

} // namespace quill::engine
