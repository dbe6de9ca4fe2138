// A query as Spider's official parser sees it: the tree that exact-set match compares.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace quill::eval {

struct SpiderQuery;

/// A nested query. Equal when the queries are, whole and in order.
struct Nested {
  std::shared_ptr<const SpiderQuery> query;
  bool operator==(const Nested& other) const;
};

/// none, max, min, count, sum, avg
enum class Aggregate { none, max, min, count, sum, avg };
/// none - + * /
enum class Operation { none, minus, plus, times, divided };
/// not, between, =, >, <, >=, <=, !=, in, like, is, exists
enum class Test { negation, between, eq, gt, lt, ge, le, ne, in, like, is, exists };

struct ColumnUnit {
  Aggregate aggregate = Aggregate::none;
  std::string column;           ///< "__table.column__", "__all__"
  std::optional<bool> distinct; ///< nullopt: left out of the comparison
  bool operator==(const ColumnUnit&) const = default;
};

struct ValueUnit {
  Operation operation = Operation::none;
  ColumnUnit left;
  std::optional<ColumnUnit> right;
  bool operator==(const ValueUnit&) const = default;
};

/// Nothing (also: a value left out of the comparison), number, string, column, query.
using Operand = std::variant<std::monostate, double, std::string, ColumnUnit, Nested>;

struct Condition {
  bool negated = false;
  Test test = Test::eq;
  ValueUnit unit;
  Operand first, second;
  bool operator==(const Condition&) const = default;
};

/// Terms with "and" and "or" between them, as they stand: parentheses are not seen.
struct Conditions {
  std::vector<Condition> terms;
  std::vector<std::string> connectors;
  [[nodiscard]] std::size_t size() const { return terms.size() + connectors.size(); }
  bool operator==(const Conditions&) const = default;
};

struct SelectItem {
  Aggregate aggregate = Aggregate::none;
  ValueUnit unit;
  bool operator==(const SelectItem&) const = default;
};

struct Ordering {
  std::string direction = "asc"; ///< the last one that was written
  std::vector<ValueUnit> units;
  bool operator==(const Ordering&) const = default;
};

using TableUnit = std::variant<std::string, Nested>; ///< "__table__" or a query

struct SpiderQuery {
  std::optional<bool> distinct = false;
  std::vector<SelectItem> select;
  std::vector<TableUnit> tables;
  Conditions on, where, having;
  std::vector<ColumnUnit> group;
  std::optional<Ordering> order;
  bool limit = false; ///< the number is not looked at
  std::optional<Nested> intersect, excepted, united;
  bool operator==(const SpiderQuery&) const = default;
};

inline bool Nested::operator==(const Nested& other) const {
  return *query == *other.query;
}

} // namespace quill::eval
