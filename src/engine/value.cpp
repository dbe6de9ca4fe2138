#include "quill/engine/value.hpp"

#include <cmath>

namespace quill::engine {
namespace {

std::string hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

struct ToJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const {
    if (std::isfinite(value))
      return value;
    return value > 0 ? "Infinity" : "-Infinity"; // SQLite has no NaN: it becomes NULL
  }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const Blob& value) const { return Json{{"blob", hex(value.bytes)}}; }
};

} // namespace

Json to_json(const Value& value) {
  return std::visit(ToJson{}, value);
}

} // namespace quill::engine
