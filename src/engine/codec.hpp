// Bytes of the worker protocol: little-endian numbers and counted texts, every size checked before
// anything is allocated for it. The worker may have been taken over, so its bytes are foreign.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace quill::engine {

static_assert(std::endian::native == std::endian::little, "the codec copies numbers as they lie");

class Encoder {
 public:
  template <class T> void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  void clear() noexcept { bytes_.clear(); }
  /// Overwrites a number written earlier (a count known only at the end).
  template <class T> void patch(std::size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }

 private:
  std::string bytes_;
};

/// Failure is sticky: after the first bad read every read gives zero, and done() is false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <class T> T number() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (!ok_ || rest_.size() < sizeof value)
      return fail(), T{};
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  bool boolean() {
    const auto byte = number<std::uint8_t>();
    if (byte > 1)
      fail();
    return ok_ && byte == 1;
  }
  std::string_view text() {
    const auto size = number<std::uint32_t>();
    if (!ok_ || size > rest_.size())
      return fail(), std::string_view{};
    const auto value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  /// A number of items that follow, each of at least `bytes_each`: never more than can be there.
  std::size_t count(std::size_t bytes_each) {
    const auto items = number<std::uint32_t>();
    if (!ok_ || items > rest_.size() / bytes_each)
      return fail(), 0;
    return items;
  }
  /// An enumerator in [0, last].
  template <class T> T choice(T last) {
    const auto byte = number<std::uint8_t>();
    if (byte > static_cast<std::uint8_t>(last))
      fail();
    return ok_ ? static_cast<T>(byte) : T{};
  }

  void fail() noexcept { ok_ = false; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Everything read, nothing left over.
  [[nodiscard]] bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

} // namespace quill::engine
