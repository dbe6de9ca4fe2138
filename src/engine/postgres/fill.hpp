// Tables of our own put into a server's database: a script, COPY from files, another script.
#pragma once

#include <string>

#include "engine/postgres/connection.hpp"

namespace quill::engine::postgres {

/// All of it in one transaction, or nothing. "" or what went wrong.
[[nodiscard]] std::string fill(const Connection& connection, const FillServer& request);

} // namespace quill::engine::postgres
