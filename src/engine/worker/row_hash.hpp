// Hashes of rows that do not depend on how a value is stored: 1 and 1.0 hash alike, text and blob
// do not.
#pragma once

#include <string>
#include <string_view>

#include <sqlite3.h>

#include "quill/engine/session.hpp"

namespace quill::engine {

inline constexpr std::size_t kHashSecretBytes = 192;

/// XXH3 (128 bits) with a secret of the session: whoever writes the statement cannot look for
/// collisions.
class RowHash {
 public:
  explicit RowHash(std::string_view secret) : secret_(secret) {}

  void add(sqlite3_stmt* row, int columns);
  /// A row of any engine: its cells are appended in canonical form (canonical.hpp), then closed.
  [[nodiscard]] std::string& open_row() {
    bytes_.clear();
    return bytes_;
  }
  void close_row();
  [[nodiscard]] const Digest& digest() const noexcept { return digest_; }

 private:
  std::string_view secret_;
  std::string bytes_; ///< one row in canonical form, reused
  Digest digest_;
};

/// Appends the canonical bytes of one cell of the current row.
void append_canonical(std::string& bytes, sqlite3_stmt* row, int column);

} // namespace quill::engine
