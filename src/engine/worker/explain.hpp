// What SQLite would do with a statement: its plan, its bytecode.
#pragma once

#include <string_view>

#include "engine/protocol.hpp"
#include "engine/worker/connection.hpp"

namespace quill::engine {

[[nodiscard]] Plan plan_of(Connection& connection, const Statement& statement);
/// One line an instruction: opcode, p1 to p5. Not ok, with the engine's words, when the statement
/// may not run.
[[nodiscard]] TextAnswer program_of(Connection& connection, const Statement& statement);

} // namespace quill::engine
