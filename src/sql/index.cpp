#include "quill/sql/index.hpp"

#include <utility>

#include <fmt/format.h>

#include "quill/sql/parse.hpp"
#include "sql/names.hpp"
#include "sql/spelling.hpp"

namespace quill::sql {
namespace {

// A name that needs no quotes stands without them, so that "city" and city are the same term.
std::string plain(const Token& token) {
  const bool is_name = token.kind == TokenKind::quoted_name;
  return is_name ? quoted_name(unquoted(token.text)) : std::string(token.text);
}

bool glued(const Token& left, const Token& right) {
  return left.text == "(" || left.text == "." || right.text == ")" || right.text == "," ||
         right.text == "." || (right.text == "(" && left.kind == TokenKind::word);
}

/// Tokens as text with single blanks.
std::string joined(const std::vector<Token>& tokens) {
  std::string result;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && !glued(tokens[i - 1], tokens[i]))
      result += ' ';
    result += plain(tokens[i]);
  }
  return result;
}

class IndexReader {
 public:
  IndexReader(std::vector<Token> tokens, std::size_t bytes)
      : tokens_(std::move(tokens)), bytes_(bytes) {}

  CreateIndex read() {
    CreateIndex result;
    need("CREATE");
    result.unique = take("UNIQUE");
    need("INDEX");
    if (take("IF")) {
      need("NOT"), need("EXISTS");
      result.if_not_exists = true;
    }
    result.name = name();
    if (take("."))
      result.name = name();
    need("ON");
    result.table = name();
    need("(");
    result.terms = terms();
    if (take("WHERE"))
      result.where = rest();
    if (at_ < tokens_.size())
      fail("the end");
    return result;
  }

 private:
  [[noreturn]] void fail(std::string_view wanted) const {
    const auto offset = at_ < tokens_.size() ? tokens_[at_].offset : bytes_;
    throw Refusal{fmt::format("CREATE INDEX: {} expected at byte {}", wanted, offset)};
  }
  bool take(std::string_view text) {
    const bool found = at_ < tokens_.size() && same_name(tokens_[at_].text, text);
    at_ += found ? 1 : 0;
    return found;
  }
  void need(std::string_view text) {
    if (!take(text))
      fail(text);
  }
  std::string name() {
    const bool found = at_ < tokens_.size() && (tokens_[at_].kind == TokenKind::word ||
                                                tokens_[at_].kind == TokenKind::quoted_name);
    if (!found)
      fail("a name");
    return unquoted(tokens_[at_++].text);
  }

  std::string rest() {
    if (at_ == tokens_.size())
      fail("a condition");
    const auto from = static_cast<std::ptrdiff_t>(std::exchange(at_, tokens_.size()));
    return joined({tokens_.begin() + from, tokens_.end()});
  }

  std::vector<std::string> terms() {
    std::vector<std::string> result;
    std::vector<Token> term;
    const auto finish = [&] {
      if (!term.empty() && same_name(term.back().text, "ASC"))
        term.pop_back();
      if (term.empty())
        fail("a column");
      result.push_back(joined(std::exchange(term, {})));
    };
    for (int depth = 0; at_ < tokens_.size(); ++at_) {
      const auto& token = tokens_[at_];
      if (token.text == ")" && depth == 0)
        return finish(), ++at_, result;
      if (token.text == "," && depth == 0) {
        finish();
        continue;
      }
      depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0;
      term.push_back(token);
    }
    fail(")");
  }

  std::vector<Token> tokens_;
  std::size_t bytes_;
  std::size_t at_ = 0;
};

/// Lower case but for strings; column names stand without quotes where they can.
std::string canonical(std::string_view text) {
  auto tokens = tokenize(text);
  if (!tokens)
    return std::string(text);
  std::string result;
  for (const auto& token : tokens.value()) {
    result += token.kind == TokenKind::string ? std::string(token.text) : lower(plain(token));
    result += ' ';
  }
  return result;
}

} // namespace

Result<CreateIndex> parse_create_index(std::string_view statement, const TextCaps& caps) {
  auto tokens = tokenize(statement, caps);
  if (!tokens)
    return tokens.failure();
  auto list = std::move(tokens).value();
  while (!list.empty() && list.back().text == ";")
    list.pop_back();
  try {
    return IndexReader(std::move(list), statement.size()).read();
  } catch (const Refusal& refusal) {
    return Failure{refusal.what};
  }
}

std::string print_create_index(const CreateIndex& index) {
  return fmt::format("CREATE {}INDEX {}{} ON {} ({}){}", index.unique ? "UNIQUE " : "",
                     index.if_not_exists ? "IF NOT EXISTS " : "", quoted_name(index.name),
                     quoted_name(index.table), fmt::join(index.terms, ", "),
                     index.where.empty() ? "" : " WHERE " + index.where);
}

std::string column_of_term(std::string_view term) {
  const auto tokens = tokenize(term);
  if (!tokens || tokens.value().empty())
    return {};
  const auto& list = tokens.value();
  const bool is_name = list[0].kind == TokenKind::word || list[0].kind == TokenKind::quoted_name;
  std::size_t at = 1;
  if (at + 1 < list.size() && same_name(list[at].text, "COLLATE"))
    at += 2;
  if (at < list.size() && (same_name(list[at].text, "DESC") || same_name(list[at].text, "ASC")))
    ++at;
  return is_name && at == list.size() ? unquoted(list[0].text) : "";
}

std::string index_shape(std::string_view statement) {
  const auto parsed = parse_create_index(statement);
  if (!parsed)
    return canonical(statement);
  const auto& index = parsed.value();
  std::string result = (index.unique ? "unique " : "") + lower(index.table);
  for (const auto& term : index.terms)
    result += "\n" + canonical(term);
  return index.where.empty() ? result : result + "\nwhere " + canonical(index.where);
}

} // namespace quill::sql
