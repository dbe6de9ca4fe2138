#include "rewrite/index_shape.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/sql/parse.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

constexpr std::size_t kKeysMax = 4;    // columns an index searches or sorts by
constexpr std::size_t kColumnsMax = 7; // with the columns it only carries
constexpr std::size_t kNameMax = 60;   // bytes of an index name
constexpr std::size_t kShapesMax = 72; // asked of the planner for one statement

/// A part of an index: a column with its direction, or an expression.
struct Key {
  std::string text; ///< as CREATE INDEX has it
  std::string name; ///< as the index name has it
};

bool holds(const std::vector<Key>& keys, const Key& one) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const Key& known) { return same_name(known.name, one.name); });
}

/// Letters, digits and single underscores.
std::string as_name(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out;
}

class Shapes {
 public:
  explicit Shapes(std::vector<IndexShape>& out) : out_(out) {}

  void add(const Access& access) {
    access_ = &access;
    singles();
    composites();
    expressions();
    partials();
    coverings();
    sorted_lists();
    filtered();
  }

 private:
  // ---- what is made --------------------------------------------------------------------------

  void singles() {
    for (const auto* list : {&access_->tied, &access_->equal, &access_->listed, &access_->ranged,
                             &access_->grouped, &access_->extremes})
      for (const auto& column : *list)
        put("single", {plain(column)}, "");
    for (const auto& column : access_->liked)
      put("single", {{sql::quoted_name(column) + " COLLATE NOCASE", column + "_nocase"}}, "");
    if (!order_keys().empty())
      put("single", {order_keys().front()}, "");
  }

  void composites() {
    for (const auto& keys : searches())
      if (keys.size() > 1)
        put("composite", keys, "");
  }

  void expressions() {
    for (const auto& call : access_->calls) {
      const Key key{call, as_name(call)};
      put("expression", {key}, "");
      for (const auto* list : {&access_->ranged, &access_->tied, &access_->listed})
        if (!list->empty())
          put("expression", {key, plain(list->front())}, "");
      auto after_equal = columns(access_->equal);
      after_equal.push_back(key);
      if (after_equal.size() > 1)
        put("expression", after_equal, "");
      put("expression", carrying({key}), "");
    }
    if (!access_->group_terms.empty()) {
      std::vector<Key> keys;
      for (const auto& term : access_->group_terms)
        keys.push_back({term, as_name(term)});
      put("expression", keys, "");
      put("expression", carrying(keys), "");
    }
    if (access_->calls.size() > 1) {
      std::vector<Key> all;
      for (const auto& call : access_->calls)
        all.push_back({call, as_name(call)});
      put("expression", all, "");
      put("expression", carrying(all), "");
    }
  }

  /// A partial index leaves the column of its own condition out of its keys.
  void partials() {
    for (std::size_t i = 0; i < access_->conditions.size(); ++i) {
      const auto& column = access_->condition_columns[i];
      const auto& where = access_->conditions[i];
      bool first = true;
      for (auto keys : searches()) {
        std::erase_if(keys, [&](const Key& key) { return same_name(key.name, column); });
        if (keys.empty())
          continue;
        put("partial", keys, where, column);
        if (first)
          put("partial", carrying(keys), where, column);
        first = false;
      }
      if (first)
        put("partial", {plain(column)}, where, column);
    }
  }

  /// The rows that the table's own conditions let through, whatever these are.
  void filtered() {
    std::vector<std::string> wheres = access_->filters;
    if (wheres.size() > 1)
      wheres.insert(wheres.begin(), fmt::format("({})", fmt::join(wheres, ") AND (")));
    for (const auto& where : wheres) {
      const auto order = order_keys();
      put("partial", carrying(order), where, "filter");
      for (const auto* list : {&access_->tied, &access_->grouped, &access_->read})
        if (!columns(*list).empty())
          put("partial", {columns(*list).front()}, where, "filter");
      put("partial", order, where, "filter");
    }
  }

  void coverings() {
    for (const auto& keys : searches())
      put("covering", carrying(keys), "");
    if (searches().empty())
      put("covering", carrying({}), "");
  }

  /// ORDER BY or GROUP BY alone, with what is read.
  void sorted_lists() {
    for (const auto& keys : {order_keys(), columns(access_->grouped)}) {
      if (keys.empty())
        continue;
      put(keys.size() == 1 ? "single" : "composite", keys, "");
      put("covering", carrying(keys), "");
    }
  }

  // ---- of what -------------------------------------------------------------------------------

  static Key plain(const std::string& column) { return {sql::quoted_name(column), column}; }

  std::vector<Key> columns(const std::vector<std::string>& names) const {
    std::vector<Key> keys;
    for (const auto& name : names)
      if (!is_rowid(name))
        keys.push_back(plain(name));
    return keys;
  }

  bool is_rowid(const std::string& column) const {
    const auto& table = *access_->table;
    return table.rowid_alias && same_name(table.primary_key.front(), column);
  }

  /// The rowid ends every index, ascending: directions are turned so that it fits.
  std::vector<Key> order_keys() const {
    bool turned = false;
    for (const auto& key : access_->ordered)
      if (is_rowid(key.column)) {
        turned = key.descending;
        break;
      }
    std::vector<Key> keys;
    for (const auto& key : access_->ordered) {
      if (is_rowid(key.column))
        break;
      const bool descending = key.descending != turned;
      keys.push_back({sql::quoted_name(key.column) + (descending ? " DESC" : ""), key.column});
    }
    return keys;
  }

  /// Key lists: equalities in both orders with ties, then one list, one range, or the order.
  std::vector<std::vector<Key>> searches() const {
    const auto equal = columns(access_->equal);
    const auto tied = columns(access_->tied);
    std::vector<std::vector<Key>> out;
    for (const auto& prefix : {joined(tied, equal), joined(equal, tied), tied, equal}) {
      put_tails(out, prefix);
    }
    if (equal.size() == 2)
      put_tails(out, {equal[1], equal[0]});
    put_tails(out, columns(access_->listed));
    return out;
  }

  void put_tails(std::vector<std::vector<Key>>& out, const std::vector<Key>& prefix) const {
    const auto ranged = columns(access_->ranged);
    const auto listed = columns(access_->listed);
    keep(out, prefix);
    for (const auto& range : ranged)
      keep(out, joined(prefix, {range}));
    for (const auto& list : listed) {
      keep(out, joined(prefix, {list}));
      if (!ranged.empty())
        keep(out, joined(joined(prefix, {list}), {ranged[0]}));
    }
    if (!prefix.empty()) {
      keep(out, joined(prefix, order_keys()));
      keep(out, joined(prefix, columns(access_->grouped)));
      keep(out, joined(prefix, columns(access_->extremes)));
    }
  }

  static void keep(std::vector<std::vector<Key>>& out, std::vector<Key> keys) {
    if (!keys.empty() && keys.size() <= kKeysMax)
      out.push_back(std::move(keys));
  }

  static std::vector<Key> joined(std::vector<Key> keys, const std::vector<Key>& more) {
    for (const auto& key : more)
      if (!holds(keys, key))
        keys.push_back(key);
    return keys;
  }

  /// The keys and every other column that is read; empty when that would be too wide.
  std::vector<Key> carrying(std::vector<Key> keys) const {
    keys = joined(std::move(keys), columns(access_->read));
    return keys.size() > kColumnsMax ? std::vector<Key>() : keys;
  }

  // ---- put -----------------------------------------------------------------------------------

  void put(std::string_view kind, const std::vector<Key>& keys, const std::string& where,
           const std::string& where_name = "") {
    if (keys.empty() || out_.size() >= kShapesMax || is_there(keys, where) ||
        (keys.size() == 1 && is_rowid(keys[0].name)))
      return;
    std::vector<std::string> texts;
    std::string name = "idx_" + as_name(access_->table->name);
    for (const auto& key : keys) {
      texts.push_back(key.text);
      name += "_" + as_name(key.text);
    }
    if (!where.empty())
      name += "_if_" + as_name(where_name);
    const auto on = fmt::format(" ON {}({}){}", sql::quoted_name(access_->table->name),
                                fmt::join(texts, ", "), where.empty() ? "" : " WHERE " + where);
    if (!known_.insert(on).second)
      return;
    name = free_name(name);
    out_.push_back({std::string(kind), access_->table->name, name, "CREATE INDEX " + name + on});
  }

  std::string free_name(const std::string& wanted) {
    const auto base = wanted.substr(0, kNameMax);
    auto name = base;
    for (int i = 2; !names_.insert(name).second; ++i)
      name = fmt::format("{}_{}", base, i);
    return name;
  }

  /// Does the table have an index that begins with these columns?
  bool is_there(const std::vector<Key>& keys, const std::string& where) const {
    if (!where.empty())
      return false;
    const auto starts_with = [&](const std::vector<std::string>& index) {
      if (index.size() < keys.size())
        return false;
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (!same_name(index[i], keys[i].text))
          return false;
      return true;
    };
    return std::any_of(
        access_->table->indexes.begin(), access_->table->indexes.end(),
        [&](const sql::IndexInfo& index) { return !index.partial && starts_with(index.columns); });
  }

  std::vector<IndexShape>& out_;
  std::set<std::string> known_, names_;
  const Access* access_ = nullptr;
};

} // namespace

std::vector<IndexShape> index_shapes(const std::vector<Access>& accesses) {
  std::vector<IndexShape> out;
  Shapes shapes(out);
  for (const auto& access : accesses)
    shapes.add(access);
  return out;
}

} // namespace quill::rewrite
