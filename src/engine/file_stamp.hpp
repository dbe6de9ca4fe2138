// Whether a file is still the same one with the same content, as far as the file system can tell.
#pragma once

#include <string>
#include <sys/stat.h>

namespace quill::engine {

struct FileStamp {
  unsigned long long inode = 0;
  long long size = 0;
  long long seconds = 0;
  long long nanoseconds = 0;
  bool operator==(const FileStamp&) const = default;
};

/// All zero when there is no such file.
inline FileStamp stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

} // namespace quill::engine
