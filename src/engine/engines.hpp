// The engines of this build and their worker programs.
#pragma once

#include <string_view>

namespace quill::engine {

inline constexpr std::string_view kDuckdbWorker = "quill-worker-duckdb";
inline constexpr std::string_view kPostgresWorker = "quill-worker-postgres";

#ifdef QUILL_DUCKDB
inline constexpr bool kHasDuckdb = true;
#else
inline constexpr bool kHasDuckdb = false;
#endif
#ifdef QUILL_POSTGRES
inline constexpr bool kHasPostgres = true;
#else
inline constexpr bool kHasPostgres = false;
#endif

} // namespace quill::engine
