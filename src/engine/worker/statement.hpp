// Running foreign statements: once with their rows, or as a timing sample.
#pragma once

#include <functional>
#include <string_view>

#include "engine/protocol.hpp"
#include "engine/worker/connection.hpp"

namespace quill::engine {

/// Takes the payload of a full Answer::rows frame.
using SendRows = std::function<void(const Encoder& payload)>;

[[nodiscard]] Execution run_statement(Connection& connection, const Statement& statement,
                                      const SendRows& send);
[[nodiscard]] Sample sample_statement(Connection& connection, const Statement& statement,
                                      std::string_view hash_secret);

} // namespace quill::engine
