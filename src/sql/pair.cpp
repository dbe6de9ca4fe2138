#include "quill/sql/pair.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/index.hpp"
#include "quill/sql/walk.hpp"

namespace quill::sql {
namespace {

bool changes_place(const Features& a, const Features& b) {
  return a.joins != b.joins || a.tables != b.tables || a.subqueries != b.subqueries ||
         a.set_operations != b.set_operations || a.ctes != b.ctes ||
         a.correlated_hint != b.correlated_hint;
}

/// Columns given by each SELECT of the query, `*` not counted.
std::size_t items_of(const Query& query) {
  std::size_t count = 0;
  const auto body = [&](const auto& self, const Body& node) -> void {
    if (const auto* select = std::get_if<Select>(&node.node)) {
      count += select->items.size();
    } else if (const auto* set = std::get_if<SetOperation>(&node.node)) {
      self(self, *set->left);
      self(self, *set->right);
    }
  };
  walk_queries(query, [&](const Query& block) { body(body, block.body); });
  return count;
}

std::string type_of_change(const Pair& pair, const Query& before, const Query& after) {
  const auto a = features(before);
  const auto b = features(after);
  if (b.limit > a.limit)
    return "limit";
  if (!pair.needs.columns.empty() && (items_of(after) < items_of(before) || b.stars < a.stars))
    return "projection";
  if (changes_place(a, b))
    return "join";
  if (b.stars < a.stars || items_of(after) < items_of(before))
    return "projection";
  return "redundancy";
}

} // namespace

Json to_json(const Needs& needs) {
  Json result = Json::object();
  if (!needs.columns.empty())
    result["columns"] = needs.columns;
  if (needs.top)
    result["top"] = *needs.top;
  return result;
}

Needs needs_from_json(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  object.refuse_unknown({"columns", "top"});
  Needs result;
  result.columns = object.texts_or_empty("columns");
  if (!object.has("top"))
    return result;
  result.top = object.integer("top");
  if (*result.top < 1)
    throw Error(Exit::usage, {fmt::format("\"top\" is {}, not a count of rows", *result.top), where,
                              "give the number of first rows that matter, 1 or more"});
  return result;
}

Result<bool> set_after(Pair& pair, std::string_view script) {
  auto statements = split_statements(script);
  if (!statements)
    return statements.failure();
  std::vector<std::string> queries;
  std::vector<std::string> indexes;
  for (auto& statement : std::move(statements).value())
    (is_create_index(statement) ? indexes : queries).push_back(std::move(statement));
  if (queries.size() != 1)
    return Failure{fmt::format("{} statements beside CREATE INDEX; one is wanted",
                               queries.empty() ? "no" : std::to_string(queries.size()))};
  pair.after = std::move(queries[0]);
  pair.indexes = std::move(indexes);
  return true;
}

std::string pair_fingerprint(std::string_view before, std::string_view after,
                             const std::vector<std::string>& indexes) {
  std::vector<std::string> shapes;
  for (const auto& index : indexes)
    shapes.push_back(sha256_hex(index_shape(index)));
  std::ranges::sort(shapes);
  const auto same = std::ranges::unique(shapes);
  shapes.erase(same.begin(), same.end());
  return sha256_hex(fmt::format("{}\n{}\n{}", fingerprint(before), fingerprint(after),
                                fmt::join(shapes, "\n")))
      .substr(0, 16);
}

std::string optimisation_type(const Pair& pair, const Grammar& grammar) {
  if (!pair.indexes.empty() && fingerprint(pair.before) == fingerprint(pair.after))
    return "indexing";
  const auto before = parse(pair.before, grammar);
  const auto after = parse(pair.after, grammar);
  if (before && after)
    return type_of_change(pair, *before.value(), *after.value());
  return pair.indexes.empty() ? "redundancy" : "indexing";
}

} // namespace quill::sql
