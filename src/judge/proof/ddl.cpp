#include "judge/proof/ddl.hpp"

#include <algorithm>
#include <cctype>
#include <list>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge::proof {

namespace {

using sql::lower;

constexpr sql::TextCaps kCaps{
    .bytes = 16U << 20U, .tokens = 2'000'000, .nesting = 200, .operator_chain = 100'000};

std::string bare(std::string_view name) {
  if (name.size() >= 2 && (name[0] == '"' || name[0] == '`' || name[0] == '['))
    name = name.substr(1, name.size() - 2);
  return lower(name);
}

[[noreturn]] void refuse(std::string what, std::string fix) {
  throw Error{Exit::usage, {.what = std::move(what), .where = "schema", .fix = std::move(fix)}};
}

[[noreturn]] void refuse_statement(const std::string& statement) {
  const auto shown = statement.size() > 60 ? statement.substr(0, 60) + "…" : statement;
  refuse(fmt::format("a schema may not hold \"{}\"", shown),
         "leave only CREATE TABLE, CREATE INDEX and CREATE VIEW");
}

/// Reads one statement word by word.
class Reader {
 public:
  explicit Reader(const std::vector<sql::Token>& tokens) : tokens_(tokens) {}
  bool take(std::string_view word) {
    if (at_ >= tokens_.size() || lower(tokens_[at_].text) != word)
      return false;
    ++at_;
    return true;
  }
  /// A name, without the schema's before it.
  std::string name() {
    std::string out;
    do {
      out = at_ < tokens_.size() ? bare(tokens_[at_++].text) : "";
    } while (take("."));
    return out;
  }
  [[nodiscard]] std::size_t offset() const {
    return at_ < tokens_.size() ? tokens_[at_].offset : std::string::npos;
  }
  [[nodiscard]] bool at(std::string_view text) const {
    return at_ < tokens_.size() && tokens_[at_].text == text;
  }
  bool skip_to(std::string_view word) {
    while (at_ < tokens_.size())
      if (take(word))
        return true;
      else
        ++at_;
    return false;
  }

 private:
  const std::vector<sql::Token>& tokens_;
  std::size_t at_ = 0;
};

/// What stands between the parentheses after each CHECK.
std::vector<std::string> checks_of(const std::string& statement,
                                   const std::vector<sql::Token>& tokens) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind != sql::TokenKind::word || lower(tokens[i].text) != "check" ||
        tokens[i + 1].text != "(")
      continue;
    int depth = 0;
    std::size_t end = i + 1;
    for (; end < tokens.size(); ++end) {
      depth += tokens[end].text == "(" ? 1 : 0;
      depth -= tokens[end].text == ")" ? 1 : 0;
      if (depth == 0)
        break;
    }
    if (end < tokens.size())
      out.push_back(statement.substr(tokens[i + 1].offset + 1,
                                     tokens[end].offset - tokens[i + 1].offset - 1));
  }
  return out;
}

bool skip_if_not_exists(Reader& reader) {
  return reader.take("if") && reader.take("not") && reader.take("exists");
}

void read_statement(const std::string& statement, Ddl& out) {
  const auto tokens = sql::tokenize(statement, kCaps);
  if (!tokens)
    refuse(fmt::format("the schema does not read as SQL: {}", tokens.failure().what),
           "give the script that `sqlite3 DB .schema` prints");
  Reader reader(tokens.value());
  if (reader.take("begin") || reader.take("commit") || reader.take("pragma"))
    return; // dumps have them; they say nothing of the tables
  if (!reader.take("create"))
    refuse_statement(statement);
  if (reader.take("table")) {
    skip_if_not_exists(reader);
    const auto name = reader.name();
    if (name.starts_with("sqlite_"))
      return; // the engine's own
    if (auto checks = checks_of(statement, tokens.value()); !checks.empty())
      out.checks[name] = std::move(checks);
    if (!reader.at("("))
      refuse_statement(statement); // CREATE TABLE … AS SELECT
  } else if (reader.take("view")) {
    skip_if_not_exists(reader);
    const auto name = reader.name();
    if (!reader.at("(") && reader.skip_to("as") && reader.offset() != std::string::npos)
      out.views[name] = statement.substr(reader.offset());
  } else if (!reader.take("index") && !(reader.take("unique") && reader.take("index"))) {
    refuse_statement(statement);
  }
  out.script += statement + ";\n";
}

/// A statement, the table it makes ("" when none) and the tables it refers to, in lower case.
struct Declared {
  std::string text, table;
  std::set<std::string> parents;
};

Declared declared(const std::string& statement) {
  Declared out{statement, "", {}};
  const auto tokens = sql::tokenize(statement, kCaps);
  if (!tokens)
    return out; // read_statement() says so
  Reader reader(tokens.value());
  if (!reader.take("create") || !reader.take("table"))
    return out;
  skip_if_not_exists(reader);
  out.table = reader.name();
  while (reader.skip_to("references"))
    if (auto parent = reader.name(); parent != out.table)
      out.parents.insert(std::move(parent));
  return out;
}

/// Tables before what is made of them; of the tables again and again the first whose parents stand
/// already, or else the first.
std::vector<std::string> parents_first(const std::vector<std::string>& statements) {
  std::list<Declared> tables;
  std::vector<std::string> others;
  for (const auto& statement : statements)
    if (auto each = declared(statement); each.table.empty())
      others.push_back(statement);
    else
      tables.push_back(std::move(each));
  const auto waits_for = [&](const std::string& parent) {
    return std::any_of(tables.begin(), tables.end(),
                       [&](const auto& each) { return each.table == parent; });
  };
  std::vector<std::string> out;
  while (!tables.empty()) {
    auto next = std::find_if(tables.begin(), tables.end(), [&](const auto& each) {
      return std::none_of(each.parents.begin(), each.parents.end(), waits_for);
    });
    if (next == tables.end())
      next = tables.begin();
    out.push_back(std::move(next->text));
    tables.erase(next);
  }
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

} // namespace

Ddl read_ddl(std::string_view text, sql::Dialect dialect) {
  const auto split = sql::split_statements(text, kCaps);
  if (!split)
    refuse(fmt::format("the schema does not read as SQL: {}", split.failure().what),
           "give the script that `sqlite3 DB .schema` prints");
  Ddl out;
  const bool as_it_stands = dialect == sql::Dialect::sqlite;
  for (const auto& statement : as_it_stands ? split.value() : parents_first(split.value()))
    read_statement(statement, out);
  if (out.script.empty())
    refuse("the schema has no table", "give the CREATE TABLE statements the queries need");
  return out;
}

} // namespace quill::judge::proof
