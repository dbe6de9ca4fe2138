// The server process behind a PostgreSQL session, seen from quill: cancelled at a deadline, and
// held to a memory limit where it runs beside us.
#pragma once

#include <cstdint>

#include "engine/protocol.hpp"

namespace quill::engine {

/// Asks the server to cancel what the process is doing (PostgreSQL's CancelRequest, on a connection
/// of its own). False when the server could not be told.
bool cancel_statement(const Backend& backend) noexcept;

/// Caps the address space of the process at what it has now and `bytes` more. False when it is not
/// on this machine, or not ours to limit (another user's, and we are not root).
bool limit_memory(const Backend& backend, std::uint64_t bytes) noexcept;

} // namespace quill::engine
