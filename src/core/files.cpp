#include "quill/core/files.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "quill/core/error.hpp"

namespace quill {

namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void refuse_reading(const fs::path& path, const std::string& reason,
                                 const std::string& fix) {
  throw Error{Exit::usage,
              {.what = fmt::format("cannot read the file: {}", reason),
               .where = path.string(),
               .fix = fix}};
}

[[noreturn]] void refuse_storage(const std::string& what, const fs::path& path) {
  throw Error{Exit::storage,
              {.what = what,
               .where = path.string(),
               .fix = "check the path, its permissions and the free space"}};
}

ssize_t read_some(int fd, char* buffer, std::size_t size) {
  ssize_t count = ::read(fd, buffer, size);
  while (count < 0 && errno == EINTR)
    count = ::read(fd, buffer, size);
  return count;
}

struct stat facts_of(int fd, const fs::path& path) {
  struct stat facts{};
  if (::fstat(fd, &facts) != 0)
    refuse_reading(path, std::strerror(errno), "check the disk");
  if (S_ISDIR(facts.st_mode))
    refuse_reading(path, "it is a folder", "name a file");
  return facts;
}

bool is_pipe(const fs::path& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 && S_ISFIFO(facts.st_mode);
}

Descriptor open_or_refuse(const fs::path& path, int more_flags) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | more_flags));
  if (file.get() < 0)
    refuse_reading(path, std::strerror(errno), "check the path and its permissions");
  return file;
}

std::string read_to_end(int fd, const fs::path& path, std::uint64_t bytes_max) {
  std::string bytes;
  std::array<char, 1U << 16U> buffer;
  for (;;) {
    const ssize_t count = read_some(fd, buffer.data(), buffer.size());
    if (count < 0)
      refuse_reading(path, std::strerror(errno), "check the disk");
    if (count == 0)
      return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > bytes_max)
      refuse_reading(path, fmt::format("larger than {} bytes", bytes_max), "name a smaller file");
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

} // namespace

std::string read_file(const fs::path& path, std::uint64_t bytes_max) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  const Descriptor file = open_or_refuse(path, O_NONBLOCK);
  if (!S_ISREG(facts_of(file.get(), path).st_mode))
    refuse_reading(path, "it is not a regular file", "name a regular file");
  return read_to_end(file.get(), path, bytes_max);
}

std::string read_input(const fs::path& path, std::uint64_t bytes_max) {
  if (path == "-")
    return read_to_end(STDIN_FILENO, "standard input", bytes_max);
  if (!is_pipe(path))
    return read_file(path, bytes_max);
  const Descriptor pipe = open_or_refuse(path, 0);
  return read_to_end(pipe.get(), path, bytes_max);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    refuse_storage(fmt::format("cannot create the folder: {}", error.message()), path);
}

ScratchFolder::ScratchFolder(std::string_view prefix) {
  const char* wanted = std::getenv("TMPDIR");
  const fs::path parent = wanted != nullptr && *wanted != '\0' ? wanted : "/tmp";
  std::string name = (parent / fmt::format("{}-XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr)
    refuse_storage(fmt::format("cannot create a scratch folder: {}", std::strerror(errno)), parent);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored; // a destructor has nobody to tell
  fs::remove_all(path_, ignored);
}

namespace {

/// The pid the holder wrote into its lock file, for the error line; "another process" without one.
std::string holder_of(int fd) {
  char text[32] = {};
  const ssize_t count = ::pread(fd, text, sizeof text - 1, 0);
  const long pid = count > 0 ? std::strtol(text, nullptr, 10) : 0;
  return pid > 0 ? fmt::format("process {}", pid) : "another process";
}

bool try_lock(int fd) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

void write_own_pid(int fd, const fs::path& path) {
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    refuse_storage(fmt::format("cannot write the lock file: {}", std::strerror(errno)), path);
}

} // namespace

FileLock::FileLock(const fs::path& path, std::string_view what) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0)
    refuse_storage(fmt::format("cannot open the lock file: {}", std::strerror(errno)), path);
  try {
    if (!try_lock(fd)) {
      const int error = errno;
      if (error != EAGAIN && error != EACCES)
        refuse_storage(fmt::format("cannot lock the file: {}", std::strerror(error)), path);
      throw Error{Exit::usage,
                  {.what = fmt::format("{} is in use by {}", what, holder_of(fd)),
                   .where = path.string(),
                   .fix = "wait until it ends, or stop it, then run the command again"}};
    }
    write_own_pid(fd, path);
  } catch (const Error&) {
    ::close(fd);
    throw;
  }
  fd_ = fd;
}

FileLock::~FileLock() {
  ::close(fd_);
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  QUILL_CHECK(done == 1, "SHA-256 failed");
  std::string hex;
  for (const unsigned char byte : digest)
    hex += fmt::format("{:02x}", byte);
  return hex;
}

} // namespace quill
