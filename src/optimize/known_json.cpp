#include "optimize/known_json.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace quill::optimize {

namespace {

/// The texts of a brief by their keys.
struct BriefText {
  const char* key;
  std::string Brief::* text;
};
constexpr std::array kBriefTexts{
    BriefText{"engine", &Brief::engine},           BriefText{"before", &Brief::before},
    BriefText{"schema", &Brief::schema},           BriefText{"intent", &Brief::intent},
    BriefText{"blocks", &Brief::blocks},           BriefText{"plan", &Brief::plan},
    BriefText{"learnings", &Brief::learnings},     BriefText{"examples", &Brief::examples},
    BriefText{"regressions", &Brief::regressions}, BriefText{"critical", &Brief::critical},
    BriefText{"constraints", &Brief::constraints},
};

BlockCost block_from(const Json& block, const std::string& where) {
  const JsonObject object(block, where);
  return {.name = object.text("block"),
          .tables = object.texts_or_empty("tables"),
          .blocks = object.texts_or_empty("reads"),
          .cost = number_or_null(block, "cost")};
}

} // namespace

std::optional<double> number_or_null(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>())
                                                     : std::nullopt;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned char byte = 0;
    const char* end = hex.data() + at + 2;
    if (std::from_chars(hex.data() + at, end, byte, 16).ptr != end)
      break;
    out += static_cast<char>(byte);
  }
  return out;
}

Status status_named(std::string_view name) {
  for (const auto status : {Status::win, Status::improved, Status::neutral, Status::regression})
    if (to_string(status) == name)
      return status;
  return Status::error;
}

Role role_named(std::string_view name) {
  for (const auto role : {Role::rules, Role::analyst, Role::sniper})
    if (to_string(role) == name)
      return role;
  return Role::worker;
}

std::vector<PlanNode> plan_from(const Json& nodes, const std::string& where) {
  std::vector<PlanNode> out;
  for (const Json& node : nodes) {
    const JsonObject object(node, where);
    out.push_back({.depth = static_cast<int>(object.integer("depth")),
                   .text = object.text("node"),
                   .ms = number_or_null(node, "ms"),
                   .rows = number_or_null(node, "rows")});
  }
  return out;
}

Understanding understanding_from(const Json& document, const std::string& where) {
  const JsonObject object(document, where);
  Understanding out{.intent = object.text("intent"),
                    .blocks = {},
                    .unit = object.text("unit"),
                    .total = object.number_or("total", 0),
                    .plan = plan_from(object.at("plan"), where + ": plan")};
  for (const Json& block : object.at("blocks"))
    out.blocks.push_back(block_from(block, where + ": blocks"));
  return out;
}

Json to_json(const Brief& brief) {
  Json out{{"format_version", kFormatVersion}};
  for (const auto& [key, text] : kBriefTexts)
    out[key] = brief.*text;
  out["indexes"] = brief.indexes;
  return out;
}

Brief brief_from(const Json& document, const std::string& where) {
  const JsonObject object(document, where);
  Brief out;
  for (const auto& [key, text] : kBriefTexts)
    out.*text = object.text(key);
  out.indexes = object.boolean_or("indexes", true);
  return out;
}

} // namespace quill::optimize
