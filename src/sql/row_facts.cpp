#include "quill/sql/row_facts.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "quill/sql/walk.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

using Attributes = Dependencies::Attributes;

constexpr int kDepthMax = 16;            // of derived tables in derived tables
constexpr std::size_t kColumnsMax = 200; // wider answers are not looked at

bool holds(const Attributes& set, const Attributes& part) {
  return std::ranges::includes(set, part);
}

void add_key(std::vector<Attributes>& keys, Attributes key) {
  if (std::ranges::any_of(keys, [&](const auto& known) { return holds(key, known); }))
    return;
  std::erase_if(keys, [&](const auto& known) { return holds(known, key); });
  keys.push_back(std::move(key));
}

bool is_one(const ExprPtr& limit) {
  const auto* literal = limit ? limit->as<Literal>() : nullptr;
  return literal && literal->kind == Literal::Kind::integer && literal->text == "1";
}

bool is_constant(const Expr& expr) {
  const auto* literal = expr.as<Literal>();
  return (literal && literal->kind != Literal::Kind::null) || expr.as<Parameter>();
}

/// Facts of the queries looked at: a CTE may be read often.
using Known = std::map<const Query*, RowFacts>;

RowFacts facts_of(const Query& query, const Schema& schema, const Scope* outer, Known& known,
                  int depth);

/// One SELECT: columns of its sources as attributes, and one attribute more for each source's row.
class SelectFacts {
 public:
  SelectFacts(const Select& select, const Schema& schema, const Scope& scope, Known& known,
              int depth)
      : select_(select), schema_(schema), scope_(scope), known_(known), depth_(depth) {}

  RowFacts run() {
    RowFacts result;
    if (!number() || !outputs(result))
      return {};
    if (select_.from)
      conditions(*select_.from, false);
    equalities(select_.where.get(), nullptr);
    find_keys(result);
    return result;
  }

 private:
  struct Numbered {
    const Source* source;
    std::size_t row = 0;   ///< attribute of the row itself
    std::size_t first = 0; ///< of the first column
  };

  bool number() {
    std::size_t next = 0;
    for (const auto& source : scope_.sources()) {
      if (source.columns.empty() || source.columns.size() > kColumnsMax)
        return false;
      sources_.push_back({&source, next, next + 1});
      next += 1 + source.columns.size();
      know(sources_.back());
    }
    return !scope_.merges_columns();
  }

  void know(const Numbered& numbered) {
    const auto& source = *numbered.source;
    Attributes all;
    for (std::size_t c = 0; c < source.columns.size(); ++c)
      all.insert(numbered.first + c);
    dependencies_.add({numbered.row}, all);
    if (source.table) {
      for (std::size_t c = 0; c < source.columns.size(); ++c)
        origins_[numbered.first + c] = source.table->column(source.columns[c]);
      for (const auto& key : source.table->keys())
        know_key(numbered, key);
    } else if (source.query && depth_ < kDepthMax) {
      const auto inner = facts_of(*source.query, schema_, scope_.outer(), known_, depth_ + 1);
      if (inner.columns.size() == source.columns.size())
        know(numbered, inner);
    }
  }

  void know(const Numbered& numbered, const RowFacts& inner) {
    for (const auto& key : inner.keys) {
      Attributes from;
      for (const auto column : key)
        from.insert(numbered.first + column);
      dependencies_.add(from, {numbered.row});
    }
    for (std::size_t c = 0; c < inner.origins.size(); ++c)
      origins_[numbered.first + c] = inner.origins[c];
  }

  void know_key(const Numbered& numbered, const std::vector<std::string>& key) {
    Attributes from;
    for (const auto& name : key)
      if (const auto at = attribute(numbered, name))
        from.insert(*at);
    if (from.size() == key.size())
      dependencies_.add(from, {numbered.row});
  }

  static std::optional<std::size_t> attribute(const Numbered& numbered, std::string_view name) {
    const auto& columns = numbered.source->columns;
    const auto found = std::ranges::find_if(
        columns, [&](const std::string& column) { return same_name(column, name); });
    if (found == columns.end())
      return std::nullopt;
    return numbered.first + static_cast<std::size_t>(found - columns.begin());
  }

  [[nodiscard]] std::optional<std::size_t> attribute(const Expr& expr) const {
    const auto* column = expr.as<Column>();
    const auto* source = column && !column->quoted ? scope_.find(*column) : nullptr;
    for (const auto& numbered : sources_)
      if (numbered.source == source)
        return attribute(numbered, column->name);
    return std::nullopt;
  }

  [[nodiscard]] const ColumnInfo* origin(std::size_t at) const {
    const auto found = origins_.find(at);
    return found == origins_.end() ? nullptr : found->second;
  }
  [[nodiscard]] const ColumnInfo* binary_origin(std::size_t at) const {
    const auto* info = origin(at);
    return info && same_name(info->collation, "BINARY") ? info : nullptr;
  }

  /// Columns of the answer; false when a * is not known.
  bool outputs(RowFacts& facts) {
    for (const auto& item : select_.items) {
      if (const auto* star = item.expr->as<Star>()) {
        if (!star_outputs(*star, facts))
          return false;
        continue;
      }
      const auto* column = item.expr->as<Column>();
      facts.columns.push_back(!item.alias.empty() ? item.alias : column ? column->name : "");
      facts.not_null.push_back(!scope_.may_be_null(*item.expr));
      outputs_.push_back(attribute(*item.expr));
      facts.origins.push_back(outputs_.back() ? origin(*outputs_.back()) : nullptr);
      items_.push_back(item.expr.get());
    }
    return facts.columns.size() <= kColumnsMax;
  }

  bool star_outputs(const Star& star, RowFacts& facts) {
    bool found = false;
    for (const auto& numbered : sources_) {
      const auto& source = *numbered.source;
      if (!star.table.empty() && !same_name(star.table, source.name))
        continue;
      found = true;
      for (std::size_t c = 0; c < source.columns.size(); ++c) {
        facts.columns.push_back(source.columns[c]);
        const Expr column{Column{source.name, source.columns[c]}};
        facts.not_null.push_back(!source.name.empty() && !scope_.may_be_null(column));
        outputs_.push_back(numbered.first + c);
        facts.origins.push_back(origin(numbered.first + c));
        items_.emplace_back(nullptr);
      }
    }
    return found;
  }

  /// ON of inner joins holds for every row, unless an outer join may put NULLs in its place.
  void conditions(const From& from, bool nullable) {
    const auto* join = std::get_if<Join>(&from.node);
    if (!join)
      return;
    const auto kind = join->kind;
    const bool full = kind == Join::Kind::full;
    conditions(*join->left, nullable || full || kind == Join::Kind::right);
    conditions(*join->right, nullable || full || kind == Join::Kind::left);
    const bool inner = !full && kind != Join::Kind::left && kind != Join::Kind::right;
    if (inner && !nullable)
      equalities(join->on.get(), nullptr);
    if (kind == Join::Kind::left && !nullable)
      left_join(*join);
  }

  // A row of the left side meets at most one of the right when ON fixes a key of it.
  void left_join(const Join& join) {
    const auto left = rows_in(*join.left);
    const auto right = rows_in(*join.right);
    if (right.size() != 1)
      return;
    auto known = dependencies_;
    equalities(join.on.get(), &known);
    if (known.determine(left, right))
      dependencies_.add(left, right);
  }

  Attributes rows_in(const From& from) {
    Attributes rows;
    std::size_t at = position_of(*select_.from, from).value_or(0);
    walk_from(from, [&](const From&) { rows.insert(sources_.at(at++).row); });
    return rows;
  }

  /// How many leaves stand before `wanted`.
  static std::optional<std::size_t> position_of(const From& from, const From& wanted) {
    std::size_t before = 0;
    return position_of(from, wanted, before) ? std::optional(before) : std::nullopt;
  }
  static bool position_of(const From& from, const From& wanted, std::size_t& before) {
    if (&from == &wanted)
      return true;
    const auto* join = std::get_if<Join>(&from.node);
    if (!join)
      return ++before, false;
    return position_of(*join->left, wanted, before) || position_of(*join->right, wanted, before);
  }

  void equalities(const Expr* condition, Dependencies* into) {
    auto& target = into ? *into : dependencies_;
    for (const auto* part : conjuncts(condition)) {
      const auto* equal = part->as<Binary>();
      if (!equal || equal->op != "=")
        continue;
      equality(*equal->left, *equal->right, target);
      equality(*equal->right, *equal->left, target);
    }
  }

  // Values that compare equal are alike only between columns of one affinity.
  void equality(const Expr& side, const Expr& other, Dependencies& target) {
    const auto at = attribute(side);
    const auto* info = at ? binary_origin(*at) : nullptr;
    if (!info)
      return;
    const auto other_at = attribute(other);
    const auto* other_info = other_at ? binary_origin(*other_at) : nullptr;
    if (is_constant(other))
      target.add({}, {*at});
    else if (other_info && affinity(info->type) == affinity(other_info->type))
      target.add({*other_at}, {*at});
  }

  void find_keys(RowFacts& facts) {
    const bool aggregates =
        std::ranges::any_of(select_.items, [](const auto& i) { return has_aggregate(*i.expr); });
    if (select_.group_by.empty() && (aggregates || select_.having))
      return add_key(facts.keys, {});
    if (!select_.group_by.empty()) {
      group_key(facts);
    } else {
      Attributes rows;
      for (const auto& numbered : sources_)
        rows.insert(numbered.row);
      smallest(facts, rows);
    }
    if (select_.distinct && select_.distinct_on.empty())
      add_key(facts.keys, everything());
  }

  [[nodiscard]] Attributes everything() const {
    Attributes all;
    for (std::size_t c = 0; c < outputs_.size(); ++c)
      all.insert(c);
    return all;
  }

  /// Groups are told apart by their keys, when all of them are given.
  void group_key(RowFacts& facts) {
    Attributes given;
    for (const auto& key : select_.group_by) {
      const auto column = output_of(*key);
      if (!column)
        return;
      given.insert(*column);
    }
    Attributes wanted;
    for (const auto column : given) {
      if (!outputs_[column])
        return add_key(facts.keys, given);
      wanted.insert(*outputs_[column]);
    }
    reduce(facts, given, wanted);
  }

  [[nodiscard]] std::optional<std::size_t> output_of(const Expr& key) const {
    const auto at = attribute(key);
    const bool grouped = key.as<GroupingSet>() || key.as<Literal>();
    for (std::size_t c = 0; c < items_.size() && !grouped; ++c)
      if ((at && outputs_[c] == at) || (items_[c] && equal(*items_[c], key)))
        return c;
    return std::nullopt;
  }

  /// Keys among the columns of the answer that determine `wanted`: each alone, then a small one.
  void smallest(RowFacts& facts, const Attributes& wanted) {
    Attributes given;
    for (std::size_t c = 0; c < outputs_.size(); ++c)
      if (outputs_[c])
        given.insert(c);
    if (!dependencies_.determine(behind(given), wanted))
      return;
    if (dependencies_.determine({}, wanted))
      return add_key(facts.keys, {});
    for (const auto column : given)
      if (dependencies_.determine(behind({column}), wanted))
        add_key(facts.keys, {column});
    reduce(facts, given, wanted);
  }

  void reduce(RowFacts& facts, const Attributes& columns, const Attributes& wanted) {
    for (const bool forward : {true, false}) {
      Attributes key = columns;
      std::vector<std::size_t> order(columns.begin(), columns.end());
      if (!forward)
        std::ranges::reverse(order);
      for (const auto column : order) {
        key.erase(column);
        if (!dependencies_.determine(behind(key), wanted))
          key.insert(column);
      }
      add_key(facts.keys, std::move(key));
    }
  }

  [[nodiscard]] Attributes behind(const Attributes& columns) const {
    Attributes result;
    for (const auto column : columns)
      if (outputs_[column])
        result.insert(*outputs_[column]);
    return result;
  }

  const Select& select_;
  const Schema& schema_;
  const Scope& scope_;
  Known& known_;
  int depth_;
  std::vector<Numbered> sources_;
  std::vector<std::optional<std::size_t>> outputs_;  ///< attribute behind each column of the answer
  std::vector<const Expr*> items_;                   ///< null for a column of a *
  std::map<std::size_t, const ColumnInfo*> origins_; ///< by attribute
  Dependencies dependencies_;
};

RowFacts facts_of(const Body& body, const Schema& schema, const Scope& ctes, Known& known,
                  int depth) {
  if (const auto* select = std::get_if<Select>(&body.node)) {
    const Scope scope(*select, schema, &ctes);
    return SelectFacts(*select, schema, scope, known, depth).run();
  }
  if (const auto* arm = std::get_if<Arm>(&body.node))
    return facts_of(*arm->query, schema, &ctes, known, depth + 1);
  RowFacts result;
  if (const auto* values = std::get_if<Values>(&body.node)) {
    const auto width = values->rows.empty() ? 0 : values->rows[0].size();
    for (std::size_t c = 0; c < width; ++c)
      result.columns.push_back("column" + std::to_string(c + 1));
    result.not_null.resize(width, false);
    result.origins.resize(width, nullptr);
    if (values->rows.size() == 1)
      result.keys.emplace_back();
    return result;
  }
  const auto& set = std::get<SetOperation>(body.node);
  result = facts_of(*set.left, schema, ctes, known, depth);
  if (set.kind == SetOperation::Kind::union_) {
    result.keys.clear();
    result.not_null.assign(result.columns.size(), false);
    result.origins.assign(result.columns.size(), nullptr);
  }
  if (!set.all && !result.columns.empty()) {
    Attributes all;
    for (std::size_t c = 0; c < result.columns.size(); ++c)
      all.insert(c);
    add_key(result.keys, std::move(all));
  }
  return result;
}

RowFacts facts_of(const Query& query, const Schema& schema, const Scope* outer, Known& known,
                  int depth) {
  if (depth > kDepthMax)
    return {};
  if (const auto found = known.find(&query); found != known.end())
    return found->second;
  known[&query] = {}; // what a recursive CTE knows of itself
  const auto ctes = Scope::of_ctes(query, schema, outer);
  auto result = facts_of(query.body, schema, ctes, known, depth);
  if (is_one(query.limit) && !query.with_ties)
    result.keys = {{}};
  known[&query] = result;
  return result;
}

} // namespace

void Dependencies::add(Attributes from, Attributes to) {
  rules_.push_back({std::move(from), std::move(to)});
}

Dependencies::Attributes Dependencies::closure(Attributes attributes) const {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& rule : rules_) {
      if (!holds(attributes, rule.from) || holds(attributes, rule.to))
        continue;
      attributes.insert(rule.to.begin(), rule.to.end());
      grew = true;
    }
  }
  return attributes;
}

bool Dependencies::determine(const Attributes& from, const Attributes& to) const {
  return holds(closure(from), to);
}

bool RowFacts::has_key(const std::set<std::size_t>& given) const {
  return std::ranges::any_of(keys, [&](const auto& key) { return holds(given, key); });
}

RowFacts row_facts(const Query& query, const Schema& schema, const Scope* outer) {
  Known known;
  return facts_of(query, schema, outer, known, 0);
}

} // namespace quill::sql
