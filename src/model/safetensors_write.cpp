// Writing of safetensors files.
#include <algorithm>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"
#include "quill/core/pieces.hpp"
#include "quill/model/safetensors.hpp"

namespace quill::model {

namespace {

std::string header_of(const std::vector<TensorView>& tensors,
                      const std::map<std::string, std::string, std::less<>>& metadata) {
  Json header = Json::object();
  auto& members = *header.get_ptr<Json::object_t*>();
  if (!metadata.empty())
    members.emplace_back("__metadata__", metadata);
  std::size_t begin = 0;
  for (const TensorView& tensor : tensors) {
    const std::size_t end = begin + tensor.bytes.size();
    members.emplace_back(tensor.name, Json{{"dtype", dtype_name(tensor.dtype)},
                                           {"shape", tensor.shape},
                                           {"data_offsets", {begin, end}}});
    begin = end;
  }
  std::string text = dump_json(header);
  constexpr std::size_t kAlignment = 8; // of the data behind it
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool comes_before(const TensorView& a, const TensorView& b) {
  const std::size_t size = dtype_bytes(a.dtype), other = dtype_bytes(b.dtype);
  return size != other ? size > other : a.name < b.name;
}

} // namespace

void write_safetensors(const std::filesystem::path& path, std::vector<TensorView> tensors,
                       const std::map<std::string, std::string, std::less<>>& metadata) {
  std::sort(tensors.begin(), tensors.end(), comes_before);
  const std::string header = header_of(tensors, metadata);
  const std::uint64_t length = header.size();
  std::vector<std::string_view> pieces = {as_text(std::as_bytes(std::span(&length, 1))), header};
  for (const TensorView& tensor : tensors) {
    const auto elements = static_cast<std::size_t>(tensor.elements());
    QUILL_CHECK(elements * dtype_bytes(tensor.dtype) == tensor.bytes.size(),
                "a tensor whose bytes do not fit its shape");
    pieces.push_back(as_text(tensor.bytes));
  }
  write_pieces_atomic(path, pieces);
}

} // namespace quill::model
