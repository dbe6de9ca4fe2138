// Checkpoint files: safetensors read through a map of the file, and written; folders of several
// such files. Format: u64 little-endian length of the header, header (JSON), data without holes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quill::model {

/// Element types of the format; the names in files are F64, F32, BF16 ….
enum class DType {
  f64,
  f32,
  f16,
  bf16,
  f8_e4m3,
  f8_e5m2,
  i64,
  i32,
  i16,
  i8,
  u64,
  u32,
  u16,
  u8,
  boolean
};
[[nodiscard]] std::string_view dtype_name(DType type);
/// Bytes of one element.
[[nodiscard]] std::size_t dtype_bytes(DType type);

/// A tensor whose bytes (row-major, little-endian) somebody else owns.
struct TensorView {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes = {};
  [[nodiscard]] std::int64_t elements() const;
};

/// A longer header is refused: 16 MiB is fifty times that of the largest published checkpoint.
inline constexpr std::uint64_t kHeaderBytesMax = 16ULL << 20U;
inline constexpr std::size_t kTensorsMax = 200'000;
inline constexpr std::size_t kDimensionsMax = 8;

struct SafetensorsHeader {
  std::vector<TensorView> tensors; ///< in the order of their bytes
  std::map<std::string, std::string, std::less<>> metadata;
};
/// Reads the header of a whole file's `bytes`; the views point into it. Everything is checked
/// against the size of the file before anything of that size is reserved: known types, no negative
/// or overflowing shape, offsets that fit shape and type, no hole and no overlap.
/// \throws Error{usage} naming `where`, the tensor and what is allowed
[[nodiscard]] SafetensorsHeader parse_safetensors(std::span<const std::byte> bytes,
                                                  const std::string& where);

/// A file's bytes as memory, read when they are touched. They must not shrink meanwhile.
class MappedFile {
 public:
  /// \throws Error{usage} when it is missing, empty, or no regular file
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

/// The tensors of a model or adapter folder: NAME.safetensors, or the files that
/// NAME.safetensors.index.json lists. Copies share the maps; views live as long as any copy.
class Checkpoint {
 public:
  /// `name` is "model" or "adapter_model". \throws Error{usage}
  Checkpoint(const std::filesystem::path& folder, std::string_view name = "model");

  /// nullptr when there is none of that name.
  [[nodiscard]] const TensorView* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, TensorView, std::less<>>& tensors() const noexcept {
    return tensors_;
  }
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const noexcept { return files_; }
  /// Keeps the bytes of every view alive.
  [[nodiscard]] const std::vector<std::shared_ptr<const MappedFile>>& maps() const noexcept {
    return maps_;
  }

 private:
  void add(const std::filesystem::path& file, const std::vector<std::string>* expected);

  std::vector<std::filesystem::path> files_;
  std::vector<std::shared_ptr<const MappedFile>> maps_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

/// Writes one file, whole or not at all: beside `path` first, synced, then renamed. Larger elements
/// come first, so that every tensor is aligned to its type. \throws Error{storage}
void write_safetensors(const std::filesystem::path& path, std::vector<TensorView> tensors,
                       const std::map<std::string, std::string, std::less<>>& metadata = {
                           {"format", "pt"}});

} // namespace quill::model
