// A tree as text of a dialect, on one line or for people.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "quill/sql/dialect.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

class Printer {
 public:
  Printer(bool pretty, Dialect dialect) : pretty_(pretty), dialect_(dialect) {}
  void query(const Query& query);
  /// In parentheses when it binds less than `strength`.
  void expr(const Expr& expr, int strength = 0);
  /// Parts of queries, for people.
  void item(const SelectItem& item);
  void source(const From& from, bool in_list);
  void join_word(const Join& join);
  void join_condition(const Join& join);
  void order(const std::vector<OrderTerm>& terms);
  void window(const Window& window);
  /// These nested queries print as "(…)"; the set must outlive this.
  void leave_out(const std::set<const Query*>& queries) { left_out_ = &queries; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // print.cpp: queries
  void with(const Query& query);
  void cte(const Cte& cte);
  void body(const Body& body, const Query& query);
  void select(const Select& select, const Query& query);
  void items(const Select& select);
  void values(const Values& values);
  void set_operation(const SetOperation& set);
  void arm(const Body& body, const SetOperation& set, bool right);
  void limit(const Query& query);
  void condition(const char* keyword, const ExprPtr& expr);
  void spine(const Expr& expr);
  void nested(const Query& query);
  void in_parentheses(const Body& body);
  void clause(const char* text);
  void new_line();

  // print_from.cpp: FROM
  void from(const From& from, bool in_list);
  void join(const Join& join, bool in_list);
  void table(const TableName& table);
  void derived(const Derived& derived);
  void table_function(const TableFunction& function);
  void alias(const std::string& name, const std::vector<std::string>& columns);

  // print_expr.cpp: one function a node
  void node(const Column& n);
  void node(const Star& n);
  void node(const Literal& n);
  void node(const Parameter& n);
  void node(const Unary& n);
  void node(const Binary& n);
  void node(const Between& n);
  void node(const Match& n);
  void node(const InList& n);
  void node(const InQuery& n);
  void node(const Exists& n);
  void node(const Scalar& n);
  void node(const IsNull& n);
  void node(const Call& n);
  void node(const Case& n);
  void node(const Cast& n);
  void node(const Collate& n);
  void node(const RowValue& n);
  void node(const Quantified& n);
  void node(const Array& n);
  void node(const Access& n);
  void node(const NamedArgument& n);
  void node(const GroupingSet& n);
  void list(const std::vector<ExprPtr>& exprs);
  void bound(const Expr& expr);

  // print_call.cpp: calls
  void call_name(const Call& n);
  void arguments(const Call& n);
  void over(const Window& window);
  [[nodiscard]] bool in_words(const Call& n);
  void joined(const Call& n, const std::vector<const char*>& words);
  void trimmed(const Call& n);
  void regexp(const Match& n);
  [[nodiscard]] bool glob(const Match& n);

  [[nodiscard]] bool is_sqlite() const { return dialect_ == Dialect::sqlite; }
  [[nodiscard]] std::string quoted(const std::string& name) const;
  [[nodiscard]] std::string names(const std::vector<std::string>& names) const;

  bool pretty_;
  Dialect dialect_;
  std::size_t indent_ = 0;
  std::size_t unnamed_ = 0; ///< derived tables that got a name for want of one
  const std::set<const Query*>* left_out_ = nullptr;
  std::string out_;
};

} // namespace quill::sql
