// The server process behind a PostgreSQL session, where it runs beside us: cancelled at a deadline
// and held to a memory limit from outside. Elsewhere the server's own statement_timeout must do.
#pragma once

#include <cstdint>

#include "engine/protocol.hpp"

namespace quill::engine {

/// Tells the process to give its statement up (SIGINT, as pg_cancel_backend does). False when it is
/// not on this machine, or not ours to signal (another user's, and we are not root).
bool cancel(const Backend& backend) noexcept;

/// Caps the address space of the process at what it has now and `bytes` more. False as above.
bool limit_memory(const Backend& backend, std::uint64_t bytes);

} // namespace quill::engine
