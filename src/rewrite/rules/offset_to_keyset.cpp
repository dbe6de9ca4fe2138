// SELECT * FROM orders ORDER BY id LIMIT 20 OFFSET 40000
//   →  … WHERE id >= (SELECT id FROM orders ORDER BY id LIMIT 1 OFFSET 40000) ORDER BY id LIMIT 20
//
// Matches: ORDER BY, LIMIT and OFFSET over one base table.
// Must hold: ORDER BY reads columns of the table only, all in one direction, all NOT NULL, with a
// unique key among them (else a tie at the boundary could fall on either page); no GROUP BY,
// DISTINCT, window, set operation. The boundary is looked up by the statement itself, over the keys
// alone: a boundary written down as a number would be right for today's rows only.
// Why the rows are the same: in a total order the rows after the first m are those from the m+1st
// row's key on; with fewer rows the boundary is NULL and no row passes, as OFFSET gave none.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "offset-to-keyset", "limit", "OFFSET becomes a search from the key of the page's first row",
    "wide rows and an index on the order: only keys are skipped (a client that remembers the last "
    "key saves even that: 89x measured)",
    "small offsets, or no index on the order"};

bool is_paged(const Block& block) {
  const auto& query = block.query;
  bool windows = !query.windows.empty();
  for (const auto& item : block.select.items)
    windows |= sql::has_window(*item.expr);
  return query.limit && query.offset && integer_value(*query.limit).value_or(-1) >= 0 &&
         integer_value(*query.offset).value_or(0) > 0 && !query.order_by.empty() &&
         query.with.empty() && !block.select.distinct && !is_grouped(query) && !windows &&
         block.place != Place::arm;
}

/// The order's columns when they are all of one direction, NOT NULL and hold a key; empty else.
std::vector<sql::Column> total_order(const Block& block, const sql::Source& source) {
  std::vector<sql::Column> columns;
  std::vector<std::string> names;
  const auto& order = block.query.order_by;
  for (const auto& term : order) {
    const auto* column = term.expr->as<sql::Column>();
    const auto* info = column == nullptr ? nullptr : block.scope.info(*column);
    // a bare name that is left is an alias
    if (info == nullptr || column->table.empty() || !info->not_null || !is_binary(*info) ||
        block.scope.find(*column) != &source || term.descending != order[0].descending)
      return {};
    columns.push_back(*column);
    names.push_back(column->name);
  }
  return is_key(source, names) ? std::move(columns) : std::vector<sql::Column>();
}

sql::ExprPtr row_of(const std::vector<sql::Column>& columns) {
  if (columns.size() == 1)
    return sql::expr(sql::Column(columns[0]));
  sql::RowValue row;
  for (const auto& column : columns)
    row.items.push_back(sql::expr(sql::Column(column)));
  return sql::expr(std::move(row));
}

sql::QueryPtr boundary(Block& block, const std::vector<sql::Column>& columns) {
  auto query = std::make_unique<sql::Query>();
  sql::Select keys;
  for (const auto& column : columns)
    keys.items.push_back({sql::expr(sql::Column(column)), ""});
  keys.from = sql::clone(*block.select.from);
  keys.where = sql::clone(block.select.where);
  query->body.node = std::move(keys);
  for (const auto& term : block.query.order_by)
    query->order_by.push_back(sql::clone(term));
  query->limit = sql::integer(1);
  query->offset = std::move(block.query.offset);
  return query;
}

class OffsetToKeyset final : public WordedRule {
 public:
  OffsetToKeyset() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [](Block& block) -> std::optional<std::string> {
      const auto* source = is_paged(block) ? only_source(block.select, block.scope) : nullptr;
      const auto columns =
          source == nullptr ? std::vector<sql::Column>() : total_order(block, *source);
      if (columns.empty())
        return std::nullopt;
      const bool down = block.query.order_by[0].descending;
      auto from_there = sql::binary(down ? "<=" : ">=", row_of(columns),
                                    sql::expr(sql::Scalar{boundary(block, columns)}));
      block.select.where = sql::both(std::move(block.select.where), std::move(from_there));
      return "The page begins at the key of its first row, which is found by skipping keys instead "
             "of rows; the order has no ties, so the page is the same.";
    });
  }
};

} // namespace

RulePtr offset_to_keyset() {
  return std::make_unique<OffsetToKeyset>();
}

} // namespace quill::rewrite
