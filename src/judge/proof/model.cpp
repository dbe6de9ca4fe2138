#include "judge/proof/model.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "judge/cells.hpp"
#include "judge/proof/values.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge::proof {

namespace {

using sql::lower;

using engine::Row;
using engine::Value;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Columns that people keep dates in, by their names.
bool is_date_name(const std::string& name) {
  static constexpr std::array kWords = {"date",  "time",  "day", "due",  "hired",
                                        "birth", "since", "ts",  "when", "dob"};
  static constexpr std::array kEnds = {"_at",  "_on", "_date", "_time",
                                       "date", "_ts", "time",  "_day"};
  return std::any_of(kEnds.begin(), kEnds.end(), [&](auto end) { return ends_with(name, end); }) ||
         std::any_of(kWords.begin(), kWords.end(), [&](auto word) { return name == word; });
}

Kind kind_of(const sql::ColumnInfo& column) {
  const auto type = lower(column.type);
  if (has(type, "datetime") || has(type, "timestamp"))
    return Kind::moment;
  if (has(type, "date"))
    return Kind::day;
  if (has(type, "bool"))
    return Kind::boolean;
  switch (sql::affinity(column.type)) {
  case sql::Affinity::integer:
    return Kind::integer;
  case sql::Affinity::real:
    return Kind::real;
  case sql::Affinity::numeric:
    return Kind::decimal;
  case sql::Affinity::text:
    return is_date_name(lower(column.name)) ? Kind::moment : Kind::text;
  case sql::Affinity::blob:
    break;
  }
  return Kind::any;
}

std::string bare(std::string_view token) {
  if (token.size() >= 2 && (token[0] == '"' || token[0] == '`' || token[0] == '['))
    return std::string(token.substr(1, token.size() - 2));
  return std::string(token);
}

/// What the text of CREATE TABLE says beyond the catalogue: computed columns, constants of CHECKs.
void read_text(const std::string& create, Table& table) {
  const auto tokens = sql::tokenize(create);
  if (!tokens)
    return;
  int depth = 0;
  bool at_start = false;
  Column* current = nullptr;
  for (const auto& token : tokens.value()) {
    if (token.text == "(" && ++depth == 1) {
      at_start = true;
      continue;
    }
    if (token.text == ")")
      --depth;
    if (depth == 1 && token.text == ",") {
      at_start = true;
      continue;
    }
    if (at_start) {
      const auto at = table.column(bare(token.text));
      current = at ? &table.columns[*at] : nullptr;
      at_start = false;
      continue;
    }
    if (depth >= 1 && token.kind == sql::TokenKind::word) {
      if (depth == 1 && current != nullptr && lower(token.text) == "as")
        current->generated = true;
      else if (const auto at = table.column(bare(token.text)); at && depth > 1)
        current = &table.columns[*at];
    }
    const auto value = value_of_token(token);
    if (depth > 1 && current != nullptr && value)
      current->hints.push_back(*value);
  }
}

Table table_of(const sql::Table& table) {
  Table out;
  out.name = table.name;
  for (const auto& info : table.columns) {
    Column column{.name = info.name, .kind = kind_of(info), .not_null = info.not_null, .hints = {}};
    column.typed_date = !has(lower(info.type), "text") && !has(lower(info.type), "char");
    out.columns.push_back(std::move(column));
  }
  const auto numbers = [&](const std::vector<std::string>& names) {
    std::vector<std::size_t> found;
    for (const auto& name : names)
      if (const auto at = out.column(name))
        found.push_back(*at);
    return found.size() == names.size() ? found : std::vector<std::size_t>{};
  };
  for (const auto& key : table.unique)
    if (auto columns = numbers(key); !columns.empty())
      out.keys.push_back(std::move(columns));
  read_text(table.sql, out);
  return out;
}

void add_references(const sql::Schema& schema, Model& model) {
  for (std::size_t t = 0; t < schema.tables.size(); ++t)
    for (const auto& key : schema.tables[t].foreign_keys) {
      const auto target = model.table(key.table);
      if (!target || key.columns.size() != key.target_columns.size())
        continue;
      Reference reference{.columns = {}, .table = *target, .targets = {}};
      for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const auto from = model.tables[t].column(key.columns[i]);
        const auto to = model.tables[*target].column(key.target_columns[i]);
        if (!from || !to)
          break;
        reference.columns.push_back(*from);
        reference.targets.push_back(*to);
      }
      if (!reference.columns.empty() && reference.columns.size() == key.columns.size())
        model.tables[t].references.push_back(std::move(reference));
    }
}

void order_parents_first(Model& model) {
  std::vector<bool> placed(model.tables.size(), false);
  const auto ready = [&](std::size_t t) {
    return std::all_of(model.tables[t].references.begin(), model.tables[t].references.end(),
                       [&](const Reference& r) { return r.table == t || placed[r.table]; });
  };
  while (model.parents_first.size() < model.tables.size()) {
    std::size_t next = model.tables.size();
    for (std::size_t t = 0; t < model.tables.size(); ++t)
      if (!placed[t] && (next == model.tables.size() || (!ready(next) && ready(t))))
        next = t;
    placed[next] = true; // a cycle is entered at its first table
    model.parents_first.push_back(next);
  }
}

bool satisfied(const Database& database, const Reference& reference, const Row& row) {
  for (const std::size_t column : reference.columns)
    if (std::holds_alternative<std::monostate>(row[column]))
      return true;
  const auto& parents = database.rows[reference.table];
  return std::any_of(parents.begin(), parents.end(), [&](const Row& parent) {
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
      if (order_of(row[reference.columns[i]], parent[reference.targets[i]]) != 0)
        return false;
    return true;
  });
}

bool is_legal(const Table& table, const Database& database, const Row& row) {
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c].not_null && !table.columns[c].generated &&
        std::holds_alternative<std::monostate>(row[c]))
      return false;
  return std::all_of(table.references.begin(), table.references.end(),
                     [&](const Reference& r) { return satisfied(database, r, row); });
}

} // namespace

std::optional<std::size_t> Table::column(std::string_view wanted) const {
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (same_name(columns[c].name, wanted))
      return c;
  return std::nullopt;
}

bool Table::is_key_part(std::size_t column) const {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
    return std::find(key.begin(), key.end(), column) != key.end();
  });
}

std::optional<std::size_t> Model::table(std::string_view wanted) const {
  for (std::size_t t = 0; t < tables.size(); ++t)
    if (same_name(tables[t].name, wanted))
      return t;
  return std::nullopt;
}

std::size_t Database::size() const {
  std::size_t count = 0;
  for (const auto& table : rows)
    count += table.size();
  return count;
}

Model model_of(const sql::Schema& schema) {
  Model model;
  for (const auto& table : schema.tables)
    model.tables.push_back(table_of(table));
  add_references(schema, model);
  order_parents_first(model);
  return model;
}

void make_legal(const Model& model, Database& database) {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t t = 0; t < model.tables.size(); ++t) {
      auto& rows = database.rows[t];
      if (rows.empty())
        continue;
      const auto before = rows.size();
      std::vector<Row> kept; // judged against the rows as they are, its own table included
      for (const auto& row : rows)
        if (is_legal(model.tables[t], database, row))
          kept.push_back(row);
      rows = std::move(kept);
      changed = changed || rows.size() != before;
    }
  }
}

std::vector<engine::TableRows> as_load(const Model& model, const Database& database,
                                       const std::vector<bool>& filled) {
  std::vector<engine::TableRows> out;
  for (std::size_t t = 0; t < model.tables.size(); ++t) {
    const auto& table = model.tables[t];
    if (database.rows[t].empty() && !filled[t]) {
      out.emplace_back();
      continue;
    }
    engine::TableRows load{.table = table.name, .columns = {}, .rows = {}};
    for (const auto& column : table.columns)
      if (!column.generated)
        load.columns.push_back(column.name);
    for (const auto& row : database.rows[t]) {
      Row sent;
      for (std::size_t c = 0; c < row.size(); ++c)
        if (!table.columns[c].generated)
          sent.push_back(row[c]);
      load.rows.push_back(std::move(sent));
    }
    out.push_back(std::move(load));
  }
  return out;
}

std::string literal(const Value& value, Kind kind, sql::Dialect dialect) {
  struct Writer {
    Kind kind;
    sql::Dialect dialect;
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(std::int64_t number) const {
      if (kind == Kind::boolean && dialect != sql::Dialect::sqlite)
        return number != 0 ? "TRUE" : "FALSE";
      return fmt::format("{}", number);
    }
    std::string operator()(double number) const {
      const auto text = fmt::format("{}", number);
      return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(const std::string& text) const { return sql::quoted_text(text); }
    std::string operator()(const engine::Blob& blob) const {
      std::string hex;
      for (const unsigned char byte : blob.bytes)
        hex += fmt::format("{}{:02x}", dialect == sql::Dialect::duckdb ? "\\x" : "", byte);
      return dialect == sql::Dialect::sqlite
                 ? "x'" + hex + "'"
                 : (dialect == sql::Dialect::duckdb ? "'" : "'\\x") + hex + "'";
    }
  };
  return std::visit(Writer{kind, dialect}, value);
}

namespace {

std::string insertion(const Table& table, const engine::TableRows& load, const Row& row,
                      sql::Dialect dialect) {
  std::string names;
  std::string cells;
  for (std::size_t i = 0; i < load.columns.size(); ++i) {
    const auto* comma = i == 0 ? "" : ", ";
    const auto column = table.column(load.columns[i]);
    names += comma + sql::quoted_name(load.columns[i], dialect);
    cells += comma + literal(row[i], column ? table.columns[*column].kind : Kind::any, dialect);
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({});\n", sql::quoted_name(load.table, dialect),
                     names, cells);
}

} // namespace

std::string as_script(const Model& model, const Database& database, sql::Dialect dialect) {
  std::string out;
  const auto loads = as_load(model, database, std::vector<bool>(model.tables.size(), false));
  for (const std::size_t t : model.parents_first)
    for (const auto& row : loads[t].rows)
      out += insertion(model.tables[t], loads[t], row, dialect);
  return out;
}

} // namespace quill::judge::proof
