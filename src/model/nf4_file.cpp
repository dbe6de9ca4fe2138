#include "model/nf4_file.hpp"

#include <array>

#include <fmt/format.h>

#include "model/refuse.hpp"
#include "quill/core/json.hpp"

namespace quill::model {

namespace {

constexpr const char* kState = ".quant_state.bitsandbytes__nf4";
constexpr const char* kFetch = "fetch the model again, or take its unquantised files";
constexpr std::array kParts{".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", kState};

std::int64_t integer_in(const JsonObject& state, const char* key, std::int64_t least,
                        std::int64_t most) {
  const std::int64_t value = state.integer_or(key, 0);
  if (value < least || value > most)
    refuse(fmt::format("\"{}\" is {}; allowed: {} to {}", key, value, least, most), state.where(),
           kFetch);
  return value;
}

std::vector<std::int64_t> shape_in(const JsonObject& state) {
  constexpr std::int64_t kSizeMax = 1 << 24;
  const Json& list = state.at("shape");
  std::vector<std::int64_t> shape;
  if (list.is_array() && list.size() == 2)
    for (const Json& size : list)
      if (size.is_number_integer() && size >= 1 && size <= kSizeMax)
        shape.push_back(size.get<std::int64_t>());
  if (shape.size() != 2)
    refuse(fmt::format("\"shape\" is {}; allowed: two sizes from 1 to {}",
                       list.dump().substr(0, 80), kSizeMax),
           state.where(), kFetch);
  return shape;
}

/// The part of a matrix with so many elements of that type.
const TensorView* part_of(const Checkpoint& checkpoint, const std::string& name, DType type,
                          std::int64_t elements) {
  const TensorView* found = checkpoint.find(name);
  if (found == nullptr)
    refuse(fmt::format("tensor \"{}\" is missing", name), "model.safetensors", kFetch);
  if (found->dtype != type || found->elements() != elements)
    refuse(fmt::format("tensor \"{}\" is {} elements of {}; allowed: {} of {}", name,
                       found->elements(), dtype_name(found->dtype), elements, dtype_name(type)),
           "model.safetensors", kFetch);
  return found;
}

std::int64_t parts(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

} // namespace

std::optional<Nf4Views> find_nf4(const Checkpoint& checkpoint, const std::string& name) {
  const TensorView* bytes = checkpoint.find(name + kState);
  if (bytes == nullptr)
    return std::nullopt;
  constexpr std::int64_t kBlockMax = 4096;
  const std::string where = name + kState;
  const std::string text(reinterpret_cast<const char*>(bytes->bytes.data()), bytes->bytes.size());
  const Json document = parse_json(text, where);
  const JsonObject state(document, where);
  Nf4Views views;
  views.shape = shape_in(state);
  views.block = integer_in(state, "blocksize", 1, kBlockMax);
  const std::int64_t count = views.shape[0] * views.shape[1];
  const std::int64_t scales = parts(count, views.block);
  views.codes = part_of(checkpoint, name, DType::u8, parts(count, 2));
  const bool nested = state.has("nested_blocksize");
  views.scales = part_of(checkpoint, name + ".absmax", nested ? DType::u8 : DType::f32, scales);
  if (!nested)
    return views;
  views.nested_block = integer_in(state, "nested_blocksize", 1, kBlockMax);
  views.nested_offset = static_cast<float>(state.number("nested_offset"));
  views.nested_scales =
      part_of(checkpoint, name + ".nested_absmax", DType::f32, parts(scales, views.nested_block));
  constexpr std::int64_t kCodes = 256;
  views.nested_map = part_of(checkpoint, name + ".nested_quant_map", DType::f32, kCodes);
  return views;
}

bool is_nf4_part(const Checkpoint& checkpoint, const std::string& name) {
  for (const std::string_view part : kParts)
    if (name.size() > part.size() && name.ends_with(part))
      return checkpoint.find(name.substr(0, name.size() - part.size()) + kState) != nullptr;
  return false;
}

} // namespace quill::model
