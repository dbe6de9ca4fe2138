// Figures as TensorBoard reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quill {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4).
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

/// One record of a TFRecord file: length, its checksum, `bytes`, their checksum; little-endian, the
/// checksums masked (tensorflow/core/lib/io/record_writer.cc).
[[nodiscard]] std::string tf_record(std::string_view bytes);

/// A file `events.out.tfevents.SECONDS.PID` that grows by a record an event. The events are
/// protocol buffers written by hand (tensorflow/core/util/event.proto): wall_time 1, step 2,
/// file_version 3, summary 5 {value 1 {tag 1, simple_value 2}}, session_log 7 {status 1}.
class EventFile {
 public:
  /// Begins a file in `folder`, which is made. Figures of earlier files from `step` on are no
  /// longer shown. \throws Error{storage}
  EventFile(const std::filesystem::path& folder, std::int64_t step, double wall_time_s);
  /// Figures of one step by their tags. \throws Error{storage}
  void add(std::int64_t step, double wall_time_s,
           const std::vector<std::pair<std::string, double>>& figures);
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void append(const std::string& event);

  std::filesystem::path path_;
};

} // namespace quill
