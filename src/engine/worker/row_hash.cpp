#include "engine/worker/row_hash.hpp"

#include <cstdint>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/worker/canonical.hpp"

namespace quill::engine {
namespace {

/// Sum modulo 2^128: the order of rows does not matter, their number does.
void add_wide(std::uint64_t (&sum)[2], XXH128_hash_t term) {
  sum[0] += term.low64;
  sum[1] += term.high64 + (sum[0] < term.low64 ? 1 : 0);
}

std::string_view bytes_of(const void* data, sqlite3_stmt* row, int column) {
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(row, column));
  return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

} // namespace

void append_canonical(std::string& bytes, sqlite3_stmt* row, int column) {
  switch (::sqlite3_column_type(row, column)) {
  case SQLITE_INTEGER:
    return append_integer(bytes, ::sqlite3_column_int64(row, column));
  case SQLITE_FLOAT:
    return append_real(bytes, ::sqlite3_column_double(row, column));
  case SQLITE_TEXT: {
    const auto* text = ::sqlite3_column_text(row, column);
    return append_counted(bytes, 't', bytes_of(text, row, column));
  }
  case SQLITE_BLOB: {
    const auto* blob = ::sqlite3_column_blob(row, column);
    return append_counted(bytes, 'b', bytes_of(blob, row, column));
  }
  default:
    append_null(bytes);
  }
}

void RowHash::add(sqlite3_stmt* row, int columns) {
  bytes_.clear();
  for (int i = 0; i < columns; ++i)
    append_canonical(bytes_, row, i);
  close_row();
}

void RowHash::close_row() {
  const auto hash =
      ::XXH3_128bits_withSecret(bytes_.data(), bytes_.size(), secret_.data(), secret_.size());
  add_wide(digest_.bag, hash);
  const std::uint64_t chain[4] = {digest_.list[0], digest_.list[1], hash.low64, hash.high64};
  const auto next = ::XXH3_128bits_withSecret(chain, sizeof chain, secret_.data(), secret_.size());
  digest_.list[0] = next.low64;
  digest_.list[1] = next.high64;
}

} // namespace quill::engine
