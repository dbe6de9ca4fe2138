// A file is replaced whole or not at all: temporary file, fsync, rename, fsync of the folder.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "core/file_calls.hpp"
#include "quill/core/error.hpp"
#include "quill/core/pieces.hpp"

namespace quill {

namespace {

namespace fs = std::filesystem;

class KernelFileCalls final : public FileCalls {
 public:
  int open(const char* path, int flags, mode_t mode) override { return ::open(path, flags, mode); }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return ::write(fd, bytes, size);
  }
  int fchmod(int fd, mode_t mode) override { return ::fchmod(fd, mode); }
  int fsync(int fd) override { return ::fsync(fd); }
  int close(int fd) override { return ::close(fd); }
  int rename(const char* from, const char* to) override { return ::rename(from, to); }
  int unlink(const char* path) override { return ::unlink(path); }
};

std::string advice_for(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return "free some space";
  case EFBIG:
    return "raise the limit on file size (ulimit -f)";
  case EROFS:
    return "the file system is read-only: choose another folder";
  case EACCES:
  case EPERM:
    return "give yourself write permission on the folder, or choose another";
  case ENOENT:
  case ENOTDIR:
    return "create the folder first";
  default:
    return "check the disk";
  }
}

constexpr const char* kOldFileIsWhole = "the old file is untouched and nothing was lost";

[[noreturn]] void refuse(const fs::path& path, const char* step, int error,
                         std::string_view state = kOldFileIsWhole) {
  throw Error{
      Exit::storage,
      {.what = fmt::format("cannot write the file: {} failed: {}", step, std::strerror(error)),
       .where = path.string(),
       .fix = fmt::format("{}, then run the command again; {}", advice_for(error), state)}};
}

template <class Call> auto again_when_interrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR)
    result = call();
  return result;
}

/// Mode of the file that is there now, so that replacing it does not change who may read it.
std::optional<mode_t> mode_of_existing(const fs::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0)
    return std::nullopt;
  if (!S_ISREG(facts.st_mode))
    throw Error{Exit::storage,
                {.what = "cannot write the file: what is there is not a regular file",
                 .where = path.string(),
                 .fix = "choose another name; nothing was changed"}};
  return facts.st_mode & 07777U;
}

/// The temporary file: closed and unlinked by the destructor unless it was renamed away.
class Temporary {
 public:
  Temporary(FileCalls& calls, const fs::path& target) : calls_(calls), target_(target) { create(); }
  ~Temporary() {
    if (fd_ >= 0)
      calls_.close(fd_);
    if (!renamed_)
      calls_.unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written =
          again_when_interrupted([&] { return calls_.write(fd_, bytes.data(), bytes.size()); });
      // A write that takes nothing and names no error would loop for ever.
      if (written <= 0)
        refuse(target_, "write", written == 0 ? EIO : errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void set_mode(mode_t mode) {
    if (calls_.fchmod(fd_, mode) != 0)
      refuse(target_, "chmod", errno);
  }

  void sync_and_close() {
    if (again_when_interrupted([&] { return calls_.fsync(fd_); }) != 0)
      refuse(target_, "fsync", errno);
    // On Linux the descriptor is gone whatever close() says; EINTR is no failure.
    if (calls_.close(std::exchange(fd_, -1)) != 0 && errno != EINTR)
      refuse(target_, "close", errno);
  }

  void rename_over_target() {
    if (calls_.rename(path_.c_str(), target_.c_str()) != 0)
      refuse(target_, "rename", errno);
    renamed_ = true;
  }

 private:
  /// O_EXCL with 0666 lets the umask decide the mode (mkstemp would leave 0600). The name is short
  /// whatever the target's is, and says whose it was.
  void create() {
    static std::atomic<unsigned> counter{0};
    constexpr int kTriesMax = 100; // leftovers of a killed process that had this pid
    for (int i = 0; i < kTriesMax; ++i) {
      path_ = target_.parent_path() / fmt::format(".quill-{}-{}.tmp", ::getpid(), counter++);
      fd_ = again_when_interrupted([&] {
        return calls_.open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      });
      if (fd_ >= 0)
        return;
      if (errno != EEXIST)
        break;
    }
    refuse(target_, "open", errno);
  }

  FileCalls& calls_;
  const fs::path& target_;
  fs::path path_;
  int fd_ = -1;
  bool renamed_ = false;
};

void sync_folder_of(FileCalls& calls, const fs::path& path) {
  constexpr const char* kState = "the new content is in place, but a power cut now could undo it";
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int fd = again_when_interrupted(
      [&] { return calls.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0); });
  if (fd < 0)
    refuse(path, "open of the folder", errno, kState);
  const bool failed = again_when_interrupted([&] { return calls.fsync(fd); }) != 0;
  const int error = errno;
  calls.close(fd);
  // Some file systems have no fsync for folders and say EINVAL: there is nothing to wait for.
  if (failed && error != EINVAL)
    refuse(path, "fsync of the folder", error, kState);
}

void write_whole(FileCalls& calls, const fs::path& path, std::span<const std::string_view> pieces) {
  const auto old_mode = mode_of_existing(path);
  Temporary temporary(calls, path);
  for (const std::string_view piece : pieces)
    temporary.write(piece);
  if (old_mode)
    temporary.set_mode(*old_mode);
  temporary.sync_and_close();
  temporary.rename_over_target();
  sync_folder_of(calls, path);
}

} // namespace

FileCalls& kernel_file_calls() {
  static KernelFileCalls calls;
  return calls;
}

void PosixDisk::write_atomic(const fs::path& path, std::string_view bytes) {
  write_whole(calls_, path, {&bytes, 1});
}

void write_pieces_atomic(const fs::path& path, std::span<const std::string_view> pieces) {
  write_whole(kernel_file_calls(), path, pieces);
}

namespace {

/// The process that made ".quill-<pid>-<n>.tmp"; 0 for any other name.
pid_t maker_of(const std::string& name) {
  int pid = 0;
  unsigned counter = 0;
  int size = 0;
  const int read = std::sscanf(name.c_str(), ".quill-%9d-%9u.tmp%n", &pid, &counter, &size);
  return read == 2 && size == static_cast<int>(name.size()) && pid > 0 ? pid : 0;
}

} // namespace

void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const pid_t maker = maker_of(entry.path().filename().string());
    const bool gone = maker != 0 && ::kill(maker, 0) != 0 && errno == ESRCH;
    if (gone && entry.is_regular_file(ignored))
      fs::remove(entry.path(), ignored);
  }
}

Disk& real_disk() {
  static PosixDisk disk(kernel_file_calls());
  return disk;
}

} // namespace quill
