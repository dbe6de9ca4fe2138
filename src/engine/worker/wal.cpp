#include "engine/worker/wal.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace quill::engine {
namespace {

constexpr std::size_t kWalHeader = 32;
constexpr std::size_t kFrameHead = 24;
constexpr std::uint32_t kWalMagic = 0x377f0682; ///< the lowest bit set: checksums over big-endian

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
         std::uint32_t{bytes[2]} << 8U | std::uint32_t{bytes[3]};
}

std::uint32_t little_endian(const unsigned char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

struct Checksum {
  bool big = false;
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(const unsigned char* bytes, std::size_t count) {
    const auto word = big ? big_endian : little_endian;
    for (std::size_t i = 0; i + 8 <= count; i += 8) {
      first += word(bytes + i) + second;
      second += word(bytes + i + 4) + first;
    }
  }
  [[nodiscard]] bool equals(const unsigned char* stored) const {
    return first == big_endian(stored) && second == big_endian(stored + 4);
  }
};

/// Walks the valid frames; `frame(page_number, page)` for each up to the last commit.
class Log {
 public:
  explicit Log(std::string_view wal)
      : bytes_(reinterpret_cast<const unsigned char*>(wal.data())), size_(wal.size()) {
    if (size_ < kWalHeader || (big_endian(bytes_) & ~1U) != kWalMagic)
      return;
    page_bytes_ = big_endian(bytes_ + 8);
    sum_.big = (big_endian(bytes_) & 1U) != 0;
    sum_.add(bytes_, kWalHeader - 8);
    const bool power_of_two = (page_bytes_ & (page_bytes_ - 1)) == 0;
    if (page_bytes_ < 512 || page_bytes_ > 65536 || !power_of_two || !sum_.equals(bytes_ + 24))
      return;
    find_last_commit();
  }

  [[nodiscard]] std::size_t frames() const { return committed_; }
  [[nodiscard]] std::size_t page_bytes() const { return page_bytes_; }
  [[nodiscard]] std::size_t database_pages() const { return pages_; }
  [[nodiscard]] std::uint32_t page_number(std::size_t i) const { return big_endian(head(i)); }
  [[nodiscard]] const unsigned char* page(std::size_t i) const { return head(i) + kFrameHead; }

 private:
  [[nodiscard]] const unsigned char* head(std::size_t i) const {
    return bytes_ + kWalHeader + i * (kFrameHead + page_bytes_);
  }
  void find_last_commit() {
    const auto frames = (size_ - kWalHeader) / (kFrameHead + page_bytes_);
    for (std::size_t i = 0; i < frames; ++i) {
      const auto* frame = head(i);
      sum_.add(frame, 8);
      sum_.add(page(i), page_bytes_);
      const bool same_log = std::memcmp(frame + 8, bytes_ + 16, 8) == 0;
      if (!same_log || !sum_.equals(frame + 16) || page_number(i) == 0)
        return;
      if (const auto pages = big_endian(frame + 4); pages != 0) {
        committed_ = i + 1;
        pages_ = pages;
      }
    }
  }

  const unsigned char* bytes_;
  std::size_t size_;
  Checksum sum_;
  std::size_t page_bytes_ = 0;
  std::size_t committed_ = 0;
  std::size_t pages_ = 0;
};

/// A page past the end of the committed database is dropped by the commit that shrank it.
bool inside(const Log& log, std::size_t i) {
  return log.page_number(i) <= log.database_pages();
}

} // namespace

std::size_t wal_applied_size(std::string_view wal, std::size_t image_bytes) {
  const Log log(wal);
  // A log cannot grow the file beyond the pages it holds, whatever its commit record says.
  const auto most = image_bytes + log.frames() * log.page_bytes();
  return std::min(most, std::max(image_bytes, log.database_pages() * log.page_bytes()));
}

void apply_wal(std::string_view wal, Mapping& image) {
  const Log log(wal);
  if (log.frames() == 0)
    return;
  const auto wanted = log.database_pages() * log.page_bytes();
  for (std::size_t i = 0; i < log.frames(); ++i) {
    const auto at = (std::size_t{log.page_number(i)} - 1) * log.page_bytes();
    if (inside(log, i) && at + log.page_bytes() <= image.capacity())
      std::memcpy(image.data() + at, log.page(i), log.page_bytes());
  }
  image.resize(std::min(wanted, image.capacity()));
}

} // namespace quill::engine
