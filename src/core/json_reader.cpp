#include "core/json_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace quill::json_reader {

namespace {

/// ordered_map's own insertion looks through all members first, which makes a million keys
/// quadratic; duplicates are refused here already, so members go straight to the vector below it.
using Members = std::vector<std::pair<const std::string, Json>>;

Members& members_of(Json& object) {
  return *object.get_ptr<Json::object_t*>();
}

constexpr std::size_t kFewKeys = 16;
constexpr std::size_t kQuotedBytesMax = 80;

} // namespace

Builder::Builder(const std::size_t& bytes_read, int depth_max)
    : bytes_read_(bytes_read), depth_max_(static_cast<std::size_t>(std::max(depth_max, 0))) {}

bool Builder::refuse(std::string what) {
  defect_ = {std::move(what), bytes_read_ == 0 ? 0 : bytes_read_ - 1};
  return false;
}

bool Builder::put(Json value) {
  if (open_.empty()) {
    document_ = std::move(value);
    return true;
  }
  Open& parent = open_.back();
  if (parent.value.is_array())
    parent.value.push_back(std::move(value));
  else
    members_of(parent.value).emplace_back(std::move(parent.key), std::move(value));
  return true;
}

bool Builder::open(Json container) {
  if (open_.size() >= depth_max_)
    return refuse(fmt::format("nested deeper than {} levels", depth_max_));
  open_.push_back({std::move(container), {}});
  return true;
}

bool Builder::close() {
  Json value = std::move(open_.back().value);
  open_.pop_back();
  return put(std::move(value));
}

bool Builder::key(std::string& name) {
  Open& object = open_.back();
  const Members& members = members_of(object.value);
  if (members.size() == kFewKeys)
    for (const auto& [known, value] : members)
      object.keys.insert(known);
  const bool duplicate = members.size() < kFewKeys
                             ? std::any_of(
                                   members.begin(), members.end(),
                                   [&](const auto& member) { return member.first == name; })
                             : !object.keys.insert(name).second;
  if (duplicate)
    return refuse(fmt::format("key \"{}\" appears twice", text::clipped(name, kQuotedBytesMax)));
  object.key = std::move(name);
  return true;
}

bool Builder::null() {
  return put(nullptr);
}
bool Builder::boolean(bool value) {
  return put(value);
}
bool Builder::number_integer(Json::number_integer_t value) {
  return put(value);
}
bool Builder::number_unsigned(Json::number_unsigned_t value) {
  return put(value);
}
bool Builder::number_float(Json::number_float_t value, const std::string&) {
  return put(value);
}
bool Builder::string(std::string& value) {
  return put(std::move(value));
}
bool Builder::binary(Json::binary_t&) {
  return refuse("binary value");
}
bool Builder::start_object(std::size_t) {
  return open(Json::object());
}
bool Builder::end_object() {
  return close();
}
bool Builder::start_array(std::size_t) {
  return open(Json::array());
}
bool Builder::end_array() {
  return close();
}

bool Builder::parse_error(std::size_t position, const std::string&, const Json::exception& error) {
  defect_ = {plain_reason(error.what()), position == 0 ? 0 : position - 1};
  return false;
}

std::string plain_reason(std::string_view message) {
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while …"
  constexpr std::string_view kHead = "] parse error at ";
  const std::size_t head = message.find(kHead);
  const std::size_t skip = head == std::string_view::npos ? message.find("] ") : head;
  if (skip != std::string_view::npos)
    message.remove_prefix(skip + 2);
  if (head != std::string_view::npos && message.find(": ") != std::string_view::npos)
    message.remove_prefix(message.find(": ") + 2);
  constexpr std::size_t kReasonBytesMax = 200;
  return text::clipped(message, kReasonBytesMax);
}

} // namespace quill::json_reader
