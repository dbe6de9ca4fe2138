#include <array>

#include "model/dtype.hpp"
#include "quill/core/error.hpp"

namespace quill::model {

namespace {

struct Row {
  DType type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Row, 15> kTypes = {{
    {DType::f64, "F64", 8},
    {DType::f32, "F32", 4},
    {DType::f16, "F16", 2},
    {DType::bf16, "BF16", 2},
    {DType::f8_e4m3, "F8_E4M3", 1},
    {DType::f8_e5m2, "F8_E5M2", 1},
    {DType::i64, "I64", 8},
    {DType::i32, "I32", 4},
    {DType::i16, "I16", 2},
    {DType::i8, "I8", 1},
    {DType::u64, "U64", 8},
    {DType::u32, "U32", 4},
    {DType::u16, "U16", 2},
    {DType::u8, "U8", 1},
    {DType::boolean, "BOOL", 1},
}};

const Row& row(DType type) {
  for (const Row& each : kTypes)
    if (each.type == type)
      return each;
  throw Bug("an element type without a row");
}

} // namespace

std::string_view dtype_name(DType type) {
  return row(type).name;
}

std::size_t dtype_bytes(DType type) {
  return row(type).bytes;
}

std::optional<DType> dtype_named(std::string_view name) {
  for (const Row& each : kTypes)
    if (each.name == name)
      return each.type;
  return std::nullopt;
}

std::string dtype_names() {
  std::string names;
  for (const Row& each : kTypes)
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names;
}

} // namespace quill::model
