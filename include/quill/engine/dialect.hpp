// Which SQL an engine speaks.
#pragma once

#include "quill/engine/session.hpp"
#include "quill/sql/dialect.hpp"

namespace quill::engine {

[[nodiscard]] constexpr sql::Dialect dialect_of(Engine engine) {
  switch (engine) {
  case Engine::duckdb:
    return sql::Dialect::duckdb;
  case Engine::postgres:
    return sql::Dialect::postgres;
  case Engine::sqlite:
    break;
  }
  return sql::Dialect::sqlite;
}

} // namespace quill::engine
