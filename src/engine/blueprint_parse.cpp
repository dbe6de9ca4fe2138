// Reading a blueprint: the document, its tables and the outer part of each column. Everything is
// checked before anything of its size is allocated.
#include <cctype>

#include <fmt/format.h>
#include <sqlite3.h>

#include "engine/blueprint_model.hpp"
#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill::engine::seed {

namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kDocumentBytesMax = 4U << 20U;
constexpr std::size_t kIndexesMax = 20;

[[noreturn]] void refuse(std::string what, const std::string& where, std::string fix) {
  throw Error{Exit::usage, {std::move(what), where, std::move(fix)}};
}

const Json& list_at(const JsonObject& object, std::string_view key, std::size_t most) {
  const Json& list = object.at(key);
  if (!list.is_array() || list.empty())
    refuse(fmt::format("\"{}\" must be a list with at least one element", key), object.where(),
           "see docs/blueprints.md");
  if (list.size() > most)
    refuse(fmt::format("\"{}\" has {} elements, at most {} are allowed", key, list.size(), most),
           object.where(), "make it shorter");
  return list;
}

/// A name that needs no quotes in SQL, so that queries on the tables read as people write them.
std::string plain_name(const JsonObject& object, std::string_view key) {
  std::string name = object.text(key);
  const auto word = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  bool plain = !name.empty() && name.size() <= kNameBytesMax && !(name[0] >= '0' && name[0] <= '9');
  for (const char c : name)
    plain = plain && word(c);
  if (!plain)
    refuse(fmt::format("\"{}\" is not a plain name: letters, digits and _, at most {}", key,
                       kNameBytesMax),
           object.where(), "rename it");
  if (sqlite3_keyword_check(name.data(), static_cast<int>(name.size())) != 0)
    refuse(fmt::format("\"{}\" is a keyword of SQL", name), object.where(), "rename it");
  if (sqlite3_strnicmp(name.c_str(), "sqlite_", 7) == 0)
    refuse(fmt::format("\"{}\": names that begin with sqlite_ are SQLite's own", name),
           object.where(), "rename it");
  return name;
}

ColumnType type_of(const JsonObject& object) {
  const std::string type = object.text("type");
  if (type == "INTEGER")
    return ColumnType::integer;
  if (type == "REAL")
    return ColumnType::real;
  if (type == "TEXT")
    return ColumnType::text;
  refuse(fmt::format("unknown type \"{}\"", type), object.where(), "use INTEGER, REAL or TEXT");
}

Vocabulary parse_vocabulary(const JsonObject& document) {
  Vocabulary vocabulary;
  if (!document.has("vocabulary"))
    return vocabulary;
  const JsonObject lists(document.at("vocabulary"), document.where() + ": vocabulary");
  for (const auto& entry : document.at("vocabulary").items()) {
    auto texts = lists.texts_or_empty(entry.key());
    if (texts.empty() || texts.size() > kChoicesMax)
      refuse(fmt::format("list \"{}\" must have 1 to {} texts", entry.key(), kChoicesMax),
             lists.where(), "fill or shorten the list");
    for (const auto& text : texts)
      if (text.size() > kWordBytesMax)
        refuse(fmt::format("list \"{}\" has a text of {} bytes, at most {} are allowed",
                           entry.key(), text.size(), kWordBytesMax),
               lists.where(), "shorten it");
    vocabulary.emplace(entry.key(),
                       std::make_shared<const std::vector<std::string>>(std::move(texts)));
  }
  return vocabulary;
}

/// "users.id" as the position of users; the column must be its serial key, which rows can be
/// counted into. `own` is the table being read, which may point to itself.
std::size_t parent_of(const JsonObject& object, const std::vector<Table>& tables,
                      const Table& own) {
  const std::string text = object.text("references");
  const std::size_t dot = text.find('.');
  const std::string table = text.substr(0, dot);
  const std::string column = dot == std::string::npos ? "" : text.substr(dot + 1);
  const bool self = sqlite3_stricmp(table.c_str(), own.name.c_str()) == 0;
  const auto found = self ? std::optional(tables.size()) : find_table(tables, table);
  if (!found)
    refuse(fmt::format("\"references\": there is no earlier table \"{}\"", table), object.where(),
           "write \"table.column\" and put the parent first");
  const Table& parent = self ? own : tables[*found];
  const auto key = find_column(parent, column);
  if (!key || !parent.columns[*key].primary_key)
    refuse(fmt::format("\"references\": \"{}\" is not the primary key of {}", column, table),
           object.where(), "refer to a primary key with serial values");
  return *found;
}

void check_new(const Table& table, const std::string& name, const std::string& where) {
  if (find_column(table, name))
    refuse(fmt::format("column \"{}\" is there twice", name), where, "rename one of them");
}

double share_of(const JsonObject& object, std::string_view key) {
  const double share = object.number_or(key, 0);
  if (!(share >= 0 && share <= 1))
    refuse(fmt::format("\"{}\" must be from 0 to 1", key), object.where(),
           "write for example 0.05");
  return share;
}

/// All of a column but its values and what refers to columns that may come later.
Column parse_column(const JsonObject& object, const std::vector<Table>& tables, const Table& own) {
  object.refuse_unknown({"name", "type", "not_null", "primary_key", "unique", "references",
                         "null_share", "null_when", "values"});
  Column column;
  column.name = plain_name(object, "name");
  column.type = type_of(object);
  column.not_null = object.boolean_or("not_null", false);
  column.primary_key = object.boolean_or("primary_key", false);
  column.unique = object.boolean_or("unique", false);
  column.null_share = share_of(object, "null_share");
  if (object.has("references"))
    column.parent = parent_of(object, tables, own);
  return column;
}

NullWhen parse_null_when(const JsonObject& column, const ColumnScope& scope) {
  const JsonObject object(column.at("null_when"), column.where() + ": null_when");
  object.refuse_unknown({"column", "in"});
  NullWhen rule;
  rule.column = scope.column(object.text("column"));
  for (auto& text : object.texts_or_empty("in"))
    rule.in.insert(std::move(text));
  if (rule.in.empty())
    refuse("\"in\" must name at least one value", object.where(), "list the values as texts");
  return rule;
}

void parse_rows(const JsonObject& object, const std::vector<Table>& tables, Table& table) {
  const Json& rows = object.at("rows");
  if (!rows.is_object()) {
    table.rows = object.integer("rows");
    if (*table.rows < 0 || *table.rows > kRowsMax)
      refuse(fmt::format("\"rows\" is {}, not from 0 to {}", *table.rows, kRowsMax), object.where(),
             "choose a size in that range");
    return;
  }
  const JsonObject ratio(rows, object.where() + ": rows");
  ratio.refuse_unknown({"per", "ratio"});
  const auto per = find_table(tables, ratio.text("per"));
  if (!per)
    refuse(fmt::format("\"per\": there is no earlier table \"{}\"", ratio.text("per")),
           ratio.where(), "put that table first");
  table.per = *per;
  table.ratio = ratio.number("ratio");
  if (!(table.ratio >= 0 && table.ratio <= 1e6))
    refuse("\"ratio\" must be from 0 to 1000000", ratio.where(), "write for example 5");
}

std::vector<Index> parse_indexes(const JsonObject& object, const Table& table) {
  std::vector<Index> indexes;
  if (!object.has("indexes"))
    return indexes;
  for (const Json& item : list_at(object, "indexes", kIndexesMax)) {
    const JsonObject entry(item, object.where() + ": indexes");
    entry.refuse_unknown({"name", "columns"});
    Index index{plain_name(entry, "name"), entry.texts_or_empty("columns")};
    if (index.columns.empty())
      refuse(fmt::format("index \"{}\" has no columns", index.name), entry.where(),
             "list its columns");
    for (const auto& name : index.columns)
      if (!find_column(table, name))
        refuse(fmt::format("index \"{}\": there is no column \"{}\"", index.name, name),
               entry.where(), "name columns of this table");
    indexes.push_back(std::move(index));
  }
  return indexes;
}

Table parse_table(const JsonObject& object, const std::vector<Table>& tables,
                  const Vocabulary& vocabulary) {
  object.refuse_unknown({"name", "rows", "columns", "indexes"});
  Table table;
  table.name = plain_name(object, "name");
  if (find_table(tables, table.name))
    refuse(fmt::format("table \"{}\" is there twice", table.name), object.where(),
           "rename one of them");
  parse_rows(object, tables, table);
  // Names first: a column may be computed from one that comes later.
  const Json& columns = list_at(object, "columns", kColumnsMax);
  const auto place = [&](std::size_t i) {
    return fmt::format("{}: columns[{}]", object.where(), i);
  };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column column = parse_column(JsonObject(columns[i], place(i)), tables, table);
    check_new(table, column.name, place(i));
    table.columns.push_back(std::move(column));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& column = table.columns[i];
    const JsonObject entry(columns[i],
                           fmt::format("{} ({}.{})", place(i), table.name, column.name));
    const ColumnScope scope{tables, table, vocabulary, entry.where()};
    column.values = parse_values(entry.at("values"), column, scope);
    if (entry.has("null_when"))
      column.null_when = parse_null_when(entry, scope);
  }
  table.indexes = parse_indexes(object, table);
  return table;
}

void check_index_names(const std::vector<Table>& tables, const std::string& where) {
  std::set<std::string> names;
  for (const Table& table : tables)
    for (const Index& index : table.indexes)
      if (!names.insert(index.name).second || find_table(tables, index.name))
        refuse(fmt::format("the name of index \"{}\" is there twice", index.name), where,
               "rename one of them");
}

} // namespace

std::size_t ColumnScope::column(std::string_view name) const {
  if (const auto found = find_column(table, name))
    return *found;
  std::vector<std::string> known;
  for (const Column& other : table.columns)
    known.push_back(other.name);
  const std::string near = nearest_word(name, known);
  refuse(fmt::format("there is no column \"{}\" in {}", name, table.name), where,
         near.empty() ? "name a column of the same table"
                      : fmt::format("did you mean \"{}\"?", near));
}

std::unique_ptr<Blueprint::Model> parse_model(std::string_view json_text, std::string_view where) {
  if (json_text.size() > kDocumentBytesMax)
    refuse(fmt::format("a blueprint of {} bytes; at most {} are read", json_text.size(),
                       kDocumentBytesMax),
           std::string(where), "make it smaller");
  const Json json = parse_json(json_text, where);
  const JsonObject document(json, std::string(where));
  document.refuse_unknown(
      {"format_version", "name", "summary", "held_out", "vocabulary", "tables"});
  if (document.integer("format_version") != kFormatVersion)
    refuse(fmt::format("\"format_version\" is {}, this version reads {}",
                       document.integer("format_version"), kFormatVersion),
           document.where(), "use a newer Quill, or write the blueprint in this format");
  auto model = std::make_unique<Blueprint::Model>();
  model->where = where;
  model->name = plain_name(document, "name");
  model->summary = document.text("summary");
  model->held_out = document.boolean_or("held_out", false);
  const Vocabulary vocabulary = parse_vocabulary(document);
  std::size_t columns = 0;
  const Json& tables = list_at(document, "tables", kTablesMax);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const JsonObject object(tables[i], fmt::format("{}: tables[{}]", where, i));
    model->tables.push_back(parse_table(object, model->tables, vocabulary));
    Table table = model->tables.back(); // checked as the last of the list: it may refer to itself
    check_table(model->tables, table, object.where());
    model->tables.back() = std::move(table);
    columns += model->tables.back().columns.size();
    if (columns > kColumnsOfAllMax)
      refuse(fmt::format("more than {} columns in all", kColumnsOfAllMax), object.where(),
             "make it smaller");
  }
  check_index_names(model->tables, document.where());
  (void)resolved_sizes(model->tables, document.where());
  return model;
}

} // namespace quill::engine::seed
