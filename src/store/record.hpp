// A run read back whole.
#pragma once

#include "quill/store/run.hpp"
#include "store/sqlite.hpp"

namespace quill::store {

/// One consistent snapshot (a read transaction).
[[nodiscard]] RunRecord read_record(Connection& connection);

/// The answer to the request of that key.
[[nodiscard]] std::optional<Response> read_response(Connection& connection, std::string_view key);
/// In the order they came.
void read_answers(Connection& connection, const AnswerReader& look);
/// A run's file, checked. \throws Error{usage} as read_run() does
[[nodiscard]] std::unique_ptr<Connection> open_to_read(const std::filesystem::path& folder);

} // namespace quill::store
