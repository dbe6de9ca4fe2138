#include "engine/worker/image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace quill::engine {
namespace {

constexpr std::size_t kAlignment = 64U << 10U;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) & ~(kAlignment - 1);
}

Failure out_of_memory(std::size_t bytes) {
  return {"no memory for " + std::to_string(bytes) + " bytes: " + std::strerror(errno)};
}

} // namespace

Mapping::~Mapping() {
  if (data_)
    ::munmap(data_, capacity_);
}

Result<Mapping> reserve_memory(std::size_t capacity) {
  const auto bytes = std::max(aligned(capacity), kAlignment);
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    return out_of_memory(bytes);
  return Mapping{static_cast<unsigned char*>(data), 0, bytes};
}

Image Image::of_file(int fd, std::size_t size) {
  Image image;
  image.fd_ = fd;
  image.size_ = size;
  return image;
}

Image Image::of_memory(Mapping memory) {
  Image image;
  image.size_ = memory.size();
  image.memory_ = std::move(memory);
  return image;
}

Image::~Image() {
  if (fd_ >= 0)
    ::close(fd_);
}

Result<Mapping> Image::view(std::size_t room) const {
  auto reserved = reserve_memory(size_ + room);
  if (!reserved)
    return reserved.failure();
  Mapping mapping = std::move(reserved).value();
  if (fd_ < 0) {
    std::memcpy(mapping.data(), memory_.data(), size_);
  } else if (::mmap(mapping.data(), size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd_,
                    0) == MAP_FAILED) {
    return out_of_memory(size_);
  }
  mapping.resize(size_);
  return mapping;
}

} // namespace quill::engine
