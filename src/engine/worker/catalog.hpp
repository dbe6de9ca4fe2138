// The schema of the image as SQLite itself sees it.
#pragma once

#include "engine/protocol.hpp"
#include "engine/worker/connection.hpp"

namespace quill::engine {

/// Rows are counted up to this image size and estimated above it.
inline constexpr std::size_t kCountedImageBytes = 1U << 30U;

/// Tables in creation order. Trusted: the guard must be on Trust::own.
[[nodiscard]] SchemaAnswer read_schema(Connection& connection, std::size_t image_bytes);

} // namespace quill::engine
