// Reading of safetensors headers.
#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/dtype.hpp"
#include "model/refuse.hpp"
#include "model/whole_number.hpp"
#include "quill/core/json.hpp"

namespace quill::model {

static_assert(std::endian::native == std::endian::little,
              "tensors are mapped as they lie in files");

std::int64_t TensorView::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape)
    count *= size;
  return count;
}

namespace {

constexpr const char* kDamaged = "the file is damaged or no safetensors file: fetch it again";
constexpr std::size_t kLengthBytes = 8;

std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kLengthBytes)
    refuse(fmt::format("a file of {} bytes has no safetensors header; allowed: 8 and more",
                       bytes.size()),
           where, kDamaged);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const std::uint64_t room = std::min<std::uint64_t>(bytes.size() - kLengthBytes, kHeaderBytesMax);
  if (length < 2 || length > room)
    refuse(fmt::format("the header's length is {} bytes; allowed: 2 to {}", length, room), where,
           kDamaged);
  return {reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length};
}

std::vector<std::int64_t> integers(const JsonObject& entry, std::string_view key,
                                   std::size_t count_max) {
  const Json& list = entry.at(key);
  if (!list.is_array() || list.size() > count_max)
    refuse(fmt::format("\"{}\" is {}; allowed: a list of at most {} integers", key,
                       dump_json(list).substr(0, 80), count_max),
           entry.where(), kDamaged);
  std::vector<std::int64_t> values;
  for (const Json& each : list) {
    const auto number = whole_number(each, INT64_MAX);
    if (!number)
      refuse(fmt::format("\"{}\" holds {}; allowed: 0 to {}", key, dump_json(each).substr(0, 80),
                         INT64_MAX),
             entry.where(), kDamaged);
    values.push_back(*number);
  }
  return values;
}

/// The bytes that `shape` takes; refused when they are more than `room`, before a product
/// overflows.
std::uint64_t shape_bytes(const std::vector<std::int64_t>& shape, DType type, std::uint64_t room,
                          const std::string& where) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end())
    return 0;
  std::uint64_t bytes = dtype_bytes(type);
  for (const std::int64_t size : shape) {
    if (static_cast<std::uint64_t>(size) > room / bytes)
      refuse(fmt::format("\"shape\" [{}] of {} takes more than the {} bytes of data there are",
                         fmt::join(shape, ", "), dtype_name(type), room),
             where, kDamaged);
    bytes *= static_cast<std::uint64_t>(size);
  }
  return bytes;
}

DType read_dtype(const JsonObject& entry) {
  const std::string name = entry.text("dtype");
  const auto type = dtype_named(name);
  if (!type)
    refuse(fmt::format("\"dtype\" is \"{}\"; allowed: {}", name.substr(0, 40), dtype_names()),
           entry.where(), "convert the tensor, or fetch another file");
  return *type;
}

TensorView read_entry(const std::string& name, const Json& value, std::span<const std::byte> data,
                      const std::string& where) {
  const JsonObject entry(value, fmt::format("{}, tensor \"{}\"", where, name.substr(0, 120)));
  entry.refuse_unknown({"dtype", "shape", "data_offsets"});
  const DType type = read_dtype(entry);
  const auto shape = integers(entry, "shape", kDimensionsMax);
  const auto offsets = integers(entry, "data_offsets", 2);
  const auto size = static_cast<std::int64_t>(data.size());
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > size)
    refuse(fmt::format("\"data_offsets\" [{}]; allowed: [begin, end] within 0 to {}",
                       fmt::join(offsets, ", "), size),
           entry.where(), kDamaged);
  const auto length = static_cast<std::uint64_t>(offsets[1] - offsets[0]);
  if (const auto needed = shape_bytes(shape, type, data.size(), entry.where()); needed != length)
    refuse(fmt::format("\"data_offsets\" span {} bytes, but [{}] of {} takes {}", length,
                       fmt::join(shape, ", "), dtype_name(type), needed),
           entry.where(), kDamaged);
  return {name, type, shape, data.subspan(static_cast<std::size_t>(offsets[0]), length)};
}

std::map<std::string, std::string, std::less<>> read_metadata(const Json& value,
                                                              const std::string& where) {
  const JsonObject object(value, where + ", \"__metadata__\"");
  std::map<std::string, std::string, std::less<>> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string())
      refuse(fmt::format("\"{}\" is {}; allowed: a string", key.substr(0, 80),
                         dump_json(text).substr(0, 80)),
             object.where(), kDamaged);
    metadata.emplace(key, text.get<std::string>());
  }
  return metadata;
}

/// The data must be covered once, from the first byte to the last.
void check_cover(std::vector<TensorView>& tensors, std::span<const std::byte> data,
                 const std::string& where) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorView& a, const TensorView& b) {
    return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
  });
  const std::byte* next = data.data();
  for (const TensorView& tensor : tensors) {
    if (tensor.bytes.data() != next)
      refuse(fmt::format("tensor \"{}\" begins at byte {}; allowed: {}, where the one before ends",
                         tensor.name.substr(0, 120), tensor.bytes.data() - data.data(),
                         next - data.data()),
             where, kDamaged);
    next += tensor.bytes.size();
  }
  if (const auto rest = data.data() + data.size() - next; rest != 0)
    refuse(fmt::format("{} bytes of data belong to no tensor; allowed: 0", rest), where, kDamaged);
}

} // namespace

SafetensorsHeader parse_safetensors(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text = header_text(bytes, where);
  const auto data = bytes.subspan(kLengthBytes + text.size());
  constexpr int kDepthMax = 4;
  const Json document = parse_json(text, where + ", header", kDepthMax);
  const JsonObject object(document, where);
  if (document.size() > kTensorsMax)
    refuse(fmt::format("{} tensors; allowed: at most {}", document.size(), kTensorsMax), where,
           kDamaged);
  SafetensorsHeader header;
  for (const auto& [name, value] : document.items()) {
    if (name == "__metadata__")
      header.metadata = read_metadata(value, where);
    else
      header.tensors.push_back(read_entry(name, value, data, where));
  }
  check_cover(header.tensors, data, where);
  return header;
}

} // namespace quill::model
