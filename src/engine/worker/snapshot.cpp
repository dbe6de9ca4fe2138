#include "engine/worker/snapshot.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "engine/worker/wal.hpp"

namespace quill::engine {
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kWriteVersion = 18; ///< 1 rollback journal, 2 write-ahead log
constexpr std::size_t kReadVersion = 19;

struct Descriptor {
  int fd = -1;
  explicit Descriptor(int value) : fd(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  int release() { return std::exchange(fd, -1); }
};

int open_to_read(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/// What tells that nobody wrote between two looks.
struct Stamp {
  long long size = -1;
  long long seconds = 0;
  long long nanoseconds = 0;
  bool operator==(const Stamp&) const = default;
};

Stamp stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return {};
  return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

bool read_all(int fd, char* to, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes;) {
    const auto got = ::pread(fd, to + at, bytes - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    at += static_cast<std::size_t>(got);
  }
  return true;
}

Refused cannot_open(const std::string& path) {
  const int error = errno;
  if (error == ENOENT || error == ENOTDIR)
    return {fmt::format("no database \"{}\"", path),
            "check the path; `quill seed --out FILE` makes a database"};
  return {fmt::format("cannot read \"{}\": {}", path, std::strerror(error)),
          "give this user the right to read the file and its folder"};
}

Refused not_a_database(const std::string& path, std::string_view why) {
  return {fmt::format("\"{}\" {}", path, why), "give a SQLite 3 database file"};
}

Refused being_written(const std::string& path) {
  return {
      fmt::format("\"{}\" is being written", path),
      "wait until the other program is done, or give a copy made by `sqlite3 DB '.backup COPY'`"};
}

/// A rollback journal with a live header: a transaction that was cut short, or is in flight.
bool has_hot_journal(const std::string& path) {
  const Descriptor journal(open_to_read(path + "-journal"));
  char first = 0;
  return journal.fd >= 0 && read_all(journal.fd, &first, 1) && first != 0;
}

std::optional<Refused> wrong_kind(const std::string& path, int fd, std::size_t& bytes) {
  struct stat status{};
  if (::fstat(fd, &status) != 0)
    return cannot_open(path);
  if (S_ISDIR(status.st_mode))
    return not_a_database(path, "is a folder");
  if (!S_ISREG(status.st_mode))
    return not_a_database(path, "is not a regular file");
  if (status.st_size == 0)
    return not_a_database(path, "is empty");
  bytes = static_cast<std::size_t>(status.st_size);
  return std::nullopt;
}

std::string read_wal(const std::string& path) {
  const Descriptor wal(open_to_read(path + "-wal"));
  struct stat status{};
  if (wal.fd < 0 || ::fstat(wal.fd, &status) != 0 || !S_ISREG(status.st_mode))
    return {};
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  return read_all(wal.fd, bytes.data(), bytes.size()) ? bytes : std::string();
}

/// The private mapping says "rollback journal": SQLite opens no write-ahead log for memory.
void mark_rollback_mode(Mapping& image) {
  image.data()[kWriteVersion] = 1;
  image.data()[kReadVersion] = 1;
}

std::variant<Image, Refused> copied(const std::string& path, int fd, std::size_t bytes, bool wal) {
  const std::string log = wal ? read_wal(path) : std::string();
  auto reserved = reserve_memory(std::max(bytes, wal_applied_size(log, bytes)));
  if (!reserved)
    return Refused{reserved.failure().what, "free memory, or give a smaller database"};
  Mapping memory = std::move(reserved).value();
  if (!read_all(fd, reinterpret_cast<char*>(memory.data()), bytes))
    return being_written(path);
  memory.resize(bytes);
  apply_wal(log, memory);
  if (wal && memory.size() >= kHeaderBytes)
    mark_rollback_mode(memory);
  return Image::of_memory(std::move(memory));
}

std::variant<Image, Refused> attempt(const std::string& path) {
  Descriptor file(open_to_read(path));
  if (file.fd < 0)
    return cannot_open(path);
  std::size_t bytes = 0;
  if (auto refused = wrong_kind(path, file.fd, bytes))
    return *refused;
  char header[kHeaderBytes] = {};
  if (bytes < kHeaderBytes || !read_all(file.fd, header, kHeaderBytes) ||
      std::string_view(header, kMagic.size()) != kMagic)
    return not_a_database(path, "is not a SQLite database");
  if (has_hot_journal(path))
    return Refused{
        fmt::format("\"{}\" holds an unfinished transaction (\"{}-journal\")", path, path),
        "close the program that writes it, or roll back with "
        "`sqlite3 DB 'PRAGMA user_version'`"};
  const bool wal = header[kReadVersion] == 2;
  if (wal || bytes <= kCopiedBytesMax)
    return copied(path, file.fd, bytes, wal);
  return Image::of_file(file.release(), bytes);
}

} // namespace

std::variant<Image, Refused> snapshot_file(const std::string& path) {
  constexpr int kAttempts = 3;
  for (int i = 0; i < kAttempts; ++i) {
    const auto before = std::pair(stamp_of(path), stamp_of(path + "-wal"));
    auto image = attempt(path);
    if (std::holds_alternative<Refused>(image) ||
        before == std::pair(stamp_of(path), stamp_of(path + "-wal")))
      return image;
  }
  return being_written(path);
}

} // namespace quill::engine
