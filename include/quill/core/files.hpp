// Files that are whole or absent: bounded reading, atomic writing, scratch folders, hashes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace quill {

/// The writing half of the file system, so that tests can make each call fail or lose unsynced
/// bytes. One real implementation (`real_disk`) and one faulty one in tests.
class Disk {
 public:
  virtual ~Disk() = default;
  /// Writes `bytes` to a temporary file beside `path`, fsyncs it, renames it over `path`, fsyncs
  /// the folder. The old content stays whole on any failure. \throws Error{storage}
  virtual void write_atomic(const std::filesystem::path& path, std::string_view bytes) = 0;
};
[[nodiscard]] Disk& real_disk();

/// Whole content. \throws Error{usage} if it is missing, unreadable, no regular file, or larger
/// than `bytes_max`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path,
                                    std::uint64_t bytes_max = 64ULL << 20U);

/// What a user named as input: a file as in read_file(), a pipe (`<(command)`, a FIFO: waits for
/// its writer), or "-" for standard input. \throws Error{usage} as read_file() does
[[nodiscard]] std::string read_input(const std::filesystem::path& path,
                                     std::uint64_t bytes_max = 64ULL << 20U);

/// Removes the temporary files that write_atomic() of killed processes left in `folder` (their pid
/// is in the name; files of living processes stay). Missing folders and failures are ignored.
void remove_leftovers(const std::filesystem::path& folder);

/// Creates the folder and its parents. \throws Error{storage}
void make_folder(const std::filesystem::path& path);

/// A new private folder below $TMPDIR (else /tmp), removed with all it holds by the destructor.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string_view prefix = "quill");
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// An exclusive lock on `path` held until destruction and released by the kernel even on kill -9
/// (OFD lock).
class FileLock {
 public:
  /// \throws Error{usage} naming the holder's pid when another process has it; Error{storage}
  FileLock(const std::filesystem::path& path, std::string_view what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// The same of a whole file, read piece by piece. \throws Error{storage}
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);

/// Folder with shipped data (`data/` in the source tree, `share/quill` when installed), found
/// relative to the running program; QUILL_DATA_DIR overrides. \throws Error{usage}
[[nodiscard]] std::filesystem::path shipped_folder();
/// Another program of Quill (`quill-worker`, `quill-torch`), beside this one or in libexec/quill.
[[nodiscard]] std::filesystem::path sibling_program(std::string_view name);

} // namespace quill
