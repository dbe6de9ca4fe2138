// The schema as the generator of databases sees it: columns by number, keys, references, order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/engine/scratch.hpp"
#include "quill/engine/value.hpp"
#include "quill/sql/dialect.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/schema.hpp"

namespace quill::judge::proof {

/// What kind of values a column holds; made from its type, its name and its uses.
enum class Kind { integer, real, decimal, boolean, text, day, moment, any };

struct Column {
  std::string name;
  Kind kind = Kind::any;
  bool not_null = false;
  bool generated = false;           ///< computed by the engine: never inserted
  bool typed_date = false;          ///< declared as a date or time: its form is fixed
  std::vector<engine::Value> hints; ///< of CHECK and DEFAULT
};
struct Reference {
  std::vector<std::size_t> columns;
  std::size_t table = 0;
  std::vector<std::size_t> targets;
};
struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::vector<std::size_t>> keys; ///< unique sets, primary key included
  std::vector<Reference> references;
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  [[nodiscard]] bool is_key_part(std::size_t column) const;
};
struct Model {
  std::vector<Table> tables;
  std::vector<std::size_t> parents_first; ///< as far as references have no cycles
  [[nodiscard]] std::optional<std::size_t> table(std::string_view name) const;
};

[[nodiscard]] Model model_of(const sql::Schema& schema);
using sql::same_name;

/// Rows by table, cells by column (generated columns hold NULL and are not sent).
struct Database {
  std::vector<std::vector<engine::Row>> rows;
  [[nodiscard]] std::size_t size() const;
};

/// Takes away rows that break NOT NULL or a reference, until none does.
void make_legal(const Model& model, Database& database);
/// By table, as the engine loads them; a table that has no rows and is not `filled` has no name.
[[nodiscard]] std::vector<engine::TableRows> as_load(const Model& model, const Database& database,
                                                     const std::vector<bool>& filled);
/// INSERT statements, parents first.
[[nodiscard]] std::string as_script(const Model& model, const Database& database,
                                    sql::Dialect dialect);
/// A value as a literal that a column of this kind takes.
[[nodiscard]] std::string literal(const engine::Value& value, Kind kind = Kind::any,
                                  sql::Dialect dialect = sql::Dialect::sqlite);

} // namespace quill::judge::proof
