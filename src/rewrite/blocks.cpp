#include "rewrite/blocks.hpp"

#include <algorithm>
#include <utility>

#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

class BlockWalk {
 public:
  BlockWalk(const sql::Schema& schema, const std::function<void(Block&)>& visit)
      : schema_(schema), visit_(visit) {}

  void query(sql::Query& query, const Block* outer, Place place) {
    if (query.select() != nullptr)
      return block(query, outer, place);
    for (auto& cte : query.with)
      this->query(*cte.query, outer, Place::cte);
    arms(query, query.body, outer);
  }

 private:
  void block(sql::Query& query, const Block* outer, Place place) {
    sql::Select& select = *query.select();
    const sql::Scope scope(query, schema_, outer == nullptr ? nullptr : &outer->scope);
    Block block{query, select, scope, outer, place};
    if (place != Place::arm) // an arm only borrows its WITH
      for (auto& cte : query.with)
        this->query(*cte.query, &block, Place::cte);
    if (select.from)
      derived(*select.from, block);
    each_clause(query, [&](Clause, sql::ExprPtr& slot) { subqueries(slot, block); });
    visit_(block);
  }

  void derived(sql::From& from, const Block& outer) {
    if (auto* join = std::get_if<sql::Join>(&from.node)) {
      derived(*join->left, outer);
      derived(*join->right, outer);
    } else if (auto* table = std::get_if<sql::Derived>(&from.node)) {
      query(*table->query, &outer, Place::derived);
    }
  }

  void subqueries(sql::ExprPtr& slot, const Block& outer) {
    each_slot(slot, [&](sql::ExprPtr& part) {
      if (auto* in = part->as<sql::InQuery>())
        query(*in->query, &outer, Place::subquery);
      else if (auto* exists = part->as<sql::Exists>())
        query(*exists->query, &outer, Place::subquery);
      else if (auto* scalar = part->as<sql::Scalar>())
        query(*scalar->query, &outer, Place::subquery);
    });
  }

  /// An arm has no WITH of its own: it is visited in a wrapper that borrows the statement's, so
  /// that its names resolve.
  void arms(sql::Query& query, sql::Body& body, const Block* outer) {
    if (auto* set = std::get_if<sql::SetOperation>(&body.node)) {
      arms(query, *set->left, outer);
      arms(query, *set->right, outer);
    } else if (std::holds_alternative<sql::Select>(body.node)) {
      sql::Query wrapper;
      wrapper.recursive = query.recursive;
      wrapper.with = std::move(query.with);
      wrapper.body = std::move(body);
      block(wrapper, outer, Place::arm);
      body = std::move(wrapper.body);
      query.with = std::move(wrapper.with);
    }
  }

  const sql::Schema& schema_;
  const std::function<void(Block&)>& visit_;
};

bool is_alias(const sql::Select& select, const sql::Column& column) {
  for (const auto& item : select.items)
    if (column.table.empty() && same_name(item.alias, column.name))
      return true;
  return false;
}

const sql::Source* source_of(const sql::Column& column, const Block& block) {
  for (const Block* at = &block; at != nullptr; at = at->outer)
    if (const auto* source = at->scope.find(column))
      return source;
  return nullptr;
}

} // namespace

void each_block(sql::Query& root, const sql::Schema& schema,
                const std::function<void(Block&)>& visit) {
  BlockWalk(schema, visit).query(root, nullptr, Place::outermost);
}

namespace {

/// GROUP BY an alias or a position becomes GROUP BY the expression it stands for. A name of a
/// source goes before an alias here (sqlite.org/lang_select.html).
void spell_out_group_keys(Block& block) {
  auto& items = block.select.items;
  for (auto& key : block.select.group_by) {
    const auto position = integer_value(*key);
    const auto* bare = key->as<sql::Column>();
    if (position && *position >= 1 && *position <= static_cast<std::int64_t>(items.size())) {
      if (!items[static_cast<std::size_t>(*position) - 1].expr->as<sql::Star>())
        key = sql::clone(items[static_cast<std::size_t>(*position) - 1].expr);
      continue;
    }
    if (bare == nullptr || !is_alias(block.select, *bare) || source_of(*bare, block) != nullptr)
      continue;
    for (const auto& item : items)
      if (same_name(item.alias, bare->name)) {
        key = sql::clone(item.expr);
        break;
      }
  }
}

bool has_star(const sql::Select& select) {
  return std::any_of(select.items.begin(), select.items.end(),
                     [](const auto& item) { return item.expr->template as<sql::Star>(); });
}

} // namespace

void qualify(sql::Query& root, const sql::Schema& schema) {
  each_block(root, schema, [](Block& block) {
    if (!has_star(block.select)) // positions count what a star stands for
      spell_out_group_keys(block);
    each_clause(block.query, [&](Clause clause, sql::ExprPtr& slot) {
      // ORDER BY takes a bare name for an output column first (sqlite.org/lang_select.html).
      const auto* bare = slot->as<sql::Column>();
      if (clause == Clause::order && bare != nullptr && is_alias(block.select, *bare))
        return;
      each_slot(slot, [&](sql::ExprPtr& part) {
        auto* column = part->as<sql::Column>();
        if (column == nullptr || !column->table.empty())
          return;
        if (const auto* source = source_of(*column, block))
          column->table = source->name;
      });
    });
  });
}

} // namespace quill::rewrite
