// Do two texts mean the same to the engine? Then a tree that one was printed from can be believed.
#pragma once

#include <string_view>

#include "quill/engine/session.hpp"

namespace quill::engine {

/// Both prepare, and are one and the same to the engine: SQLite compiles them to the same program,
/// DuckDB and PostgreSQL make the same plan of them.
[[nodiscard]] bool same_program(Session& session, std::string_view one, std::string_view other);

} // namespace quill::engine
