// The database as bytes in memory: every connection sees a private copy-on-write mapping of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/protocol.hpp"
#include "quill/core/error.hpp"

namespace quill::engine {

/// Owned private memory; `capacity` bytes are reserved, `size` of them hold the image.
class Mapping {
 public:
  Mapping() = default;
  Mapping(unsigned char* data, std::size_t size, std::size_t capacity)
      : data_(data), size_(size), capacity_(capacity) {}
  Mapping(Mapping&& other) noexcept { swap(other); }
  Mapping& operator=(Mapping&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Mapping();

  [[nodiscard]] unsigned char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(data_), size_};
  }
  /// The image grew or shrank inside its capacity.
  void resize(std::size_t size) noexcept { size_ = size; }

 private:
  void swap(Mapping& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Where the bytes come from: a file descriptor that is mapped (nothing is copied until a page is
/// written), or memory of our own.
class Image {
 public:
  Image() = default;
  static Image of_file(int fd, std::size_t size);
  static Image of_memory(Mapping memory);
  Image(Image&& other) noexcept { swap(other); }
  Image& operator=(Image&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Image();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// A private view with `room` more bytes behind it. Fails when memory is short.
  [[nodiscard]] Result<Mapping> view(std::size_t room) const;

 private:
  void swap(Image& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(size_, other.size_);
    std::swap(memory_, other.memory_);
  }
  int fd_ = -1;
  std::size_t size_ = 0;
  Mapping memory_;
};

/// Anonymous memory, reserved but not used before it is touched.
[[nodiscard]] Result<Mapping> reserve_memory(std::size_t capacity);

} // namespace quill::engine
