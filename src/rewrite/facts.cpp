#include "rewrite/facts.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rewrite/blocks.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

constexpr engine::Limits kLookLimits{.rows = 1, .timeout_ms = 2000};
constexpr int kLooksMax = 24; // a look reads a table once

constexpr std::array kDateFunctions{"date", "datetime", "strftime", "substr", "substring"};

/// The question about one column whose answer is "no row" when the fact holds.
struct Look {
  std::set<std::string> Facts::* facts;
  const char* exception; ///< {0} = the column
};
constexpr Look kTexts{&Facts::texts, "typeof({0}) <> 'text'"};
// A date that SQLite itself would print: '2023-1-5' or a Julian day are not, nor is 31 February
// once a modifier makes it count.
constexpr Look kDates{
    &Facts::dates,
    "typeof({0}) <> 'text' OR NOT coalesce({0} = strftime('%Y-%m-%d %H:%M:%S', {0}, '+0 days'), 0) "
    "AND NOT coalesce({0} = strftime('%Y-%m-%d', {0}, '+0 days'), 0)"};
constexpr Look kIntegers{&Facts::integers, "typeof({0}) <> 'integer' OR {0} < -9007199254740992 "
                                           "OR {0} > 9007199254740992"};
constexpr Look kNumbers{&Facts::numbers, "typeof({0}) NOT IN ('integer', 'real')"};

class Looker {
 public:
  Looker(engine::Session& session, Facts facts) : session_(session), facts_(std::move(facts)) {}

  void ask(const Look& look, const sql::Table& table, const sql::ColumnInfo& column) {
    const auto name = fact_name(table.name, column.name);
    if (session_.engine() != engine::Engine::sqlite) {
      if (is_promised(look, column))
        (facts_.*look.facts).insert(name);
      return;
    }
    if (!facts_.asked.insert(fmt::format("{} {}", look.exception, name)).second ||
        (facts_.*look.facts).contains(name))
      return;
    const auto quoted = sql::quoted_name(column.name);
    if (holds(fmt::format("SELECT 1 FROM {} WHERE {} IS NOT NULL AND ({}) LIMIT 1",
                          sql::quoted_name(table.name), quoted,
                          fmt::format(fmt::runtime(look.exception), quoted))))
      (facts_.*look.facts).insert(name);
  }

  /// Of the foreign keys whose parent the block reads, too.
  void ask_parents(const sql::Table& child, const std::vector<sql::Source>& sources) {
    for (const auto& key : child.foreign_keys) {
      const auto* parent = session_.schema().table(key.table);
      const bool read = std::any_of(sources.begin(), sources.end(),
                                    [&](const auto& source) { return source.table == parent; });
      if (parent == nullptr || !read || key.columns.size() != 1 || key.target_columns.size() != 1 ||
          !parent->has_key(key.target_columns))
        continue;
      const auto name = fact_name(child.name, key.columns[0]);
      if (facts_.asked.insert("parents " + name).second && !facts_.parents.contains(name) &&
          holds(orphans(child, *parent, key)))
        facts_.parents.insert(name);
    }
  }

  Facts take() { return std::move(facts_); }

 private:
  /// A column of another engine holds what its type says.
  static bool is_promised(const Look& look, const sql::ColumnInfo& column) {
    const auto type = lower(column.type);
    const bool integer = type == "integer" || type == "smallint" || type == "tinyint";
    const bool number = integer || type == "bigint" || type.starts_with("double") ||
                        type == "real" || type == "float";
    return look.facts == &Facts::texts     ? sql::affinity(column.type) == sql::Affinity::text
           : look.facts == &Facts::dates   ? is_date_type(column.type)
           : look.facts == &Facts::numbers ? number
                                           : integer; // within 2^53 by its type
  }

  static std::string orphans(const sql::Table& child, const sql::Table& parent,
                             const sql::ForeignKey& key) {
    return fmt::format("SELECT 1 FROM {0} AS c WHERE c.{1} IS NOT NULL AND NOT EXISTS (SELECT 1 "
                       "FROM {2} AS p WHERE p.{3} = c.{1}) LIMIT 1",
                       sql::quoted_name(child.name), sql::quoted_name(key.columns[0]),
                       sql::quoted_name(parent.name), sql::quoted_name(key.target_columns[0]));
  }

  bool holds(const std::string& question) {
    if (++looks_ > kLooksMax)
      return false;
    const auto answer = session_.run(question, kLookLimits);
    return answer.status == engine::Status::ok && answer.row_count == 0;
  }

  engine::Session& session_;
  Facts facts_;
  int looks_ = 0;
};

bool is_date_function(const std::string& name) {
  return std::any_of(kDateFunctions.begin(), kDateFunctions.end(),
                     [&](const char* known) { return name == known; });
}

/// Columns directly below `expr`.
std::vector<const sql::Column*> columns_below(const sql::Expr& expr) {
  std::vector<const sql::Column*> out;
  each_expr(expr, [&](const sql::Expr& part) {
    if (const auto* column = part.as<sql::Column>())
      out.push_back(column);
  });
  return out;
}

void ask_about(const sql::Expr& part, const Block& block, Looker& looker) {
  const auto ask = [&](const Look& look) {
    for (const auto* column : columns_below(part)) {
      const auto* source = block.scope.find(*column);
      const auto* info = block.scope.info(*column);
      if (source != nullptr && source->table != nullptr && info != nullptr)
        looker.ask(look, *source->table, *info);
    }
  };
  if (const auto* call = part.as<sql::Call>(); call != nullptr && is_date_function(call->name))
    ask(kDates);
  if (part.as<sql::Match>() != nullptr)
    ask(kTexts);
  if (part.as<sql::Cast>() != nullptr)
    ask(kIntegers);
  const auto* binary = part.as<sql::Binary>();
  if (binary == nullptr || std::string_view("+-*/").find(binary->op) == std::string_view::npos)
    return;
  ask(kIntegers);
  ask(kNumbers);
}

} // namespace

Facts look_up_facts(const sql::Query& tree, engine::Session& session, Facts known) {
  Looker looker(session, std::move(known));
  auto copy = sql::clone(tree);
  each_block(*copy, session.schema(), [&](Block& block) {
    each_clause(block.query, [&](Clause clause, sql::ExprPtr& slot) {
      if (clause == Clause::where || clause == Clause::on || clause == Clause::having)
        each_expr(*slot, [&](const sql::Expr& part) { ask_about(part, block, looker); });
    });
    if (block.scope.sources().size() > 1)
      for (const auto& source : block.scope.sources())
        if (source.table != nullptr)
          looker.ask_parents(*source.table, block.scope.sources());
  });
  return looker.take();
}

bool text_orders_by_code_point(engine::Session& session) {
  // U+0100 is 00 01 in UTF-16LE and would sort before 'a' (61 00).
  const auto answer = session.run("SELECT 1 WHERE char(256) < 'a'", kLookLimits);
  return answer.status == engine::Status::ok && answer.row_count == 0;
}

bool is_date_type(std::string_view type) {
  const auto name = lower(type);
  return name == "date" || name == "timestamp" || name == "timestamp without time zone";
}

std::string fact_name(std::string_view table, std::string_view column) {
  return lower(table) + "." + lower(column);
}

bool is_fact(const std::set<std::string>& facts, const sql::Scope& scope,
             const sql::Column& column) {
  const auto* source = scope.find(column);
  return source != nullptr && source->table != nullptr &&
         facts.contains(fact_name(source->table->name, column.name));
}

} // namespace quill::rewrite
