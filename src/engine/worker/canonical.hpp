// Cells as bytes to be hashed: values that are the same (mission: 1 and 1.0, 0.0 and -0.0) have the
// same bytes, text and blob do not.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace quill::engine {

template <class T> void append_number(std::string& bytes, char tag, T value) {
  char buffer[1 + sizeof value];
  buffer[0] = tag;
  std::memcpy(buffer + 1, &value, sizeof value);
  bytes.append(buffer, sizeof buffer);
}

inline void append_null(std::string& bytes) {
  bytes += 'n';
}

inline void append_integer(std::string& bytes, std::int64_t value) {
  append_number(bytes, 'i', value);
}

/// A real that is a 64-bit integer hashes as that integer; -0.0 is 0.
inline void append_real(std::string& bytes, double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (value >= -kTwoTo63 && value < kTwoTo63 && std::trunc(value) == value)
    append_number(bytes, 'i', static_cast<std::int64_t>(value));
  else
    append_number(bytes, 'r', value);
}

/// `tag`: 't' for text, 'b' for a blob.
inline void append_counted(std::string& bytes, char tag, std::string_view value) {
  append_number(bytes, tag, static_cast<std::uint32_t>(value.size()));
  bytes.append(value);
}

} // namespace quill::engine
