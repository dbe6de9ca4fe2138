// FROM as text. SQLite's comma is a join like any other; PostgreSQL's and DuckDB's binds less than
// JOIN, so there a comma under a JOIN is a CROSS JOIN.
#include "quill/sql/parse.hpp"
#include "sql/printer.hpp"

namespace quill::sql {
namespace {

bool has_condition(const Join& join) {
  return join.on || join.natural || !join.using_columns.empty();
}

bool is_comma(const Join& join) {
  return join.kind == Join::Kind::comma && !has_condition(join);
}

const char* join_text(Join::Kind kind) {
  switch (kind) {
  case Join::Kind::inner:
  case Join::Kind::comma:
    return "JOIN ";
  case Join::Kind::left:
    return "LEFT JOIN ";
  case Join::Kind::right:
    return "RIGHT JOIN ";
  case Join::Kind::full:
    return "FULL JOIN ";
  case Join::Kind::cross:
    return "CROSS JOIN ";
  }
  return "";
}

} // namespace

void Printer::alias(const std::string& name, const std::vector<std::string>& columns) {
  if (!name.empty())
    out_ += " AS " + quoted(name);
  if (!columns.empty())
    out_ += ' ' + names(columns);
}

void Printer::table(const TableName& table) {
  if (table.only)
    out_ += "ONLY ";
  if (!table.schema.empty())
    out_ += quoted(table.schema) + '.';
  out_ += quoted(table.name);
  alias(table.alias, table.columns);
  if (!is_sqlite() || table.hint.empty())
    return;
  const bool by_index = table.hint.front() == ' ';
  out_ += by_index ? " INDEXED BY " + quoted(table.hint.substr(1)) : " NOT INDEXED";
}

// PostgreSQL 15 wants a name.
void Printer::derived(const Derived& derived) {
  if (derived.lateral)
    out_ += "LATERAL ";
  nested(*derived.query);
  const bool unnamed = derived.alias.empty() && dialect_ == Dialect::postgres;
  alias(unnamed ? "unnamed_" + std::to_string(++unnamed_) : derived.alias, derived.columns);
}

void Printer::table_function(const TableFunction& function) {
  if (function.lateral)
    out_ += "LATERAL ";
  expr(*function.call);
  if (function.ordinality)
    out_ += " WITH ORDINALITY";
  alias(function.alias, function.columns);
}

void Printer::source(const From& from, bool in_list) {
  if (const auto* table = std::get_if<TableName>(&from.node)) {
    this->table(*table);
  } else if (const auto* derived = std::get_if<Derived>(&from.node)) {
    this->derived(*derived);
  } else if (const auto* function = std::get_if<TableFunction>(&from.node)) {
    table_function(*function);
  } else {
    out_ += '(';
    this->from(from, in_list);
    out_ += ')';
  }
}

void Printer::from(const From& from, bool in_list) {
  if (const auto* node = std::get_if<Join>(&from.node))
    join(*node, in_list);
  else
    source(from, in_list);
}

void Printer::join(const Join& join, bool in_list) {
  const bool comma = is_comma(join) && (in_list || is_sqlite());
  from(*join.left, is_sqlite() || (in_list && comma));
  const auto* right = std::get_if<Join>(&join.right->node);
  if (comma) {
    out_ += ", ";
    // A JOIN after PostgreSQL's comma needs no parentheses, a comma after it cannot have them.
    if (right && !is_sqlite() && !is_comma(*right))
      return from(*join.right, false);
    return source(*join.right, is_sqlite());
  }
  indent_ += 2;
  new_line();
  indent_ -= 2;
  join_word(join);
  source(*join.right, is_sqlite());
  join_condition(join);
}

void Printer::join_word(const Join& join) {
  if (join.natural)
    out_ += "NATURAL ";
  const bool inner = join.kind == Join::Kind::inner || join.kind == Join::Kind::comma ||
                     join.kind == Join::Kind::cross;
  if (is_sqlite() || !inner)
    out_ += join_text(join.kind);
  else
    out_ += has_condition(join) ? "JOIN " : "CROSS JOIN ";
}

void Printer::join_condition(const Join& join) {
  const bool outer = join.kind == Join::Kind::left || join.kind == Join::Kind::right ||
                     join.kind == Join::Kind::full;
  if (join.on) {
    out_ += " ON ";
    expr(*join.on);
  } else if (!join.using_columns.empty()) {
    out_ += " USING " + names(join.using_columns);
  } else if (!is_sqlite() && outer && !join.natural) {
    out_ += " ON true";
  }
}

} // namespace quill::sql
