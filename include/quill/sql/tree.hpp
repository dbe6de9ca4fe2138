// A SELECT as a typed tree: what rules match on and rebuild. Plain values owned by unique pointers;
// copy with clone(). Unknown syntax never gets here: parse() refuses it and the query stays opaque.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quill::sql {

struct Expr;
struct Query;
struct From;
struct Body;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;
using FromPtr = std::unique_ptr<From>;
using BodyPtr = std::unique_ptr<Body>;

// ---- expressions -------------------------------------------------------------------------------

struct Column {
  std::string table; ///< alias or name as written; "" when unqualified
  std::string name;
  /// Written in double quotes and unqualified: SQLite reads it as a string where no column has this
  /// name. settle_quoted_names() (resolve.hpp) turns such into a Literal.
  bool quoted = false;
  std::string schema = {}; ///< of `table`, PostgreSQL and DuckDB only; "" when not written
};
struct Star {
  std::string table; ///< "" for a bare *
};
struct Literal {
  enum class Kind { null, integer, real, string, blob, boolean };
  Kind kind = Kind::null;
  std::string text; ///< digits as written; string content without quotes; "true"/"false"; blob hex
};
struct Parameter {
  std::string name; ///< "?", "?1", ":name", "@name", "$1"
};
struct Unary {
  std::string op; ///< "-", "+", "~", "NOT"
  ExprPtr arg;
};
/// Arithmetic, comparison, logic: + - * / % || & | << >> = <> < <= > >= AND OR, "IS", "IS NOT",
/// "->", "->>". From PostgreSQL and DuckDB also any operator of theirs ("^", "@>"). IS with a
/// boolean is IS TRUE, with anything else IS NOT DISTINCT FROM.
struct Binary {
  std::string op;
  ExprPtr left, right;
};
struct Between {
  ExprPtr arg, low, high;
  bool negated = false;
  bool symmetric = false; ///< PostgreSQL only
};
/// LIKE, GLOB, REGEXP, MATCH; ILIKE, SIMILAR TO. REGEXP is PostgreSQL's ~.
struct Match {
  std::string op;
  ExprPtr arg, pattern, escape; ///< escape may be null
  bool negated = false;
};
struct InList {
  ExprPtr arg;
  std::vector<ExprPtr> items;
  bool negated = false;
};
/// `left op ANY (…)` or ALL: over a sub-query, else over an array.
struct Quantified {
  std::string op;
  bool all = false;
  ExprPtr left;
  QueryPtr query; ///< null when over `array`
  ExprPtr array;
};
struct InQuery {
  ExprPtr arg; ///< a RowValue for (a, b) IN (SELECT …)
  QueryPtr query;
  bool negated = false;
};
struct Exists {
  QueryPtr query;
  bool negated = false;
};
struct Scalar {
  QueryPtr query;
};
struct IsNull {
  ExprPtr arg;
  bool negated = false;
};
struct OrderTerm {
  ExprPtr expr;
  bool descending = false;
  std::optional<bool> nulls_first; ///< as written; nullopt = the engine's default
};
struct Window {
  std::string base; ///< OVER name, or the base window; "" when none
  std::vector<ExprPtr> partition_by;
  std::vector<OrderTerm> order_by;
  std::string
      frame; ///< canonical text ("ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"), "" = default
};
struct Call {
  std::string name; ///< lower case
  std::vector<ExprPtr> args;
  bool star = false;     ///< count(*)
  bool distinct = false; ///< count(DISTINCT x)
  ExprPtr filter;        ///< FILTER (WHERE …), may be null
  std::unique_ptr<Window> over;
  /// Spelled in the standard's own words: extract(year FROM d), trim(BOTH x FROM y),
  /// substring(x FROM 1 FOR 2), position(x IN y), overlay(…), overlaps, timezone (AT TIME ZONE),
  /// current_date and its kin. `args` in PostgreSQL's order.
  bool in_words = false;
  std::vector<OrderTerm> order_by = {}; ///< string_agg(x, ',' ORDER BY y)
  bool within_group = false;            ///< ORDER BY stands in WITHIN GROUP (…)
  bool variadic = false;                ///< of the last argument
  std::string schema = {};              ///< "" when not written
};
struct CaseWhen {
  ExprPtr when, then;
};
struct Case {
  ExprPtr operand; ///< may be null
  std::vector<CaseWhen> branches;
  ExprPtr otherwise; ///< may be null
};
struct Cast {
  ExprPtr arg;
  std::string type; ///< as written, upper case
};
struct Collate {
  ExprPtr arg;
  std::string collation;
};
struct RowValue {
  std::vector<ExprPtr> items;
  bool row_word = false; ///< ROW(a, b)
};
/// ARRAY[a, b] or ARRAY(SELECT …).
struct Array {
  std::vector<ExprPtr> items;
  QueryPtr query; ///< null for a list
};
/// One step into a value: [low], [low:high] or .field ("*" for all).
struct Step {
  ExprPtr low, high; ///< low holds a plain index
  bool slice = false;
  std::string field; ///< "" for an index
};
struct Access {
  ExprPtr arg;
  std::vector<Step> steps;
};
/// An argument with its name: f(a => 1).
struct NamedArgument {
  std::string name;
  ExprPtr arg;
};
/// ROLLUP (…), CUBE (…), GROUPING SETS (…), and the empty set (): in GROUP BY only. A RowValue is a
/// set of several columns.
struct GroupingSet {
  enum class Kind { empty, rollup, cube, sets };
  Kind kind = Kind::empty;
  std::vector<ExprPtr> items;
};

struct Expr {
  std::variant<Column, Star, Literal, Parameter, Unary, Binary, Between, Match, InList, InQuery,
               Exists, Scalar, IsNull, Call, Case, Cast, Collate, RowValue, Quantified, Array,
               Access, NamedArgument, GroupingSet>
      node;

  template <class T> [[nodiscard]] const T* as() const { return std::get_if<T>(&node); }
  template <class T> [[nodiscard]] T* as() { return std::get_if<T>(&node); }
};

// ---- FROM ---------------------------------------------------------------------------------------

struct TableName {
  std::string schema; ///< "" when not written
  std::string name;
  std::string alias;                     ///< "" when none
  std::vector<std::string> columns = {}; ///< t AS a (x, y); empty when not written
  bool only = false;                     ///< PostgreSQL's ONLY t
  /// SQLite's hint: "NOT INDEXED" or the index of INDEXED BY after a blank; "" when none.
  std::string hint = {};
};
struct Derived {
  QueryPtr query;
  std::string alias; ///< "" when none was written (SQLite and DuckDB allow it)
  std::vector<std::string> columns = {};
  bool lateral = false;
};
/// A call in FROM: json_each(x), generate_series(1, 9).
struct TableFunction {
  ExprPtr call;
  std::string alias = {};
  std::vector<std::string> columns = {};
  bool lateral = false;
  bool ordinality = false;
};
struct Join {
  enum class Kind { inner, left, right, full, cross, comma };
  Kind kind = Kind::inner;
  bool natural = false;
  FromPtr left, right;
  ExprPtr on; ///< may be null
  std::vector<std::string> using_columns;
};
struct From {
  std::variant<TableName, Derived, Join, TableFunction> node;
};

// ---- queries ------------------------------------------------------------------------------------

struct SelectItem {
  ExprPtr expr;
  std::string alias; ///< "" when none
};
struct Select {
  bool distinct = false;
  std::vector<ExprPtr> distinct_on = {}; ///< DISTINCT ON (…); then `distinct` is true
  std::vector<SelectItem> items;
  FromPtr from; ///< may be null
  ExprPtr where;
  std::vector<ExprPtr> group_by;
  ExprPtr having;
};
struct Values {
  std::vector<std::vector<ExprPtr>> rows;
};
struct SetOperation {
  enum class Kind { union_, intersect, except };
  Kind kind = Kind::union_;
  bool all = false; ///< of INTERSECT and EXCEPT not in SQLite
  BodyPtr left, right;
};
/// An arm in parentheses, with ORDER BY, LIMIT, WITH or WINDOW of its own. SQLite has none.
struct Arm {
  QueryPtr query;
};
struct Body {
  std::variant<Select, Values, SetOperation, Arm> node;
};
struct Cte {
  std::string name;
  std::vector<std::string> columns;
  std::optional<bool> materialized; ///< as written
  QueryPtr query;
};
struct NamedWindow {
  std::string name;
  Window window;
};

/// WITH … body ORDER BY … LIMIT … OFFSET. A plain SELECT is a Query whose body is a Select.
struct Query {
  bool recursive = false;
  std::vector<Cte> with;
  Body body;
  std::vector<NamedWindow> windows; ///< of a Select body
  std::vector<OrderTerm> order_by;
  ExprPtr limit, offset;  ///< may be null
  bool with_ties = false; ///< FETCH FIRST … WITH TIES

  [[nodiscard]] Select* select() { return std::get_if<Select>(&body.node); }
  [[nodiscard]] const Select* select() const { return std::get_if<Select>(&body.node); }
};

// ---- copies and comparison ----------------------------------------------------------------------

[[nodiscard]] ExprPtr clone(const Expr& expr);
[[nodiscard]] ExprPtr clone(const ExprPtr& expr); ///< null stays null
[[nodiscard]] FromPtr clone(const From& from);
[[nodiscard]] QueryPtr clone(const Query& query);
[[nodiscard]] Select clone(const Select& select);
[[nodiscard]] Body clone(const Body& body);
[[nodiscard]] OrderTerm clone(const OrderTerm& term);
/// Structural equality (names compared without case, literals exactly).
[[nodiscard]] bool equal(const Expr& a, const Expr& b);
[[nodiscard]] bool equal(const Query& a, const Query& b);

// ---- building -----------------------------------------------------------------------------------

[[nodiscard]] ExprPtr column(std::string table, std::string name);
[[nodiscard]] ExprPtr integer(long long value);
[[nodiscard]] ExprPtr text(std::string value);
[[nodiscard]] ExprPtr null();
[[nodiscard]] ExprPtr binary(std::string op, ExprPtr left, ExprPtr right);
[[nodiscard]] ExprPtr call(std::string name, std::vector<ExprPtr> args);
/// a AND b, where either may be null.
[[nodiscard]] ExprPtr both(ExprPtr a, ExprPtr b);
template <class T> [[nodiscard]] ExprPtr expr(T node) {
  return std::make_unique<Expr>(Expr{std::move(node)});
}
template <class T> [[nodiscard]] FromPtr from(T node) {
  return std::make_unique<From>(From{std::move(node)});
}

/// The conjuncts of `a AND (b AND c)`, in order; empty for null.
[[nodiscard]] std::vector<const Expr*> conjuncts(const Expr* expr);
/// Takes the tree apart into owned conjuncts, and puts conjuncts together again (null when empty).
[[nodiscard]] std::vector<ExprPtr> split_conjuncts(ExprPtr expr);
[[nodiscard]] ExprPtr join_conjuncts(std::vector<ExprPtr> parts);

} // namespace quill::sql
