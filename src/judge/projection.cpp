#include "judge/projection.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/sql/name.hpp"

namespace quill::judge {

namespace {

using sql::same_name;

using Names = std::vector<std::string>;

std::optional<std::size_t> place_of(const std::string& name, const Names& columns) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const std::string& c) { return same_name(c, name); });
  if (found == columns.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

/// A name as people write it; others are texts of expressions, which an engine may spell anew.
bool is_plain(std::string_view name) {
  const auto in_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), in_word);
}

Projection refused(std::string reason, bool fault_of_after) {
  return {.before = {}, .after = {}, .reason = std::move(reason), .fault_of_after = fault_of_after};
}

Projection all_columns(const Names& before, const Names& after) {
  if (before.size() != after.size())
    return refused(fmt::format("before has {} column{}, after {}", before.size(),
                               before.size() == 1 ? "" : "s", after.size()),
                   true);
  Projection out;
  out.before.resize(before.size());
  std::iota(out.before.begin(), out.before.end(), std::size_t{0});
  out.after = out.before;
  return out;
}

} // namespace

Projection project(const Names& before, const Names& after, const sql::Needs& needs) {
  if (needs.columns.empty())
    return all_columns(before, after);
  Projection out;
  for (const auto& name : needs.columns) {
    const auto in_before = place_of(name, before);
    if (!in_before)
      return refused(fmt::format("the needed column \"{}\" is not in before's answer ({})", name,
                                 fmt::join(before, ", ")),
                     false);
    auto in_after = place_of(name, after);
    if (!in_after && before.size() == after.size())
      in_after = in_before;
    if (!in_after)
      return refused(fmt::format("the needed column \"{}\" is not in after's answer ({})", name,
                                 fmt::join(after, ", ")),
                     true);
    out.before.push_back(*in_before);
    out.after.push_back(*in_after);
  }
  return out;
}

std::vector<std::string> names_from_outside(const Names& columns,
                                            const std::vector<std::size_t>& places) {
  Names out;
  for (const std::size_t place : places) {
    const auto& name = columns.at(place);
    const auto uses = std::count_if(columns.begin(), columns.end(),
                                    [&](const auto& other) { return same_name(other, name); });
    if (uses != 1 || !is_plain(name))
      return {};
    out.push_back(name);
  }
  return out;
}

std::optional<std::string> projected(const std::string& statement, const Names& names) {
  std::string list;
  for (const auto& name : names)
    list += (list.empty() ? "[" : ", [") + name + "]";
  const auto end = statement.find_last_not_of(" \t\r\n;");
  if (list.empty() || end == std::string::npos)
    return std::nullopt;
  // The line end closes a comment that the statement may end with.
  return "SELECT " + list + " FROM (" + statement.substr(0, end + 1) + "\n)";
}

engine::Row take(engine::Row&& row, const std::vector<std::size_t>& places) {
  engine::Row out;
  out.reserve(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t place = places[i];
    const bool again = std::find(places.begin() + static_cast<std::ptrdiff_t>(i) + 1, places.end(),
                                 place) != places.end();
    if (place >= row.size())
      out.emplace_back();
    else if (again)
      out.push_back(row[place]);
    else
      out.push_back(std::move(row[place]));
  }
  return out;
}

} // namespace quill::judge
