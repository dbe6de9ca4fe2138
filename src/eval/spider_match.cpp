#include "eval/spider_match.hpp"

#include <algorithm>
#include <set>

namespace quill::eval {

namespace {

/// How many of `a` find an equal partner in `b`, each partner once; and both sizes.
struct Overlap {
  std::size_t matched = 0, predicted = 0, gold = 0;
  [[nodiscard]] bool whole() const { return predicted == gold && matched == predicted; }
};

template <class T> Overlap overlap(const std::vector<T>& predicted, std::vector<T> gold) {
  Overlap found{.predicted = predicted.size(), .gold = gold.size()};
  for (const T& one : predicted)
    if (const auto partner = std::find(gold.begin(), gold.end(), one); partner != gold.end()) {
      gold.erase(partner);
      ++found.matched;
    }
  return found;
}

template <class T, class Take> auto each(const std::vector<T>& list, const Take& take) {
  std::vector<std::decay_t<decltype(take(list.front()))>> out;
  for (const T& one : list)
    out.push_back(take(one));
  return out;
}

bool same_select(const SpiderQuery& predicted, const SpiderQuery& gold) {
  return overlap(predicted.select, gold.select).whole();
}
bool same_select_units(const SpiderQuery& predicted, const SpiderQuery& gold) {
  const auto unit = [](const SelectItem& item) { return item.unit; };
  return overlap(each(predicted.select, unit), each(gold.select, unit)).whole();
}
bool same_where(const SpiderQuery& predicted, const SpiderQuery& gold) {
  return overlap(predicted.where.terms, gold.where.terms).whole();
}
bool same_where_units(const SpiderQuery& predicted, const SpiderQuery& gold) {
  const auto unit = [](const Condition& term) { return term.unit; };
  return overlap(each(predicted.where.terms, unit), each(gold.where.terms, unit)).whole();
}

/// Column names alone, without their tables: "__t.name__" gives "name__".
bool same_group_names(const SpiderQuery& predicted, const SpiderQuery& gold) {
  const auto name = [](const ColumnUnit& unit) {
    const std::size_t dot = unit.column.find('.');
    return dot == std::string::npos ? unit.column : unit.column.substr(dot + 1);
  };
  return overlap(each(predicted.group, name), each(gold.group, name)).whole();
}

/// Only where there is a GROUP BY: a HAVING without one is seen by its keyword alone.
bool same_group(const SpiderQuery& predicted, const SpiderQuery& gold) {
  if (predicted.group.empty() || gold.group.empty())
    return predicted.group.empty() == gold.group.empty();
  const auto column = [](const ColumnUnit& unit) { return unit.column; };
  return each(predicted.group, column) == each(gold.group, column) &&
         predicted.having == gold.having;
}

bool same_order(const SpiderQuery& predicted, const SpiderQuery& gold) {
  if (!gold.order)
    return !predicted.order;
  return predicted.order == gold.order && predicted.limit == gold.limit;
}

std::set<std::string> set_of(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}
bool same_connectors(const SpiderQuery& predicted, const SpiderQuery& gold) {
  return set_of(predicted.where.connectors) == set_of(gold.where.connectors);
}

bool same_set_operations(const SpiderQuery& predicted, const SpiderQuery& gold) {
  const auto same = [](const std::optional<Nested>& a, const std::optional<Nested>& b) {
    if (!a || !b)
      return a.has_value() == b.has_value();
    return spider_differences(*a->query, *b->query).empty();
  };
  return same(predicted.intersect, gold.intersect) && same(predicted.excepted, gold.excepted) &&
         same(predicted.united, gold.united);
}

/// Those of ON, WHERE and HAVING, one behind the other.
std::vector<Condition> all_terms(const SpiderQuery& query) {
  std::vector<Condition> terms = query.on.terms;
  terms.insert(terms.end(), query.where.terms.begin(), query.where.terms.end());
  terms.insert(terms.end(), query.having.terms.begin(), query.having.terms.end());
  return terms;
}
std::size_t count_ors(const SpiderQuery& query) {
  std::size_t count = 0;
  for (const Conditions* list : {&query.on, &query.where, &query.having})
    count += static_cast<std::size_t>(
        std::count(list->connectors.begin(), list->connectors.end(), "or"));
  return count;
}
std::size_t count_tests(const std::vector<Condition>& terms, Test test) {
  return static_cast<std::size_t>(std::count_if(
      terms.begin(), terms.end(), [&](const Condition& term) { return term.test == test; }));
}
std::size_t count_negated(const std::vector<Condition>& terms) {
  return static_cast<std::size_t>(std::count_if(
      terms.begin(), terms.end(), [](const Condition& term) { return term.negated; }));
}

std::set<std::string> keywords(const SpiderQuery& query) {
  std::set<std::string> words;
  const auto add = [&](bool there, const char* word) {
    if (there)
      words.insert(word);
  };
  add(!query.where.terms.empty(), "where");
  add(!query.group.empty(), "group");
  add(!query.having.terms.empty(), "having");
  add(query.order.has_value(), "order");
  if (query.order)
    words.insert(query.order->direction);
  add(query.limit, "limit");
  add(query.excepted.has_value(), "except");
  add(query.united.has_value(), "union");
  add(query.intersect.has_value(), "intersect");
  const auto terms = all_terms(query);
  add(count_ors(query) > 0, "or");
  add(count_negated(terms) > 0, "not");
  add(count_tests(terms, Test::in) > 0, "in");
  add(count_tests(terms, Test::like) > 0, "like");
  return words;
}
bool same_keywords(const SpiderQuery& predicted, const SpiderQuery& gold) {
  return keywords(predicted) == keywords(gold);
}

/// The tables of FROM as a bag. Two different queries in one FROM cannot be put in order by the
/// official script, which then stops: they match nothing.
bool same_tables(const SpiderQuery& predicted, const SpiderQuery& gold) {
  const auto names = [](const SpiderQuery& query) {
    std::multiset<std::string> out;
    for (const TableUnit& unit : query.tables)
      if (const auto* name = std::get_if<std::string>(&unit))
        out.insert(*name);
    return out;
  };
  const auto queries = [](const SpiderQuery& query) {
    std::vector<Nested> out;
    for (const TableUnit& unit : query.tables)
      if (const auto* nested = std::get_if<Nested>(&unit))
        out.push_back(*nested);
    return out;
  };
  const auto alike = [](const std::vector<Nested>& list) {
    return std::adjacent_find(list.begin(), list.end(), std::not_equal_to<>()) == list.end();
  };
  return names(predicted) == names(gold) && alike(queries(predicted)) && alike(queries(gold)) &&
         queries(predicted) == queries(gold);
}

/// Drops values of conditions; nested queries lose theirs too.
class ValueRemover {
 public:
  static SpiderQuery applied(SpiderQuery query) {
    for (Conditions* list : {&query.on, &query.having, &query.where})
      for (Condition& term : list->terms) {
        term.first = operand(term.first);
        term.second = operand(term.second);
      }
    for (std::optional<Nested>* side : {&query.intersect, &query.excepted, &query.united})
      if (*side)
        *side = nested(**side);
    return query;
  }

 private:
  static Operand operand(const Operand& value) {
    const auto* query = std::get_if<Nested>(&value);
    return query ? Operand(nested(*query)) : Operand();
  }
  static Nested nested(const Nested& value) {
    return {std::make_shared<const SpiderQuery>(applied(*value.query))};
  }
};

/// Puts the first column of a set in the place of each of its columns.
class ColumnMerger {
 public:
  ColumnMerger(const SpiderQuery& outermost, const SpiderSchema& schema, const ColumnSets& sets)
      : sets_(sets) {
    for (const TableUnit& unit : outermost.tables)
      if (const auto* table = std::get_if<std::string>(&unit))
        for (std::string& column : schema.columns_of(*table))
          valid_.insert(std::move(column));
  }

  [[nodiscard]] SpiderQuery applied(SpiderQuery query) const {
    query.distinct = std::nullopt;
    for (SelectItem& item : query.select)
      merge(item.unit);
    for (Conditions* list : {&query.on, &query.where, &query.having})
      for (Condition& term : list->terms)
        merge(term.unit);
    for (ColumnUnit& unit : query.group)
      merge(unit);
    if (query.order)
      for (ValueUnit& unit : query.order->units)
        merge(unit);
    for (std::optional<Nested>* side : {&query.intersect, &query.excepted, &query.united})
      if (*side)
        *side = Nested{std::make_shared<const SpiderQuery>(applied(*(*side)->query))};
    return query;
  }

 private:
  void merge(ColumnUnit& unit) const {
    unit.distinct = std::nullopt;
    if (const auto found = sets_.find(unit.column);
        found != sets_.end() && valid_.contains(unit.column))
      unit.column = found->second;
  }
  void merge(ValueUnit& unit) const {
    merge(unit.left);
    if (unit.right)
      merge(*unit.right);
  }

  const ColumnSets& sets_;
  std::set<std::string> valid_; ///< columns of the tables in the outermost FROM
};

struct Part {
  const char* name;
  bool (*same)(const SpiderQuery&, const SpiderQuery&);
};
constexpr Part kParts[] = {{"select", same_select},
                           {"select(no AGG)", same_select_units},
                           {"where", same_where},
                           {"where(no OP)", same_where_units},
                           {"group(no Having)", same_group_names},
                           {"group", same_group},
                           {"order", same_order},
                           {"and/or", same_connectors},
                           {"IUEN", same_set_operations},
                           {"keywords", same_keywords},
                           {"tables", same_tables}};

/// WHERE, GROUP BY, ORDER BY, LIMIT, joins, ORs and LIKEs.
std::size_t count_clauses(const SpiderQuery& query) {
  return static_cast<std::size_t>(!query.where.terms.empty()) +
         static_cast<std::size_t>(!query.group.empty()) +
         static_cast<std::size_t>(query.order.has_value()) + static_cast<std::size_t>(query.limit) +
         (query.tables.empty() ? 0 : query.tables.size() - 1) + count_ors(query) +
         count_tests(all_terms(query), Test::like);
}

std::size_t count_nested(const SpiderQuery& query) {
  std::size_t count = 0;
  for (const Condition& term : all_terms(query))
    for (const Operand* operand : {&term.first, &term.second})
      count += std::holds_alternative<Nested>(*operand) ? 1 : 0;
  for (const std::optional<Nested>* side : {&query.intersect, &query.excepted, &query.united})
    count += *side ? 1 : 0;
  return count;
}

bool aggregates(const ColumnUnit& unit) {
  return unit.aggregate != Aggregate::none;
}

/// As the official count is made: a NOT in WHERE or HAVING counts as an aggregate, and so does each
/// AND and OR in HAVING.
std::size_t count_aggregates(const SpiderQuery& query) {
  std::size_t count = count_negated(query.where.terms) + count_negated(query.having.terms) +
                      query.having.connectors.size();
  for (const SelectItem& item : query.select)
    count += item.aggregate != Aggregate::none ? 1 : 0;
  count +=
      static_cast<std::size_t>(std::count_if(query.group.begin(), query.group.end(), aggregates));
  if (query.order)
    for (const ValueUnit& unit : query.order->units)
      count +=
          (aggregates(unit.left) ? 1U : 0U) + (unit.right && aggregates(*unit.right) ? 1U : 0U);
  return count;
}

/// More than one of: aggregates, columns, conditions, groups.
std::size_t count_others(const SpiderQuery& query) {
  return static_cast<std::size_t>(count_aggregates(query) > 1) +
         static_cast<std::size_t>(query.select.size() > 1) +
         static_cast<std::size_t>(query.where.size() > 1) +
         static_cast<std::size_t>(query.group.size() > 1);
}

} // namespace

SpiderQuery comparable(const SpiderQuery& query, const SpiderSchema& schema,
                       const ColumnSets& sets) {
  return ColumnMerger(query, schema, sets).applied(ValueRemover::applied(query));
}

std::vector<std::string> spider_differences(const SpiderQuery& predicted, const SpiderQuery& gold) {
  std::vector<std::string> names;
  for (const Part& part : kParts)
    if (!part.same(predicted, gold))
      names.emplace_back(part.name);
  return names;
}

std::string spider_hardness(const SpiderQuery& query) {
  const std::size_t clauses = count_clauses(query), nested = count_nested(query),
                    others = count_others(query);
  if (clauses <= 1 && others == 0 && nested == 0)
    return "easy";
  if (nested == 0 && ((others <= 2 && clauses <= 1) || (clauses <= 2 && others < 2)))
    return "medium";
  if ((nested == 0 && others > 2 && clauses <= 2) || (nested == 0 && clauses == 3 && others <= 2) ||
      (clauses <= 1 && others == 0 && nested <= 1))
    return "hard";
  return "extra";
}

} // namespace quill::eval
