#include "judge/screen.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "judge/outline.hpp"
#include "quill/sql/index.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

using sql::Token;
using sql::TokenKind;
using Tokens = std::vector<Token>;
using Names = std::set<std::string, std::less<>>;

bool is_word(const Token& token, std::string_view upper) {
  return token.kind == TokenKind::word &&
         std::equal(token.text.begin(), token.text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

bool is_constant(const Token& token) {
  return token.kind == TokenKind::number || token.kind == TokenKind::string ||
         token.kind == TokenKind::blob;
}

Tokens tokens_of(std::string_view sql) {
  auto read = sql::tokenize(sql);
  return read ? std::move(read).value() : Tokens{};
}

// ---- constants ----

/// Those that any rewrite may need: coalesce(n, 0), SELECT 1, ''.
bool is_everyones(std::string_view constant) {
  return constant == "0" || constant == "1" || constant == "''" || constant == "0.0" ||
         constant == "1.0";
}

Names constants_of(const Tokens& tokens) {
  Names out;
  for (const Token& token : tokens)
    if (is_constant(token))
      out.emplace(token.text);
  return out;
}

/// The first constant that after has and before has not; "" when there is none.
std::string new_constant(const Tokens& before, const Tokens& after) {
  const Names known = constants_of(before);
  for (const Token& token : after)
    if (is_constant(token) && !is_everyones(token.text) && !known.contains(token.text))
      return std::string(token.text);
  return "";
}

std::string table_left_out(const Screened& pair) {
  const auto& read = pair.after_sample.tables_read;
  for (const std::string& table : pair.before_sample.tables_read)
    if (std::find(read.begin(), read.end(), table) == read.end())
      return table;
  return "";
}

std::string doubt_of_tables(const Screened& pair, const Tokens& before, const Tokens& after) {
  if (!pair.before_sample.tables_read.empty() && pair.after_sample.tables_read.empty())
    return "after reads no table: constants equal to this database's answer prove nothing";
  const std::string table = table_left_out(pair);
  const std::string constant = table.empty() ? "" : new_constant(before, after);
  if (constant.empty())
    return "";
  return fmt::format("after does not read \"{}\" and brings the constant {}: it may be this "
                     "database's answer",
                     table, constant);
}

// ---- LIMIT ----

/// The numbers of all LIMITs and OFFSETs; `computed` when one of them is no plain number.
struct Cuts {
  std::vector<long long> numbers;
  bool computed = false;
};

void add_number(Cuts& cuts, const Tokens& tokens, std::size_t at) {
  long long value = 0;
  const bool is_number = at < tokens.size() && tokens[at].kind == TokenKind::number;
  const std::string_view text = is_number ? tokens[at].text : "";
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = is_number && read.ec == std::errc{} && read.ptr == text.data() + text.size();
  const bool alone = at + 1 >= tokens.size() || tokens[at + 1].kind != TokenKind::op;
  if (whole && alone)
    cuts.numbers.push_back(value);
  else
    cuts.computed = true;
}

Cuts cuts_of(const Tokens& tokens) {
  Cuts cuts;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!is_word(tokens[at], "LIMIT") && !is_word(tokens[at], "OFFSET"))
      continue;
    add_number(cuts, tokens, at + 1);
    if (at + 2 < tokens.size() && tokens[at + 2].text == ",") // LIMIT offset, count
      add_number(cuts, tokens, at + 3);
  }
  return cuts;
}

/// Numbers by which after may cut: before's own, the sum of two of them (LIMIT 10 OFFSET 5 takes
/// its rows from the first 15), what its user needs, and 0 and 1.
bool is_known_cut(long long number, const Cuts& before, const sql::Needs& needs) {
  if (number == 0 || number == 1 || (needs.top && number == *needs.top))
    return true;
  for (const long long a : before.numbers)
    if (number == a || std::any_of(before.numbers.begin(), before.numbers.end(),
                                   [&](long long b) { return number - a == b; }))
      return true;
  return false;
}

std::string doubt_of_limits(const Screened& pair, const Tokens& before, const Tokens& after) {
  const Cuts known = cuts_of(before);
  const Cuts cuts = cuts_of(after);
  if (cuts.computed && !known.computed)
    return "after has a computed LIMIT that before has not: it may cut other data";
  for (const long long number : cuts.numbers)
    if (!is_known_cut(number, known, pair.needs))
      return fmt::format("after has LIMIT {} and before has not: it may cut other data", number);
  return "";
}

// ---- ORDER BY ----

std::string doubt_of_order(const Screened& pair) {
  const bool lost = pair.before_sample.row_count > 1 && outline(pair.before).ordered &&
                    !outline(pair.after).ordered;
  return lost ? "before orders its rows and after does not: here they happen to come in that order"
              : "";
}

// ---- indexes ----

bool holds_a_key(const sql::CreateIndex& index, const sql::Schema& schema) {
  const auto* table = schema.table(index.table);
  std::vector<std::string> columns;
  for (const std::string& term : index.terms)
    columns.push_back(sql::column_of_term(term));
  return table != nullptr && table->has_key(columns);
}

} // namespace

std::string why_doubtful(const Screened& pair) {
  const Tokens before = tokens_of(pair.before);
  const Tokens after = tokens_of(pair.after);
  for (auto doubt : {doubt_of_tables(pair, before, after), doubt_of_limits(pair, before, after),
                     doubt_of_order(pair)})
    if (!doubt.empty())
      return doubt;
  return "";
}

std::string why_not_built(const std::vector<std::string>& indexes, const sql::Schema& schema) {
  for (const std::string& statement : indexes) {
    const auto index = sql::parse_create_index(statement);
    if (index && index.value().unique && !holds_a_key(index.value(), schema))
      return fmt::format("the UNIQUE index \"{}\" refuses rows that the schema allows",
                         index.value().name);
  }
  return "";
}

} // namespace quill::judge
