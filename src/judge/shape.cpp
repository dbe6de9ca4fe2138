#include "judge/shape.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "quill/sql/name.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge {

namespace {

using sql::same_name;

struct OutputColumn {
  std::string name;
  bool approximate = false;
};
using Columns = std::vector<OutputColumn>;

/// A FROM leaf or a CTE by the name its columns are reached with.
struct NamedColumns {
  std::string name;
  std::optional<Columns> columns; ///< nullopt: a view
};

/// What a block sees: its FROM leaves, the CTEs, and the enclosing block.
struct Sight {
  const Sight* outer = nullptr;
  std::vector<NamedColumns> ctes;
  std::vector<NamedColumns> sources;
};

/// Goes down a query once. `known` turns false as soon as a column cannot be followed.
class ColumnTrace {
 public:
  explicit ColumnTrace(const sql::Schema& schema) : schema_(schema) {}

  Columns of(const sql::Query& query, const Sight* outer) {
    Sight sight{.outer = outer, .ctes = {}, .sources = {}};
    for (const auto& cte : query.with)
      add_cte(cte, query.recursive, sight);
    return of(query.body, sight);
  }

  [[nodiscard]] bool known() const { return known_; }

 private:
  void add_cte(const sql::Cte& cte, bool recursive, Sight& sight) {
    if (recursive) { // its own name stands for its first arm, then for what both arms give
      sight.ctes.push_back({cte.name, first_arm(*cte.query, sight)});
      rename(*sight.ctes.back().columns, cte.columns);
    }
    auto columns = of(*cte.query, &sight);
    rename(columns, cte.columns);
    sight.ctes.push_back({cte.name, std::move(columns)});
  }

  Columns first_arm(const sql::Query& query, const Sight& outer) {
    const sql::Body* body = &query.body;
    while (const auto* set = std::get_if<sql::SetOperation>(&body->node))
      body = set->left.get();
    return of(*body, Sight{.outer = &outer, .ctes = {}, .sources = {}});
  }

  static void rename(Columns& columns, const std::vector<std::string>& names) {
    for (std::size_t c = 0; c < std::min(columns.size(), names.size()); ++c)
      columns[c].name = names[c];
  }

  Columns of(const sql::Body& body, const Sight& sight) {
    if (const auto* set = std::get_if<sql::SetOperation>(&body.node)) {
      auto columns = of(*set->left, sight);
      const auto right = of(*set->right, sight);
      for (std::size_t c = 0; c < std::min(columns.size(), right.size()); ++c)
        columns[c].approximate = columns[c].approximate || right[c].approximate;
      return columns;
    }
    if (const auto* values = std::get_if<sql::Values>(&body.node))
      return of(*values, sight);
    if (const auto* arm = std::get_if<sql::Arm>(&body.node))
      return of(*arm->query, &sight);
    return of(std::get<sql::Select>(body.node), sight);
  }

  Columns of(const sql::Values& values, const Sight& sight) {
    Columns columns;
    for (const auto& row : values.rows)
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (c == columns.size())
          columns.push_back({"column" + std::to_string(c + 1), false});
        columns[c].approximate = columns[c].approximate || approximate(*row[c], sight);
      }
    return columns;
  }

  Columns of(const sql::Select& select, const Sight& enclosing) {
    Sight sight{.outer = &enclosing, .ctes = {}, .sources = {}};
    if (--blocks_left_ < 0) {
      known_ = false;
      return {};
    }
    bool merges = false;
    if (select.from)
      add_sources(*select.from, enclosing, sight, merges);
    Columns columns;
    for (const auto& item : select.items) {
      if (const auto* star = item.expr->as<sql::Star>())
        add_star(*star, sight, merges, columns);
      else
        columns.push_back({name_of(item), approximate(*item.expr, sight)});
    }
    return columns;
  }

  static std::string name_of(const sql::SelectItem& item) {
    if (!item.alias.empty())
      return item.alias;
    const auto* column = item.expr->as<sql::Column>();
    return column == nullptr ? std::string() : column->name;
  }

  void add_sources(const sql::From& from, const Sight& enclosing, Sight& sight, bool& merges) {
    if (const auto* join = std::get_if<sql::Join>(&from.node)) {
      merges = merges || join->natural || !join->using_columns.empty();
      add_sources(*join->left, enclosing, sight, merges);
      add_sources(*join->right, enclosing, sight, merges);
    } else if (const auto* derived = std::get_if<sql::Derived>(&from.node)) {
      sight.sources.push_back({derived->alias, of(*derived->query, &enclosing)});
    } else if (const auto* table = std::get_if<sql::TableName>(&from.node)) {
      sight.sources.push_back(
          {table->alias.empty() ? table->name : table->alias, columns_of(*table, enclosing)});
    } else { // a table function: what it gives is not known
      sight.sources.push_back({std::get<sql::TableFunction>(from.node).alias, std::nullopt});
    }
  }

  std::optional<Columns> columns_of(const sql::TableName& table, const Sight& enclosing) const {
    for (const Sight* sight = &enclosing; sight != nullptr; sight = sight->outer)
      for (auto cte = sight->ctes.rbegin(); cte != sight->ctes.rend(); ++cte)
        if (same_name(cte->name, table.name))
          return cte->columns;
    const sql::Table* declared = schema_.table(table.name);
    if (declared == nullptr)
      return std::nullopt;
    Columns columns;
    for (const auto& column : declared->columns)
      columns.push_back({column.name, false});
    return columns;
  }

  void add_star(const sql::Star& star, const Sight& sight, bool merges, Columns& columns) {
    known_ = known_ && !(merges && star.table.empty());
    for (const auto& source : sight.sources) {
      if (!star.table.empty() && !same_name(star.table, source.name))
        continue;
      known_ = known_ && source.columns.has_value();
      if (source.columns)
        columns.insert(columns.end(), source.columns->begin(), source.columns->end());
    }
  }

  bool approximate(const sql::Expr& expr, const Sight& sight) {
    bool found = false;
    sql::walk(
        expr,
        [&](const sql::Expr& part) {
          found = found || approximate_itself(part, sight);
          return found ? sql::Descend::no : sql::Descend::yes;
        },
        false);
    return found;
  }

  bool approximate_itself(const sql::Expr& part, const Sight& sight) {
    if (const auto* binary = part.as<sql::Binary>())
      return binary->op == "/";
    if (const auto* call = part.as<sql::Call>())
      return call->name == "sum" || call->name == "avg" || call->name == "total";
    if (const auto* scalar = part.as<sql::Scalar>()) {
      const auto columns = of(*scalar->query, &sight);
      return !columns.empty() && columns[0].approximate;
    }
    const auto* column = part.as<sql::Column>();
    return column != nullptr && approximate(*column, sight);
  }

  bool approximate(const sql::Column& column, const Sight& innermost) {
    for (const Sight* sight = &innermost; sight != nullptr; sight = sight->outer) {
      bool may_be_here = false;
      for (const auto& source : sight->sources) {
        if (!column.table.empty() && !same_name(column.table, source.name))
          continue;
        may_be_here = may_be_here || !source.columns;
        if (const auto* found = find(source, column.name))
          return found->approximate;
      }
      if (may_be_here) {
        known_ = false;
        return false;
      }
    }
    return false;
  }

  static const OutputColumn* find(const NamedColumns& source, std::string_view name) {
    if (!source.columns)
      return nullptr;
    const auto found =
        std::find_if(source.columns->begin(), source.columns->end(),
                     [&](const OutputColumn& column) { return same_name(column.name, name); });
    return found == source.columns->end() ? nullptr : &*found;
  }

  const sql::Schema& schema_;
  bool known_ = true;
  /// Recursive CTEs are gone through twice, so nested ones 2^depth times: a hostile query ends
  /// here.
  int blocks_left_ = 10'000;
};

} // namespace

std::optional<std::vector<bool>> approximate_columns(const sql::Query& query,
                                                     const sql::Schema& schema) {
  ColumnTrace trace(schema);
  const auto columns = trace.of(query, nullptr);
  if (!trace.known())
    return std::nullopt;
  std::vector<bool> out;
  for (const auto& column : columns)
    out.push_back(column.approximate);
  return out;
}

} // namespace quill::judge
