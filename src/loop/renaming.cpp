#include "loop/renaming.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/sql/index.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

bool is_word_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_';
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  std::string part;
  for (const char letter : name + "_") {
    if (letter != '_') {
      part += letter;
    } else if (!part.empty()) {
      parts.push_back(part);
      part.clear();
    }
  }
  return parts;
}

/// "customers" → "cstmrs".
std::string cut_short(const std::string& part) {
  std::string kept(part.substr(0, 1));
  for (const char letter : part.substr(1))
    if (std::string_view("aeiou").find(letter) == std::string_view::npos)
      kept += letter;
  return kept.size() < 2 ? part : kept;
}

std::string capital(std::string part) {
  if (!part.empty() && part[0] >= 'a' && part[0] <= 'z')
    part[0] = static_cast<char>(part[0] - 32);
  return part;
}

std::string other_word(const std::string& part, const Synonyms& synonyms, Rng& rng) {
  const auto found = synonyms.find(part);
  return found == synonyms.end() || found->second.empty() ? part : rng.pick(found->second);
}

/// Parts written as one name in the style.
std::string put_together(std::vector<std::string> parts, bool table, NameStyle style) {
  if (style == NameStyle::snake)
    return fmt::format("{}", fmt::join(parts, "_"));
  if (style == NameStyle::terse) {
    for (std::string& part : parts)
      part = cut_short(part);
    return fmt::format("{}{}", table ? "t_" : "", fmt::join(parts, "_"));
  }
  std::string name;
  for (const std::string& part : parts)
    for (const std::string& piece : parts_of(part))
      name += name.empty() && !table ? piece : capital(piece);
  return name;
}

/// The name without its quotes.
std::string bare(const sql::Token& token) {
  if (token.kind != sql::TokenKind::quoted_name)
    return std::string(token.text);
  return std::string(token.text.substr(1, token.text.size() - 2));
}

bool is(const sql::Token& token, std::string_view word) {
  return sql::lower(token.text) == word;
}

/// A word before "(" is a function, unless it names a table: CREATE TABLE t (…), REFERENCES t (…).
bool is_function(const std::vector<sql::Token>& tokens, std::size_t k) {
  if (k + 1 == tokens.size() || tokens[k + 1].text != "(")
    return false;
  if (k == 0)
    return true;
  const bool in_create = is(tokens.front(), "create");
  const sql::Token& previous = tokens[k - 1];
  return !(in_create &&
           (is(previous, "on") || is(previous, "table") || is(previous, "references")));
}

} // namespace

Synonyms read_synonyms(const std::filesystem::path& file) {
  const Json document = parse_json(read_file(file), file.string());
  const JsonObject object(document, file.string());
  const Json& words = object.at("words");
  const JsonObject list(words, file.string() + ": words");
  Synonyms synonyms;
  for (const auto& [word, unused] : words.items())
    synonyms.emplace(word, list.texts_or_empty(word));
  return synonyms;
}

Renaming::Renaming(const sql::Schema& schema, NameStyle style, const Synonyms& synonyms,
                   const std::set<std::string>& taken, Rng rng)
    : used_(taken) {
  for (const sql::Table& table : schema.tables) {
    used_.insert(sql::lower(table.name));
    for (const sql::ColumnInfo& column : table.columns)
      used_.insert(sql::lower(column.name));
  }
  for (const sql::Table& table : schema.tables)
    give(table.name, true, style, synonyms, rng);
  for (const sql::Table& table : schema.tables)
    for (const sql::ColumnInfo& column : table.columns)
      give(column.name, false, style, synonyms, rng);
}

/// A plain "id" may stay what it is; a name that would be taken gets a number.
void Renaming::give(const std::string& name, bool table, NameStyle style, const Synonyms& synonyms,
                    Rng& rng) {
  const std::string old = sql::lower(name);
  if (names_.contains(old))
    return;
  std::vector<std::string> parts = parts_of(old);
  if (style != NameStyle::terse)
    for (std::string& part : parts)
      part = other_word(part, synonyms, rng);
  std::string base = put_together(parts, table, style);
  if (sql::lower(base) == old) {
    if (!table) { // the word itself; SQLite takes no other letter case for a new name
      names_[old] = name;
      return;
    }
    base = style == NameStyle::camel ? "Tbl" + base : "tbl_" + base;
  }
  std::string given = base;
  for (int number = 2; used_.contains(sql::lower(given)); ++number)
    given = fmt::format("{}{}", base, number);
  used_.insert(sql::lower(given));
  names_[old] = given;
}

std::string Renaming::word(std::string_view name) const {
  const auto found = names_.find(sql::lower(name));
  return found == names_.end() ? std::string(name) : found->second;
}

Result<std::string> Renaming::statement(std::string_view sql) const {
  const auto tokens = sql::tokenize(sql);
  if (!tokens)
    return tokens.failure();
  std::string renamed;
  std::size_t at = 0;
  for (std::size_t k = 0; k < tokens.value().size(); ++k) {
    const sql::Token& token = tokens.value()[k];
    const bool name =
        token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name;
    renamed.append(sql.substr(at, token.offset - at));
    at = token.offset + token.text.size();
    if (name && names_.contains(sql::lower(bare(token))) && !is_function(tokens.value(), k))
      renamed.append(sql::quoted_name(word(bare(token))));
    else
      renamed.append(token.text);
  }
  return renamed + std::string(sql.substr(at));
}

Result<std::string> Renaming::index(std::string_view create_index,
                                    std::set<std::string>& taken) const {
  const auto text = statement(create_index);
  if (!text)
    return text.failure();
  const auto parsed = sql::parse_create_index(text.value());
  if (!parsed)
    return parsed.failure();
  sql::CreateIndex index = parsed.value();
  index.name = "idx_" + index.table;
  for (const std::string& term : index.terms)
    if (const std::string column = sql::column_of_term(term); !column.empty())
      index.name += "_" + column;
  const std::string plain = index.name;
  for (int number = 2; !taken.insert(sql::lower(index.name)).second; ++number)
    index.name = fmt::format("{}_{}", plain, number);
  return sql::print_create_index(index);
}

/// Only what can be no plain word of English: user_id, o.status, o.*
std::string Renaming::sentence(std::string_view text) const {
  std::string renamed;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word_letter(text[end]))
      ++end;
    const std::string_view found = text.substr(at, end - at);
    const bool dotted =
        (at > 0 && text[at - 1] == '.') ||
        (end + 1 < text.size() && text[end] == '.' && is_word_letter(text[end + 1]));
    const bool name = dotted || found.find('_') != std::string_view::npos;
    renamed += name ? word(found) : std::string(found);
    if (end < text.size())
      renamed += text[end++];
    at = end;
  }
  return renamed;
}

std::string Renaming::script(const sql::Schema& schema) const {
  std::string script, drops, creates;
  std::set<std::string> taken;
  for (const sql::Table& table : schema.tables) {
    const std::string name = sql::quoted_name(table.name);
    for (const sql::IndexInfo& info : table.indexes) {
      const auto create =
          info.sql.empty() ? Result<std::string>(Failure{"automatic"}) : index(info.sql, taken);
      if (!create)
        continue;
      drops += fmt::format("DROP INDEX {};\n", sql::quoted_name(info.name));
      creates += create.value() + ";\n";
    }
    for (const sql::ColumnInfo& column : table.columns)
      if (word(column.name) != column.name)
        script += fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {};\n", name,
                              sql::quoted_name(column.name), sql::quoted_name(word(column.name)));
  }
  for (const sql::Table& table : schema.tables)
    if (word(table.name) != table.name)
      script += fmt::format("ALTER TABLE {} RENAME TO {};\n", sql::quoted_name(table.name),
                            sql::quoted_name(word(table.name)));
  return drops + script + creates;
}

} // namespace quill::loop
