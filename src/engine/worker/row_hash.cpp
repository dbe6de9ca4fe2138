#include "engine/worker/row_hash.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace quill::engine {
namespace {

template <class T> void append_number(std::string& bytes, char tag, T value) {
  char buffer[1 + sizeof value];
  buffer[0] = tag;
  std::memcpy(buffer + 1, &value, sizeof value);
  bytes.append(buffer, sizeof buffer);
}

/// A real that is a 64-bit integer hashes as that integer; -0.0 is 0.
void append_real(std::string& bytes, double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (value >= -kTwoTo63 && value < kTwoTo63 && std::trunc(value) == value)
    append_number(bytes, 'i', static_cast<std::int64_t>(value));
  else
    append_number(bytes, 'r', value);
}

void append_counted(std::string& bytes, char tag, const void* data, int size) {
  append_number(bytes, tag, static_cast<std::uint32_t>(size));
  if (size > 0)
    bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

/// Sum modulo 2^128: the order of rows does not matter, their number does.
void add_wide(std::uint64_t (&sum)[2], XXH128_hash_t term) {
  sum[0] += term.low64;
  sum[1] += term.high64 + (sum[0] < term.low64 ? 1 : 0);
}

} // namespace

void append_canonical(std::string& bytes, sqlite3_stmt* row, int column) {
  switch (::sqlite3_column_type(row, column)) {
  case SQLITE_INTEGER:
    return append_number(bytes, 'i', std::int64_t{::sqlite3_column_int64(row, column)});
  case SQLITE_FLOAT:
    return append_real(bytes, ::sqlite3_column_double(row, column));
  case SQLITE_TEXT: {
    const auto* text = ::sqlite3_column_text(row, column);
    return append_counted(bytes, 't', text, ::sqlite3_column_bytes(row, column));
  }
  case SQLITE_BLOB: {
    const auto* blob = ::sqlite3_column_blob(row, column);
    return append_counted(bytes, 'b', blob, ::sqlite3_column_bytes(row, column));
  }
  default:
    bytes += 'n';
  }
}

void RowHash::add(sqlite3_stmt* row, int columns) {
  bytes_.clear();
  for (int i = 0; i < columns; ++i)
    append_canonical(bytes_, row, i);
  const auto hash =
      ::XXH3_128bits_withSecret(bytes_.data(), bytes_.size(), secret_.data(), secret_.size());
  add_wide(digest_.bag, hash);
  const std::uint64_t chain[4] = {digest_.list[0], digest_.list[1], hash.low64, hash.high64};
  const auto next = ::XXH3_128bits_withSecret(chain, sizeof chain, secret_.data(), secret_.size());
  digest_.list[0] = next.low64;
  digest_.list[1] = next.high64;
}

} // namespace quill::engine
