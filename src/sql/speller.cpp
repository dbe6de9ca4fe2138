#include "sql/speller.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool is_comparison(std::string_view op) {
  return op == "=" || op == "==" || op == "<>" || op == "!=" || op == "<" || op == "<=" ||
         op == ">" || op == ">=";
}

// PostgreSQL's token with SQLite's precedence.
std::string_view spelled_operator(std::string_view op) {
  if (op == "==")
    return "=";
  if (op == "!=")
    return "<>";
  if (op == "||" || op == "->" || op == "->>")
    return "^";
  return op;
}

Literal::Kind kind_of_number(std::string_view digits) {
  if (digits.size() > 2 && (digits[1] == 'x' || digits[1] == 'X'))
    return Literal::Kind::integer;
  if (digits.find_first_of(".eE") != std::string_view::npos)
    return Literal::Kind::real;
  long long value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? Literal::Kind::integer : Literal::Kind::real;
}

} // namespace

Spelled spell_for_postgres(std::vector<Token> tokens, const TextCaps& caps) {
  return Speller(std::move(tokens), caps).run();
}

Speller::Speller(std::vector<Token> tokens, const TextCaps& caps)
    : tokens_(std::move(tokens)), caps_(caps), levels_(1) {}

Spelled Speller::run() {
  while (!tokens_.empty() && tokens_.back().text == ";")
    tokens_.pop_back();
  if (tokens_.empty())
    throw Refusal{"no statement"};
  if (!opens_query(0))
    throw Refusal{fmt::format("not a SELECT: it begins with '{}'", tokens_[0].text.substr(0, 40))};
  while (at_ < tokens_.size())
    step();
  if (levels_.size() != 1)
    throw Refusal{level().kind == Kind::choice ? "CASE without END" : "'(' without ')'"};
  end_join();
  return std::move(out_);
}

void Speller::step() {
  const Token token = tokens_[at_];
  switch (token.kind) {
  case TokenKind::word:
    return word(token);
  case TokenKind::quoted_name:
    return name(token);
  case TokenKind::string:
    return string(token);
  case TokenKind::blob:
    return value(
        Literal{Literal::Kind::blob, std::string(token.text.substr(2, token.text.size() - 3))});
  case TokenKind::number:
    return number(token);
  case TokenKind::parameter:
    return value(Parameter{std::string(token.text)});
  case TokenKind::op:
    return op(token);
  case TokenKind::punct:
  case TokenKind::comment:
    return punct(token);
  }
}

void Speller::punct(const Token& token) {
  switch (token.text[0]) {
  case '(':
    return open();
  case ')':
    return close();
  case ',':
    return comma();
  case '.':
    emit(".");
    before_ = Before::dot;
    ++at_;
    return;
  default:
    throw Refusal{"more than one statement"};
  }
}

void Speller::op(const Token& token) {
  const bool binary = after_operand();
  if (token.text == "*" && !binary) {
    emit("*");
    before_ = Before::operand;
  } else if (!binary) {
    if (token.text != "-" && token.text != "+" && token.text != "~")
      throw Refusal{fmt::format("'{}' without a left operand", token.text)};
    out_.operators[emit("-")] = token.text;
    before_ = Before::sign;
  } else {
    if (is_comparison(token.text))
      compare();
    const auto text = spelled_operator(token.text);
    out_.operators[emit(text)] = text == "^" ? token.text : text;
    before_ = Before::sign;
  }
  ++at_;
}

void Speller::compare() {
  if (std::exchange(level().compared, true))
    throw Refusal{"two comparisons in a row without parentheses"};
}

Speller::Kind Speller::kind_of_open() const {
  if (opens_query(1))
    return Kind::query;
  if (in_from() && level().wants_table)
    return Kind::join;
  if (before_ == Before::keyword) {
    if (last_keyword_ == "OVER" || (last_keyword_ == "AS" && level().clause == Clause::window))
      return Kind::window;
    if (last_keyword_ == "CAST")
      return Kind::cast;
    if (last_keyword_ == "FILTER")
      return Kind::call;
  }
  if (after_operand())
    return level().clause == Clause::with ? Kind::names : Kind::call;
  return Kind::group;
}

void Speller::open() {
  const Kind kind = kind_of_open();
  if (after_keyword("IN") && is_mark(1, '(') && opens_query(2))
    throw Refusal{"IN over a sub-query in double parentheses"};
  if (after_keyword("IN") && is_mark(1, ')'))
    return no_items();
  if (kind == Kind::query && after_operand())
    throw Refusal{"a sub-query right after an operand"};
  Level next;
  next.kind = kind;
  next.opened_at = emit("(");
  next.wants_table = kind == Kind::join;
  next.clause = kind == Kind::join ? Clause::from : Clause::none;
  levels_.push_back(next);
  before_ = Before::start;
  after_call_ = false;
  ++at_;
}

// PostgreSQL has no empty list.
void Speller::no_items() {
  out_.values.emplace_back(NoItems{});
  emit(fmt::format("( ${} )", out_.values.size()));
  before_ = Before::operand;
  after_call_ = false;
  at_ += 2;
}

void Speller::close() {
  if (levels_.size() == 1 || level().kind == Kind::choice)
    throw Refusal{level().kind == Kind::choice ? "CASE without END" : "')' without '('"};
  end_join();
  const Level closed = level();
  ++at_;
  if (closed.kind == Kind::join) {
    close_join_group();
  } else {
    emit(")");
    levels_.pop_back();
  }
  before_ = Before::operand;
  after_call_ = closed.kind == Kind::call;
  if (closed.kind == Kind::query && in_from() && level().wants_table)
    close_derived();
}

void Speller::comma() {
  if (in_from()) {
    end_join();
    begin_join("JOIN", JoinMark::comma);
  } else {
    emit(",");
    begin_expression();
    before_ = Before::start;
  }
  ++at_;
}

void Speller::begin_expression() {
  level().compared = false;
  level().between = false;
  after_call_ = false;
}

void Speller::value(SpelledValue value) {
  out_.values.push_back(std::move(value));
  emit(fmt::format("${}", out_.values.size()));
  before_ = Before::operand;
  after_call_ = false;
  ++at_;
}

void Speller::number(const Token& token) {
  value(Literal{kind_of_number(token.text), std::string(token.text)});
}

// SQLite takes a string for a name after AS and ".", and as an alias.
void Speller::string(const Token& token) {
  const bool is_alias = after_operand() || after_keyword("AS") || after_keyword("COLLATE");
  if (is_alias || before_ == Before::dot || (in_from() && level().wants_table))
    return name(token);
  value(Literal{Literal::Kind::string, unquoted(token.text)});
}

void Speller::name(const Token& token) {
  if (in_from() && level().wants_table && before_ != Before::dot)
    return table(token);
  if (before_ == Before::dot && in_from() && !level().on)
    level().table = out_.names.size();
  out_.names.push_back({unquoted(token.text), token.text.front() == '"'});
  emit(fmt::format("n{}", out_.names.size() - 1));
  before_ = Before::operand;
  after_call_ = false;
  ++at_;
}

std::size_t Speller::emit(std::string_view text) {
  if (!out_.text.empty())
    out_.text += ' ';
  const auto offset = out_.text.size();
  out_.text += text;
  return offset;
}

void Speller::keyword(std::string_view text) {
  emit(text);
  before_ = Before::keyword;
  last_keyword_ = text;
  after_call_ = false;
  ++at_;
}

bool Speller::is_word(std::size_t ahead, std::string_view word) const {
  const auto i = at_ + ahead;
  return i < tokens_.size() && tokens_[i].kind == TokenKind::word &&
         same_name(tokens_[i].text, word);
}

bool Speller::is_mark(std::size_t ahead, char mark) const {
  const auto i = at_ + ahead;
  return i < tokens_.size() && tokens_[i].kind == TokenKind::punct && tokens_[i].text[0] == mark;
}

bool Speller::is_name(std::size_t ahead) const {
  const auto i = at_ + ahead;
  return i < tokens_.size() &&
         (tokens_[i].kind == TokenKind::word || tokens_[i].kind == TokenKind::quoted_name);
}

bool Speller::opens_query(std::size_t ahead) const {
  return is_word(ahead, "SELECT") || is_word(ahead, "WITH") || is_word(ahead, "VALUES");
}

bool Speller::after_keyword(std::string_view word) const {
  return before_ == Before::keyword && last_keyword_ == word;
}

bool Speller::in_from() const {
  return level().clause == Clause::from &&
         (level().kind == Kind::query || level().kind == Kind::join);
}

} // namespace quill::sql
