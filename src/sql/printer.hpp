// A tree as SQLite's text, on one line or for people.
#pragma once

#include <string>

#include "quill/sql/tree.hpp"

namespace quill::sql {

class Printer {
 public:
  explicit Printer(bool pretty, std::size_t indent = 0) : pretty_(pretty), indent_(indent) {}
  void query(const Query& query);
  /// In parentheses when it binds less than `strength`.
  void expr(const Expr& expr, int strength = 0);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // print.cpp: queries
  void with(const Query& query);
  void cte(const Cte& cte);
  void body(const Body& body, const Query& query);
  void select(const Select& select, const Query& query);
  void items(const Select& select);
  void item(const SelectItem& item);
  void values(const Values& values);
  void set_operation(const SetOperation& set, const Query& query);
  void arm(const Body& body, bool right);
  void from(const From& from);
  void join(const Join& join);
  void source(const From& from);
  void condition(const char* keyword, const ExprPtr& expr);
  void spine(const Expr& expr);
  void order(const std::vector<OrderTerm>& terms);
  void window(const Window& window);
  void nested(const Query& query);
  void clause(const char* text);
  void new_line();

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
  void list(const std::vector<ExprPtr>& exprs);

  bool pretty_;
  std::size_t indent_;
  std::string out_;
};

} // namespace quill::sql
