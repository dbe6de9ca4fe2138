#include "sql/fields.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sql/spelling.hpp"

namespace quill::sql {

Fields::Fields(const Json& node, std::string_view kind,
               std::initializer_list<std::string_view> known)
    : node_(node), kind_(kind) {
  if (!node.is_object())
    throw Refusal{fmt::format("{} is no object", kind)};
  for (const auto& member : node.items())
    if (std::ranges::find(known, member.key()) == known.end())
      throw Refusal{fmt::format("{} with {} is not understood", kind, member.key())};
}

const Json* Fields::find(std::string_view key) const {
  const auto found = node_.find(key);
  return found == node_.end() ? nullptr : &*found;
}

const Json& Fields::at(std::string_view key) const {
  if (const auto* value = find(key))
    return *value;
  throw Refusal{fmt::format("{} without {}", kind_, key)};
}

const Json& Fields::list(std::string_view key) const {
  static const Json kEmpty = Json::array();
  const auto* value = find(key);
  if (value && !value->is_array())
    throw Refusal{fmt::format("{} of {} is no list", key, kind_)};
  return value ? *value : kEmpty;
}

std::string Fields::text(std::string_view key) const {
  const auto* value = find(key);
  if (value && !value->is_string())
    throw Refusal{fmt::format("{} of {} is no text", key, kind_)};
  return value ? value->get<std::string>() : std::string();
}

bool Fields::flag(std::string_view key) const {
  const auto* value = find(key);
  if (value && !value->is_boolean())
    throw Refusal{fmt::format("{} of {} is no flag", key, kind_)};
  return value && value->get<bool>();
}

std::size_t Fields::number(std::string_view key) const {
  const auto* value = find(key);
  if (!value)
    return 0;
  if (!value->is_number_integer() || value->get<std::int64_t>() < 0)
    throw Refusal{fmt::format("{} of {} is no count", key, kind_)};
  return value->get<std::size_t>();
}

NodeView view(const Json& node) {
  if (!node.is_object() || node.size() != 1)
    throw Refusal{"a parse node of unknown form"};
  return {node.begin().key(), node.begin().value()};
}

std::string string_of(const Json& node) {
  const auto [kind, content] = view(node);
  if (kind != "String")
    throw Refusal{fmt::format("{} where a name is wanted", kind)};
  return Fields(content, kind, {"sval"}).text("sval");
}

} // namespace quill::sql
