// The system calls behind atomic writing, so that tests can make the N-th of them fail.
#pragma once

#include <cstddef>
#include <sys/types.h>

#include "quill/core/files.hpp"

namespace quill {

/// Each member is the system call of its name: -1 and errno on failure.
class FileCalls {
 public:
  virtual ~FileCalls() = default;
  virtual int open(const char* path, int flags, mode_t mode) = 0;
  virtual ssize_t write(int fd, const void* bytes, std::size_t size) = 0;
  virtual int fchmod(int fd, mode_t mode) = 0;
  virtual int fsync(int fd) = 0;
  virtual int close(int fd) = 0;
  virtual int rename(const char* from, const char* to) = 0;
  virtual int unlink(const char* path) = 0;
};
[[nodiscard]] FileCalls& kernel_file_calls();

/// Disk over `calls`, which must outlive it.
class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(FileCalls& calls) : calls_(calls) {}
  void write_atomic(const std::filesystem::path& path, std::string_view bytes) override;

 private:
  FileCalls& calls_;
};

} // namespace quill
