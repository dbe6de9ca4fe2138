// The tables of run.db and how older ones become this version's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite.hpp"

namespace quill::store {

/// "QURN": what makes a SQLite file a run.
inline constexpr std::int64_t kApplicationId = 0x5155524e;

/// Script k takes version k to k+1; version 0 is an empty file.
using Migrations = std::vector<std::string>;
[[nodiscard]] const Migrations& run_migrations();

/// Brings the file to the newest version, each step in one transaction, after a backup beside it
/// ("run.db.v1.bak") unless the file was empty.
/// \throws Error{usage} when it is no run, is damaged, or was written by a later version;
/// Error{storage}
void migrate(Connection& connection, const Migrations& migrations);

/// Is there nothing in it (new, or killed before its first commit)?
[[nodiscard]] bool is_empty(Connection& connection);

/// Throws unless the file is a sound run of version 1..newest.
void check_run_file(Connection& connection, const Migrations& migrations);

} // namespace quill::store
