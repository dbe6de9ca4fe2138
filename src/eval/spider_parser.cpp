#include "eval/spider_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "eval/spider_tokens.hpp"
#include "eval/words.hpp"

namespace quill::eval {

namespace {

using Words = std::span<const std::string>;

constexpr int kNestingMax = 100;
constexpr std::array<std::string_view, 9> kClauses = {
    "select", "from", "where", "group", "order", "limit", "intersect", "union", "except"};
constexpr std::array<std::string_view, 3> kJoins = {"join", "on", "as"};
constexpr std::array<std::string_view, 6> kAggregates = {"none",  "max", "min",
                                                         "count", "sum", "avg"};
constexpr std::array<std::string_view, 5> kOperations = {"none", "-", "+", "*", "/"};
constexpr std::array<std::string_view, 12> kTests = {
    "not", "between", "=", ">", "<", ">=", "<=", "!=", "in", "like", "is", "exists"};

template <std::size_t N>
std::optional<int> index_in(const std::array<std::string_view, N>& words, const std::string& word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() ? std::nullopt
                              : std::optional(static_cast<int>(found - words.begin()));
}
bool is_clause(const std::string& word) {
  return index_in(kClauses, word).has_value();
}
bool is_join(const std::string& word) {
  return index_in(kJoins, word).has_value();
}
/// What ends a list of tables, conditions, groups or orders.
bool is_end(const std::string& word) {
  return is_clause(word) || word == ")" || word == ";";
}

/// Leaves the parser; parse_spider() turns it into a failure.
struct NotSpider {
  std::string what;
};
[[noreturn]] void refuse(std::string what) {
  throw NotSpider{std::move(what)};
}

/// Digits with single underscores between them.
bool is_digits(std::string_view text) {
  bool digit = false;
  for (const char c : text) {
    const bool underscore = c == '_';
    if (underscore ? !digit : c < '0' || c > '9')
      return false;
    digit = !underscore;
  }
  return digit || text.empty();
}

/// `float(word)` of Python.
std::optional<double> python_number(const std::string& word) {
  std::string_view text = word;
  if (text.starts_with('+') || text.starts_with('-'))
    text.remove_prefix(1);
  if (text == "inf" || text == "infinity" || text == "nan")
    return text == "nan" ? std::nan("") : word.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  const std::size_t power = std::min(text.find('e'), text.size());
  const std::string_view mantissa = text.substr(0, power);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view part = point < mantissa.size() ? mantissa.substr(point + 1) : "";
  std::string_view exponent = power < text.size() ? text.substr(power + 1) : "";
  if (exponent.starts_with('+') || exponent.starts_with('-'))
    exponent.remove_prefix(1);
  const bool digits = !whole.empty() || !part.empty();
  if (!digits || !is_digits(whole) || !is_digits(part) || !is_digits(exponent) ||
      (power < text.size() && exponent.empty()))
    return std::nullopt;
  const std::string plain = replaced(word.substr(word.front() == '+' ? 1 : 0), "_", "");
  double value = 0;
  std::from_chars(plain.data(), plain.data() + plain.size(), value);
  return value;
}

/// Name → table, from every AS of the query and the tables themselves.
using Aliases = std::map<std::string, std::string>;

Aliases aliases_of(Words words, const SpiderSchema& schema) {
  Aliases aliases;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "as")
      continue;
    if (i == 0 || i + 1 == words.size())
      refuse("an \"as\" without a name");
    aliases[words[i + 1]] = words[i - 1];
  }
  for (const std::string& table : schema.tables()) {
    if (aliases.contains(table))
      refuse(fmt::format("the alias \"{}\" is the name of a table", table));
    aliases[table] = table;
  }
  return aliases;
}

struct Scope {
  const SpiderSchema& schema;
  const Aliases& aliases;
};

/// Reads one span of words. Each method starts at `at_` and leaves it behind what it read.
class Parser {
 public:
  Parser(Words words, Scope scope, int nesting, std::size_t at = 0)
      : words_(words), scope_(scope), nesting_(nesting), at_(at) {}

  SpiderQuery query() {
    if (nesting_ > kNestingMax)
      refuse(fmt::format("more than {} levels of queries", kNestingMax));
    SpiderQuery query;
    const std::size_t start = at_;
    const bool block = take("(");
    const std::size_t select_at = at_;
    at_ = start;
    from(query);
    Parser(words_, scope_, nesting_, select_at).with_tables(tables_).select(query);
    clauses(query);
    semicolons();
    if (block)
      expect(")");
    semicolons();
    set_operation(query);
    return query;
  }

  ColumnUnit column_unit() {
    const bool block = take("(");
    ColumnUnit unit;
    if (const auto aggregate = index_in(kAggregates, word())) {
      ++at_;
      expect("(");
      unit = {static_cast<Aggregate>(*aggregate), "", take("distinct")};
      unit.column = column();
      expect(")"); // a block around an aggregate is not closed here: the caller trips over it
      return unit;
    }
    unit.distinct = take("distinct");
    unit.column = column();
    if (block)
      expect(")");
    return unit;
  }

  Parser& with_tables(const std::vector<std::string>& tables) {
    tables_ = tables;
    return *this;
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= words_.size(); }
  [[nodiscard]] const std::string& word() const {
    if (done())
      refuse("the query ends too early");
    return words_[at_];
  }
  [[nodiscard]] bool is(std::string_view expected) const {
    return !done() && words_[at_] == expected;
  }
  bool take(std::string_view expected) {
    if (word() != expected)
      return false;
    ++at_;
    return true;
  }
  bool take_if_there(std::string_view expected) { return !done() && take(expected); }
  void expect(std::string_view expected) {
    if (!take(expected))
      refuse(fmt::format("\"{}\" where \"{}\" is expected", word(), expected));
  }

  std::string known(const std::string& name) const {
    const std::string* found = scope_.schema.identifier(name);
    if (!found)
      refuse(fmt::format("there is no \"{}\"", name));
    return *found;
  }
  std::string table_of(const std::string& name) const {
    const auto found = scope_.aliases.find(name);
    if (found == scope_.aliases.end())
      refuse(fmt::format("there is no table \"{}\"", name));
    return found->second;
  }

  std::string column() {
    const std::string name = word();
    ++at_;
    if (name == "*")
      return known(name);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      if (name.find('.', dot + 1) != std::string::npos)
        refuse(fmt::format("\"{}\" has two full stops", name));
      return known(table_of(name.substr(0, dot)) + name.substr(dot));
    }
    for (const std::string& table : tables_)
      if (scope_.schema.has_column(table_of(table), name))
        return known(table_of(table) + "." + name);
    refuse(fmt::format("no table of the query has a column \"{}\"", name));
  }

  ValueUnit value_unit() {
    const bool block = take("(");
    ValueUnit unit;
    unit.left = column_unit();
    if (const auto operation = done() ? std::nullopt : index_in(kOperations, word())) {
      unit.operation = static_cast<Operation>(*operation);
      ++at_;
      unit.right = column_unit();
    }
    if (block)
      expect(")");
    return unit;
  }

  Operand operand() {
    const std::size_t start = at_;
    const bool block = take("(");
    Operand value = plain_operand(start);
    if (block)
      expect(")");
    return value;
  }

  Operand plain_operand(std::size_t start) {
    if (is("select"))
      return Nested{std::make_shared<const SpiderQuery>(nested_query())};
    const std::string first = word();
    if (first.find('"') != std::string::npos)
      return ++at_, first;
    if (const auto number = python_number(first))
      return ++at_, *number;
    return column_operand(start);
  }

  /// A column; whatever stands behind it up to the next comma, bracket, AND or clause is lost, an
  /// OR too.
  Operand column_operand(std::size_t start) {
    while (!done() && !is(",") && !is(")") && !is("and") && !is_clause(word()) && !is_join(word()))
      ++at_;
    return Parser(words_.subspan(start, at_ - start), scope_, nesting_)
        .with_tables(tables_)
        .column_unit();
  }

  SpiderQuery nested_query() {
    Parser inner(words_, scope_, nesting_ + 1, at_);
    SpiderQuery query = inner.query();
    at_ = inner.at_;
    return query;
  }

  Condition condition() {
    Condition condition;
    condition.unit = value_unit();
    condition.negated = take("not");
    const auto test = index_in(kTests, word());
    if (!test)
      refuse(fmt::format("\"{}\" is no comparison", word()));
    condition.test = static_cast<Test>(*test);
    ++at_;
    condition.first = operand();
    if (condition.test == Test::between) {
      expect("and");
      condition.second = operand();
    }
    return condition;
  }

  Conditions conditions() {
    Conditions list;
    while (!done()) {
      if (list.terms.size() > list.connectors.size())
        refuse("two conditions without AND or OR between them");
      list.terms.push_back(condition());
      if (!done() && (is_end(word()) || is_join(word())))
        break;
      if (is("and") || is("or"))
        list.connectors.push_back(words_[at_++]);
    }
    return list;
  }

  void select(SpiderQuery& query) {
    expect("select");
    query.distinct = take_if_there("distinct");
    while (!done() && !is_clause(word())) {
      SelectItem item;
      if (const auto aggregate = index_in(kAggregates, word())) {
        item.aggregate = static_cast<Aggregate>(*aggregate);
        ++at_;
      }
      item.unit = value_unit();
      query.select.push_back(std::move(item));
      take_if_there(",");
    }
  }

  /// Everything in FROM is taken to be joined. The first FROM from here on is meant, wherever it
  /// is.
  void from(SpiderQuery& query) {
    const auto rest = words_.subspan(at_);
    const auto found = std::find(rest.begin(), rest.end(), "from");
    if (found == rest.end())
      refuse("there is no FROM");
    at_ += static_cast<std::size_t>(found - rest.begin()) + 1;
    while (!done()) {
      const bool block = take("(");
      table_unit(query);
      if (take_if_there("on"))
        join_conditions(query.on);
      if (block)
        expect(")");
      if (!done() && is_end(word()))
        break;
    }
  }

  void table_unit(SpiderQuery& query) {
    if (is("select")) {
      query.tables.emplace_back(Nested{std::make_shared<const SpiderQuery>(nested_query())});
      return;
    }
    take("join");
    const std::string table = table_of(word());
    query.tables.emplace_back(known(table));
    at_ += at_ + 1 < words_.size() && words_[at_ + 1] == "as" ? 3 : 1;
    tables_.push_back(table);
  }

  void join_conditions(Conditions& on) {
    Conditions more = conditions();
    if (!on.terms.empty())
      on.connectors.emplace_back("and");
    std::move(more.terms.begin(), more.terms.end(), std::back_inserter(on.terms));
    std::move(more.connectors.begin(), more.connectors.end(), std::back_inserter(on.connectors));
  }

  void clauses(SpiderQuery& query) {
    if (take_if_there("where"))
      query.where = conditions();
    if (take_if_there("group"))
      query.group = group();
    if (take_if_there("having"))
      query.having = conditions();
    if (take_if_there("order"))
      query.order = order();
    if (take_if_there("limit"))
      query.limit = limit();
  }

  std::vector<ColumnUnit> group() {
    expect("by");
    std::vector<ColumnUnit> units;
    while (!done() && !is_end(word())) {
      units.push_back(column_unit());
      if (!take_if_there(","))
        break;
    }
    return units;
  }

  Ordering order() {
    expect("by");
    Ordering order;
    while (!done() && !is_end(word())) {
      order.units.push_back(value_unit());
      if (is("desc") || is("asc"))
        order.direction = words_[at_++];
      if (!take_if_there(","))
        break;
    }
    return order;
  }

  bool limit() {
    (void)word(); // there must be one
    ++at_;
    return true;
  }

  void semicolons() {
    while (take_if_there(";"))
      continue;
  }

  void set_operation(SpiderQuery& query) {
    std::optional<Nested>* side = is("intersect") ? &query.intersect
                                  : is("union")   ? &query.united
                                  : is("except")  ? &query.excepted
                                                  : nullptr;
    if (!side)
      return;
    ++at_;
    *side = Nested{std::make_shared<const SpiderQuery>(nested_query())};
  }

  Words words_;
  Scope scope_;
  int nesting_;
  std::size_t at_;
  std::vector<std::string> tables_; ///< where columns without a table are looked for
};

} // namespace

SpiderSchema::SpiderSchema(const sql::Schema& schema) {
  identifiers_["*"] = "__all__";
  for (const sql::Table& table : schema.tables) {
    const std::string name = lower(table.name);
    tables_.push_back(name);
    identifiers_[name] = "__" + name + "__";
    for (const sql::ColumnInfo& column : table.columns) {
      const std::string full = name + "." + lower(column.name);
      columns_[name].push_back(lower(column.name));
      identifiers_[full] = "__" + full + "__";
    }
  }
}

bool SpiderSchema::has_column(const std::string& table, const std::string& column) const {
  const auto found = columns_.find(table);
  if (found == columns_.end())
    return false;
  return std::find(found->second.begin(), found->second.end(), column) != found->second.end();
}

const std::string* SpiderSchema::identifier(const std::string& name) const {
  const auto found = identifiers_.find(name);
  return found == identifiers_.end() ? nullptr : &found->second;
}

std::vector<std::string> SpiderSchema::columns_of(const std::string& table_identifier) const {
  std::vector<std::string> identifiers;
  for (const auto& [table, columns] : columns_)
    if ("__" + table + "__" == table_identifier)
      for (const std::string& column : columns)
        identifiers.push_back(fmt::format("__{}.{}__", table, column));
  return identifiers;
}

Result<SpiderQuery> parse_spider(std::string_view query, const SpiderSchema& schema) {
  const auto words = spider_tokens(query);
  if (!words)
    return words.failure();
  try {
    const Aliases aliases = aliases_of(words.value(), schema);
    return Parser(words.value(), {schema, aliases}, 0).query();
  } catch (const NotSpider& reason) {
    return Failure{reason.what};
  }
}

} // namespace quill::eval
