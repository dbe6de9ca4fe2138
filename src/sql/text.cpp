#include "quill/sql/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "sql/caps.hpp"
#include "sql/names.hpp"
#include "sql/postgres_lexer.hpp"

namespace quill::sql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// One token at a time over the text, as SQLite's tokenizer cuts it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The next token, comments included; text is empty at the end.
  Result<Token> next() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
    start_ = at_;
    if (at_ == text_.size())
      return token(TokenKind::punct);
    return scan();
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  template <class Test> void skip(const Test& test) {
    while (at_ < text_.size() && test(text_[at_]))
      ++at_;
  }
  Token token(TokenKind kind) const { return {kind, text_.substr(start_, at_ - start_), start_}; }
  Failure failure(std::string_view what) const {
    return {fmt::format("{} at byte {}", what, start_)};
  }

  Result<Token> scan() {
    const char c = text_[at_];
    if (c == '-' && peek(1) == '-')
      return line_comment();
    if (c == '/' && peek(1) == '*')
      return block_comment();
    if (c == '\'')
      return quoted('\'', TokenKind::string, "string without its closing quote");
    if (c == '"' || c == '`')
      return quoted(c, TokenKind::quoted_name, "quoted name without its closing quote");
    if (c == '[')
      return bracketed();
    if ((c == 'x' || c == 'X') && peek(1) == '\'')
      return blob();
    if (is_digit(c) || (c == '.' && is_digit(peek(1))))
      return number();
    if (is_word_start(c))
      return skip(is_word_char), token(TokenKind::word);
    if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#')
      return parameter();
    return symbol();
  }

  Result<Token> line_comment() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return token(TokenKind::comment);
  }

  // SQLite lets the end of the text close a comment.
  Result<Token> block_comment() {
    const auto end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
    return token(TokenKind::comment);
  }

  Result<Token> quoted(char quote, TokenKind kind, std::string_view complaint) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\0')
        return failure("NUL byte in a quoted text");
      if (text_[at_] != quote)
        continue;
      if (peek(1) != quote)
        return ++at_, token(kind);
      ++at_;
    }
    return failure(complaint);
  }

  Result<Token> bracketed() {
    const auto end = text_.find(']', at_);
    if (end == std::string_view::npos)
      return failure("[name] without its closing bracket");
    at_ = end + 1;
    if (text_.substr(start_, at_ - start_).find('\0') != std::string_view::npos)
      return failure("NUL byte in a quoted text");
    return token(TokenKind::quoted_name);
  }

  Result<Token> blob() {
    at_ += 2;
    skip(is_hex);
    if (peek() != '\'' || (at_ - start_) % 2 != 0)
      return failure("malformed blob literal");
    return ++at_, token(TokenKind::blob);
  }

  Result<Token> number() {
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      skip(is_hex);
    } else {
      decimal();
    }
    if (is_word_char(peek()))
      return failure("malformed number");
    return token(TokenKind::number);
  }

  void decimal() {
    skip(is_digit);
    if (peek() == '.') {
      ++at_;
      skip(is_digit);
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      at_ += 1 + sign;
      skip(is_digit);
    }
  }

  Result<Token> parameter() {
    const char c = text_[at_++];
    skip(c == '?' ? is_digit : is_word_char);
    if (c == '#' || (c != '?' && at_ - start_ == 1))
      return failure(fmt::format("'{}' without a name", c));
    return token(TokenKind::parameter);
  }

  Result<Token> symbol() {
    static constexpr auto kOperators = std::to_array<std::string_view>(
        {"->>", "||", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "+",
         "-",   "*",  "/",  "%",  "<",  ">",  "=",  "&",  "|",  "~"});
    const auto rest = text_.substr(at_);
    const auto found = std::ranges::find_if(
        kOperators, [rest](std::string_view op) { return rest.starts_with(op); });
    if (found != kOperators.end())
      return at_ += found->size(), token(TokenKind::op);
    if (std::string_view("(),.;").find(rest[0]) != std::string_view::npos && rest[0] != '\0')
      return ++at_, token(TokenKind::punct);
    return failure(fmt::format("unexpected byte 0x{:02x}", static_cast<unsigned char>(rest[0])));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

bool is_mark(const Token& token, char c) {
  return token.kind == TokenKind::punct && token.text.size() == 1 && token.text[0] == c;
}

std::string joined_for_hash(const std::vector<Token>& tokens) {
  std::string result;
  for (const auto& token : tokens) {
    result += token.kind == TokenKind::word ? lower(token.text) : std::string(token.text);
    result += '\n';
  }
  return result;
}

/// All tokens of a lexer, comments left out.
template <class AnyLexer>
Result<std::vector<Token>> tokens_of(AnyLexer lexer, const TextCaps& caps) {
  DepthCounter depth(caps);
  std::vector<Token> tokens;
  while (true) {
    auto next = lexer.next();
    if (!next)
      return next.failure();
    const auto& token = next.value();
    if (token.text.empty())
      return tokens;
    if (token.kind == TokenKind::comment)
      continue;
    if (tokens.size() == caps.tokens)
      return Failure{fmt::format("more than {} words and signs", caps.tokens)};
    if (auto passed = depth.add(token); !passed.empty())
      return Failure{fmt::format("{} at byte {}", passed, token.offset)};
    tokens.push_back(token);
  }
}

} // namespace

std::string_view name_of(Dialect dialect) {
  switch (dialect) {
  case Dialect::sqlite:
    return "sqlite";
  case Dialect::postgres:
    return "postgres";
  case Dialect::duckdb:
    return "duckdb";
  }
  return "";
}

Result<std::vector<Token>> tokenize(std::string_view sql, const TextCaps& caps) {
  return tokenize(Dialect::sqlite, sql, caps);
}

Result<std::vector<Token>> tokenize(Dialect dialect, std::string_view sql, const TextCaps& caps) {
  if (sql.size() > caps.bytes)
    return Failure{fmt::format("{} bytes of SQL; at most {} are read", sql.size(), caps.bytes)};
  return dialect == Dialect::sqlite
             ? tokens_of(Lexer(sql), caps)
             : tokens_of(PostgresLexer(sql, dialect == Dialect::duckdb), caps);
}

Result<std::vector<std::string>> split_statements(std::string_view script, const TextCaps& caps) {
  return split_statements(Dialect::sqlite, script, caps);
}

Result<std::vector<std::string>> split_statements(Dialect dialect, std::string_view script,
                                                  const TextCaps& caps) {
  auto tokens = tokenize(dialect, script, caps);
  if (!tokens)
    return tokens.failure();
  std::vector<std::string> statements;
  const Token* first = nullptr;
  const Token* last = nullptr;
  const auto finish = [&] {
    if (first)
      statements.emplace_back(
          script.substr(first->offset, last->offset + last->text.size() - first->offset));
    first = nullptr;
  };
  for (const auto& token : tokens.value()) {
    if (is_mark(token, ';')) {
      finish();
      continue;
    }
    first = first ? first : &token;
    last = &token;
  }
  finish();
  return statements;
}

std::string fingerprint(std::string_view sql) {
  // Duplicates must be found for every statement, long ones too: only bytes are capped here.
  TextCaps caps;
  caps.tokens = caps.nesting = caps.operator_chain = caps.bytes;
  auto tokens = tokenize(sql, caps);
  if (!tokens)
    return sha256_hex(sql).substr(0, 16);
  auto list = std::move(tokens).value();
  while (!list.empty() && is_mark(list.back(), ';'))
    list.pop_back();
  return sha256_hex(joined_for_hash(list)).substr(0, 16);
}

bool is_create_index(std::string_view statement) {
  Lexer lexer(statement);
  std::vector<std::string> words;
  while (words.size() < 3) {
    auto next = lexer.next();
    if (!next || next.value().text.empty())
      break;
    if (next.value().kind == TokenKind::comment)
      continue;
    if (next.value().kind != TokenKind::word)
      break;
    words.push_back(lower(next.value().text));
  }
  if (words.size() < 2 || words[0] != "create")
    return false;
  return words[1] == "index" || (words.size() == 3 && words[1] == "unique" && words[2] == "index");
}

} // namespace quill::sql
