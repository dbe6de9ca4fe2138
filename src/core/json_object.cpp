// Checked access to an object's members: a wrong type names its place and key, and no number is
// bent to fit.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/text.hpp"
#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill {

namespace {

constexpr std::size_t kQuotedBytesMax = 80;

/// The value as an error shows it: short, and by kind where showing it whole would recurse.
std::string shown(const Json& value) {
  if (value.is_object())
    return "an object";
  if (value.is_array())
    return "a list";
  return text::clipped(dump_json(value), kQuotedBytesMax);
}

[[noreturn]] void refuse_member(const std::string& where, std::string_view key, const Json& value,
                                std::string_view wanted) {
  throw Error{Exit::usage,
              {.what = fmt::format("\"{}\" is {}, not {}", key, shown(value), wanted),
               .where = where,
               .fix = fmt::format("write {} there", wanted)}};
}

const Json* find_member(const Json& object, std::string_view key) {
  for (const auto& [name, value] : object.get_ref<const Json::object_t&>())
    if (name == key)
      return &value;
  return nullptr;
}

/// A member that is there and not null: null means unknown, which is what an absent key means.
const Json* find_given(const Json& object, std::string_view key) {
  const Json* value = find_member(object, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::vector<std::string> names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& member : object.get_ref<const Json::object_t&>())
    names.push_back(member.first);
  return names;
}

std::string text_of(const Json& value, const std::string& where, std::string_view key) {
  if (!value.is_string())
    refuse_member(where, key, value, "a text");
  return value.get<std::string>();
}

std::int64_t integer_of(const Json& value, const std::string& where, std::string_view key) {
  constexpr std::string_view kWanted = "a whole number";
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      refuse_member(where, key, value, "a whole number of 64 bits");
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  if (!value.is_number_float())
    refuse_member(where, key, value, kWanted);
  // Some writers spell 3 as 3.0; above 2^53 a double no longer says which whole number was meant.
  const double number = value.get<double>();
  if (number != std::trunc(number) || std::abs(number) > 0x1p53)
    refuse_member(where, key, value, kWanted);
  return static_cast<std::int64_t>(number);
}

double number_of(const Json& value, const std::string& where, std::string_view key) {
  if (!value.is_number())
    refuse_member(where, key, value, "a number");
  return value.get<double>();
}

bool boolean_of(const Json& value, const std::string& where, std::string_view key) {
  if (!value.is_boolean())
    refuse_member(where, key, value, "true or false");
  return value.get<bool>();
}

} // namespace

JsonObject::JsonObject(const Json& value, std::string where)
    : value_(&value), where_(std::move(where)) {
  if (!value.is_object())
    throw Error{Exit::usage,
                {.what = fmt::format("expected an object, found {}", shown(value)),
                 .where = where_,
                 .fix = "write {\"key\": value, …} there"}};
}

bool JsonObject::has(std::string_view key) const {
  return find_member(*value_, key) != nullptr;
}

const Json& JsonObject::at(std::string_view key) const {
  const Json* value = find_member(*value_, key);
  if (value != nullptr)
    return *value;
  const std::string near = nearest_word(key, names_of(*value_));
  throw Error{Exit::usage,
              {.what = fmt::format("key \"{}\" is missing", key),
               .where = where_,
               .fix = near.empty() ? fmt::format("add \"{}\"", key)
                                   : fmt::format("is \"{}\" meant to be \"{}\"?", near, key)}};
}

std::string JsonObject::text(std::string_view key) const {
  return text_of(at(key), where_, key);
}

std::string JsonObject::text_or(std::string_view key, std::string fallback) const {
  const Json* value = find_given(*value_, key);
  return value == nullptr ? std::move(fallback) : text_of(*value, where_, key);
}

std::int64_t JsonObject::integer(std::string_view key) const {
  return integer_of(at(key), where_, key);
}

std::int64_t JsonObject::integer_or(std::string_view key, std::int64_t fallback) const {
  const Json* value = find_given(*value_, key);
  return value == nullptr ? fallback : integer_of(*value, where_, key);
}

double JsonObject::number(std::string_view key) const {
  return number_of(at(key), where_, key);
}

double JsonObject::number_or(std::string_view key, double fallback) const {
  const Json* value = find_given(*value_, key);
  return value == nullptr ? fallback : number_of(*value, where_, key);
}

bool JsonObject::boolean_or(std::string_view key, bool fallback) const {
  const Json* value = find_given(*value_, key);
  return value == nullptr ? fallback : boolean_of(*value, where_, key);
}

std::vector<std::string> JsonObject::texts_or_empty(std::string_view key) const {
  const Json* list = find_given(*value_, key);
  if (list == nullptr)
    return {};
  if (!list->is_array())
    refuse_member(where_, key, *list, "a list of texts");
  std::vector<std::string> texts;
  for (const auto& item : *list) {
    if (!item.is_string())
      refuse_member(where_, key, *list, "a list of texts only");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

void JsonObject::refuse_unknown(const std::vector<std::string>& known) const {
  for (const auto& name : names_of(*value_)) {
    if (std::find(known.begin(), known.end(), name) != known.end())
      continue;
    const std::string near = nearest_word(name, known);
    throw Error{Exit::usage,
                {.what = fmt::format("unknown key \"{}\"", text::clipped(name, kQuotedBytesMax)),
                 .where = where_,
                 .fix = near.empty() ? fmt::format("known keys: {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean \"{}\"?", near)}};
  }
}

} // namespace quill
