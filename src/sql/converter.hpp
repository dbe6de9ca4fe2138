// libpg_query's JSON parse tree → Quill's tree. Every node kind is mapped exactly or refused by
// name.
#pragma once

#include <string>
#include <vector>

#include "sql/fields.hpp"
#include "sql/spelling.hpp"

namespace quill::sql {

class Converter {
 public:
  /// `spelled` must outlive this.
  explicit Converter(const Spelled& spelled) : spelled_(spelled) {}
  /// The whole document. \throws Refusal
  QueryPtr document(const Json& document);

 private:
  // converter.cpp: queries
  QueryPtr query(const Json& select_stmt);
  QueryPtr wrapped_query(const Json& node); ///< {"SelectStmt": …}
  Body body(const Fields& fields);
  Body arm(const Json& select_stmt);
  Select select(const Fields& fields);
  Values values(const Json& rows);
  SelectItem item(const Json& node);
  std::vector<Cte> with(const Json& with_clause, bool& recursive);
  Cte cte(const Json& node);
  void tail(Query& query, const Fields& fields);
  void set_kind(SetOperation& result, const std::string& op);

  // converter_from.cpp: FROM
  /// An alias with the columns it names.
  struct Alias {
    std::string name;
    std::vector<std::string> columns;
  };
  FromPtr from(const Json& node);
  FromPtr table(const Json& node);
  FromPtr derived(const Json& node);
  FromPtr table_function(const Json& node);
  FromPtr join(const Json& node);
  void join_condition(Join& join, const Fields& fields);
  Alias alias(const Json* node);

  // converter_expr.cpp: expressions
  ExprPtr expr(const Json& node);
  ExprPtr expr_or_null(const Json* node);
  ExprPtr expr_node(std::string_view kind, const Json& node);
  std::vector<ExprPtr> exprs(const Json& list);
  ExprPtr column_ref(const Json& node);
  ExprPtr param(const Json& node);
  ExprPtr a_expr(const Json& node);
  ExprPtr operation(const Fields& fields);
  ExprPtr like(const Fields& fields);
  ExprPtr in_list(const Fields& fields);
  bool stands_for_no_items(const Json& node) const;
  ExprPtr between(const Fields& fields, bool negated);
  ExprPtr bool_expr(const Json& node);
  ExprPtr negation(const Json& arg, std::size_t location);
  ExprPtr sub_link(const Json& node);
  ExprPtr null_test(const Json& node);
  ExprPtr func_call(const Json& node);
  ExprPtr case_expr(const Json& node);
  ExprPtr type_cast(const Json& node);
  ExprPtr collate(const Json& node);
  std::string type_name(const Json& node);
  void call_name(Call& call, const Json& names);
  ExprPtr row(const Json& node);

  // converter_postgres.cpp: what only PostgreSQL's and DuckDB's text holds
  ExprPtr own_node(std::string_view kind, const Json& node);
  ExprPtr constant(const Json& node);
  ExprPtr own_operation(const Fields& fields);
  ExprPtr quantified(const Fields& fields, bool all);
  ExprPtr boolean_test(const Json& node);
  ExprPtr value_function(const Json& node);
  ExprPtr keyword_call(std::string_view name, const Json& node);
  ExprPtr array(const Json& node);
  ExprPtr access(const Json& node);
  ExprPtr named_argument(const Json& node);
  ExprPtr grouping_set(const Json& node);
  std::string own_type_name(const Json& node);
  void own_call_name(Call& call, const Json& names, bool in_words);

  std::unique_ptr<Window> over(const Json* node);
  Window window(const Fields& fields);
  std::vector<OrderTerm> order(const Json& list);

  [[nodiscard]] bool is_verbatim() const { return spelled_.dialect != Dialect::sqlite; }
  [[nodiscard]] const SpelledName& origin(const std::string& spelled) const;
  [[nodiscard]] std::string name(const std::string& spelled) const;
  [[nodiscard]] std::string name_of(const Json& string_node) const;
  [[nodiscard]] const SpelledValue& value(const Json& param_ref) const;
  [[nodiscard]] const std::string* operator_at(std::size_t location) const;

  const Spelled& spelled_;
  int depth_ = 0;
};

/// frameOptions of a WindowDef as SQL text; "" for the default frame. Bounds with an offset stand
/// as
/// "{start}" and "{end}". \throws Refusal
[[nodiscard]] std::string frame_text(std::size_t options);

} // namespace quill::sql
