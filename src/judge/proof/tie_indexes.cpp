#include "judge/proof/tie_indexes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "judge/proof/model.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge::proof {

namespace {

constexpr std::size_t kIndexesMax = 8;
constexpr std::size_t kColumnsMax = 12; ///< of one index

/// A column and the direction its index is declared in.
using Key = std::pair<const sql::Column*, bool>;

class Collector {
 public:
  Collector(const sql::Schema& schema, std::vector<std::string>& out)
      : schema_(schema), out_(out) {}

  /// An index on the columns that the query names of each table: a scan may read it instead.
  void cover(const sql::Query& query) {
    std::vector<const sql::Column*> named;
    std::vector<const sql::Table*> tables;
    sql::walk(query, [&](const sql::Expr& part) {
      if (const auto* column = part.as<sql::Column>())
        named.push_back(column);
      return sql::Descend::yes;
    });
    sql::walk_queries(query, [&](const sql::Query& block) {
      if (const auto* select = block.select(); select != nullptr && select->from)
        sql::walk_from(*select->from, [&](const sql::From& leaf) {
          const auto* name = std::get_if<sql::TableName>(&leaf.node);
          const auto* table = name != nullptr ? schema_.table(name->name) : nullptr;
          if (table != nullptr && std::find(tables.begin(), tables.end(), table) == tables.end())
            tables.push_back(table);
        });
    });
    for (const auto* table : tables)
      cover(*table, named);
  }

  void look_at(const sql::Query& query) {
    const auto* select = query.select();
    if (select == nullptr || !select->from)
      return;
    tables_.clear();
    sql::walk_from(*select->from, [&](const sql::From& leaf) {
      if (const auto* table = std::get_if<sql::TableName>(&leaf.node))
        if (const auto* declared = schema_.table(table->name))
          tables_.emplace_back(table->alias.empty() ? table->name : table->alias, declared);
    });
    add({}, query.order_by);
    for (const auto& item : select->items)
      sql::walk(
          *item.expr,
          [&](const sql::Expr& part) {
            const auto* call = part.as<sql::Call>();
            if (call != nullptr && call->over)
              add(call->over->partition_by, call->over->order_by);
            return sql::Descend::yes;
          },
          false);
  }

 private:
  void cover(const sql::Table& table, const std::vector<const sql::Column*>& named) {
    const auto home = fmt::format(" ON {} (", sql::quoted_name(table.name));
    if (std::any_of(out_.begin(), out_.end(),
                    [&](const auto& index) { return index.find(home) != std::string::npos; }))
      return; // it would be taken in place of the one that turns ties round
    std::vector<Key> keys;
    for (const auto* column : named) {
      const bool is_rowid = table.rowid_alias && same_name(table.primary_key[0], column->name);
      const bool known = std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
        return same_name(key.first->name, column->name);
      });
      if (!is_rowid && !known && table.column(column->name) != nullptr)
        keys.emplace_back(column, true);
    }
    if (!keys.empty() && keys.size() <= kColumnsMax && keys.size() < table.columns.size())
      write(table, keys);
  }

  void add(const std::vector<sql::ExprPtr>& equal, const std::vector<sql::OrderTerm>& order) {
    std::vector<Key> keys;
    for (const auto& expr : equal)
      keys.emplace_back(expr->as<sql::Column>(), false);
    for (const auto& term : order)
      keys.emplace_back(term.expr->as<sql::Column>(), !term.descending);
    const sql::Table* table = nullptr;
    for (const auto& [column, descending] : keys) {
      const auto* home = column == nullptr ? nullptr : home_of(*column);
      if (home == nullptr || (table != nullptr && table != home))
        return;
      table = home;
    }
    if (table != nullptr)
      write(*table, keys);
  }

  [[nodiscard]] const sql::Table* home_of(const sql::Column& column) const {
    for (const auto& [name, table] : tables_)
      if ((column.table.empty() || same_name(column.table, name)) &&
          table->column(column.name) != nullptr)
        return table;
    return nullptr;
  }

  void write(const sql::Table& table, const std::vector<Key>& keys) {
    std::string terms;
    for (const auto& [column, descending] : keys)
      terms += fmt::format("{}{}{}", terms.empty() ? "" : ", ", sql::quoted_name(column->name),
                           descending ? " DESC" : "");
    const auto rest = fmt::format(" ON {} ({})", sql::quoted_name(table.name), terms);
    const bool known = std::any_of(out_.begin(), out_.end(), [&](const std::string& index) {
      return index.size() > rest.size() &&
             index.compare(index.size() - rest.size(), rest.size(), rest) == 0;
    });
    if (!known && out_.size() < kIndexesMax)
      out_.push_back(fmt::format("CREATE INDEX quill_ties_{}{}", out_.size() + 1, rest));
  }

  const sql::Schema& schema_;
  std::vector<std::string>& out_;
  std::vector<std::pair<std::string, const sql::Table*>> tables_;
};

} // namespace

std::vector<std::string> tie_indexes(const sql::Query& query, const sql::Schema& schema) {
  std::vector<std::string> out;
  Collector collector(schema, out);
  sql::walk_queries(query, [&](const sql::Query& block) { collector.look_at(block); });
  collector.cover(query);
  return out;
}

} // namespace quill::judge::proof
