// PostgreSQL's and DuckDB's tokens as text for libpg_query's grammar.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sql/names.hpp"
#include "sql/spelling.hpp"

namespace quill::sql {
namespace {

constexpr std::size_t kNameBytesMax = 63; // PostgreSQL cuts longer names

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::any_of(words, [&](auto known) { return same_name(known, word); });
}

/// Words that DuckDB reads as syntax of its own and PostgreSQL's grammar as names.
bool is_of_duckdb_only(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"qualify", "asof", "anti", "semi", "positional", "pivot", "unpivot", "pivot_wider",
       "pivot_longer", "summarize", "describe", "show", "lambda", "try_cast", "columns", "struct",
       "unpack"});
  return among(kWords, word);
}

bool ends_table(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"where", "group",     "having", "order", "limit", "offset", "fetch",
       "union", "intersect", "except", "on",    "using", "join",   "natural",
       "left",  "right",     "full",   "inner", "cross", "window", "tablesample"});
  return among(kWords, word);
}

/// After these an operand begins, so "[" is a list and "(SELECT" a sub-query.
bool is_prefix_word(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"select", "distinct", "all",  "from",    "where", "and",   "or",     "not",
       "in",     "like",     "when", "then",    "else",  "case",  "having", "by",
       "on",     "limit",    "is",   "between", "ilike", "array", "any",    "using"});
  return among(kWords, word);
}

class Respeller {
 public:
  Respeller(Dialect dialect, const std::vector<Token>& tokens, std::string_view sql)
      : tokens_(tokens), sql_(sql) {
    out_.dialect = dialect;
  }

  Spelled run() {
    auto end = tokens_.size();
    while (end > 0 && tokens_[end - 1].text == ";")
      --end;
    if (end == 0)
      throw Refusal{"no statement"};
    if (!is_word(0, "SELECT") && !is_word(0, "WITH") && !is_word(0, "VALUES") &&
        !is_word(0, "TABLE") && !is_mark(0, '('))
      throw Refusal{
          fmt::format("not a SELECT: it begins with '{}'", tokens_[0].text.substr(0, 40))};
    levels_.resize(1);
    while (at_ < end)
      step();
    return std::move(out_);
  }

 private:
  struct Level {
    bool wants_table = false; ///< in FROM, before an operand
    bool in_from = false;
    bool derived = false; ///< a sub-query in FROM
    bool query = false;   ///< a SELECT has begun
    bool first = false;   ///< right after another parenthesis
  };

  [[nodiscard]] bool is_duckdb() const { return out_.dialect == Dialect::duckdb; }

  void step() {
    const auto& token = tokens_[at_];
    switch (token.kind) {
    case TokenKind::parameter:
      return parameter(token.text);
    case TokenKind::word:
      return word(token);
    case TokenKind::op:
      return op(token);
    case TokenKind::string:
      check_continuation();
      return operand(token.text);
    case TokenKind::punct:
      return punct(token);
    case TokenKind::quoted_name:
    case TokenKind::number:
    case TokenKind::blob:
    case TokenKind::comment:
      check_length(token);
      return operand(token.text);
    }
  }

  void parameter(std::string_view text) {
    out_.values.emplace_back(Parameter{std::string(text)});
    operand(fmt::format("${}", out_.values.size()));
  }

  void operand(std::string_view text) {
    emit(text);
    levels_.back().wants_table = false;
    after_operand_ = true;
    ++at_;
  }

  void check_length(const Token& token) const {
    if (is_duckdb() && unquoted(token.text).size() > kNameBytesMax &&
        token.kind != TokenKind::number)
      throw Refusal{fmt::format("a name of more than {} bytes", kNameBytesMax)};
  }

  // 'a' and 'b' on the next line are one string; with a prefix the rules differ.
  void check_continuation() {
    const auto& token = tokens_[at_];
    if (at_ == 0 || tokens_[at_ - 1].kind != TokenKind::string)
      return;
    const auto& before = tokens_[at_ - 1];
    const auto end = before.offset + before.text.size();
    if (before.text[0] != '\'' || token.text[0] != '\'' ||
        sql_.substr(end, token.offset - end).find_first_of("\n\r") == std::string_view::npos)
      throw Refusal{"two strings in a row"};
    out_.text += '\n';
  }

  void word(const Token& token) {
    check_length(token);
    if (same_name(token.text, "operator") && is_mark(1, '('))
      throw Refusal{"OPERATOR(…) is not understood"};
    if (is_duckdb() && duckdb_word(token))
      return;
    emit(token.text);
    auto& level = levels_.back();
    const bool is_prefix = is_prefix_word(token.text);
    level.query = level.query || same_name(token.text, "select");
    if (same_name(token.text, "from") && after_operand_ && level.query)
      level.in_from = level.wants_table = true;
    else if (same_name(token.text, "join"))
      level.wants_table = level.in_from;
    else if (is_prefix || ends_table(token.text))
      level.wants_table = false, level.in_from = level.in_from && !ends_clause(token.text);
    else if (!same_name(token.text, "lateral"))
      level.wants_table = false;
    after_operand_ = !is_prefix;
    ++at_;
  }

  static bool ends_clause(std::string_view word) {
    return same_name(word, "where") || same_name(word, "select") || same_name(word, "by") ||
           same_name(word, "having") || same_name(word, "limit");
  }

  bool duckdb_word(const Token& token) {
    if (at_ > 0 && tokens_[at_ - 1].text == ".")
      return false;
    if (is_of_duckdb_only(token.text))
      throw Refusal{fmt::format("{} is not understood", upper(token.text))};
    if (same_name(token.text, "interval") && at_ + 2 < tokens_.size() &&
        tokens_[at_ + 1].kind == TokenKind::number && tokens_[at_ + 2].kind == TokenKind::word) {
      operand(fmt::format("INTERVAL '{} {}'", tokens_[at_ + 1].text, lower(tokens_[at_ + 2].text)));
      at_ += 2;
      return true;
    }
    const bool negated = same_name(token.text, "not") && is_word(1, "GLOB");
    if (!after_operand_ || !(negated || same_name(token.text, "glob")))
      return false;
    out_.operators[emit(negated ? "NOT LIKE" : "LIKE")] = "GLOB";
    after_operand_ = false;
    at_ += negated ? 2 : 1;
    return true;
  }

  // DuckDB's own operators with PostgreSQL's of the same strength.
  void op(const Token& token) {
    auto text = token.text;
    if (is_duckdb() && (text == "->" || text == "->>"))
      throw Refusal{fmt::format("{} is not understood: it binds less than in PostgreSQL", text)};
    if (is_duckdb() && text == "==")
      text = "=";
    const bool division = is_duckdb() && text == "//";
    const bool power = is_duckdb() && text == "**";
    // The grammar folds - before digits into a negative constant, which its JSON writes as 0.
    const bool minus = text == "-";
    const auto offset = emit(division ? "/" : power ? "^" : minus ? "+" : text);
    if (division || power || minus)
      out_.operators[offset] = text;
    if (text == "*" && !after_operand_)
      after_operand_ = true;
    else
      after_operand_ = false;
    ++at_;
  }

  void punct(const Token& token) {
    switch (token.text[0]) {
    case '(':
    case '{':
      return open(token.text);
    case '[':
      return open(is_duckdb() && !after_operand_ && !after_array() ? "ARRAY [" : "[");
    case ')':
    case ']':
    case '}':
      return close(token.text);
    case ';':
      throw Refusal{"more than one statement"};
    default:
      emit(token.text);
      after_operand_ = false;
      levels_.back().wants_table = token.text == "," && levels_.back().in_from;
      ++at_;
    }
  }

  [[nodiscard]] bool after_array() const {
    return at_ > 0 && same_name(tokens_[at_ - 1].text, "array");
  }

  void open(std::string_view text) {
    Level next;
    const bool query = is_word(1, "SELECT") || is_word(1, "WITH") || is_word(1, "VALUES");
    next.derived = levels_.back().wants_table && query;
    next.first = at_ > 0 && tokens_[at_ - 1].text == "(";
    next.wants_table = next.in_from = levels_.back().wants_table && !query;
    emit(text);
    levels_.push_back(next);
    after_operand_ = false;
    ++at_;
  }

  void close(std::string_view text) {
    if (levels_.size() == 1)
      throw Refusal{fmt::format("'{}' without its opening one", text)};
    const auto closed = levels_.back();
    levels_.pop_back();
    emit(text);
    levels_.back().wants_table = false;
    after_operand_ = true;
    ++at_;
    // ((SELECT 1) UNION SELECT 2): the outer parentheses are the sub-query.
    if (closed.derived && closed.first && (is_mark(0, ')') || set_follows()))
      levels_.back().derived = true;
    else if (is_duckdb() && closed.derived && !alias_follows())
      emit(fmt::format("\"{}\"", kNoAliasOfDuckdb));
  }

  [[nodiscard]] bool set_follows() const {
    return is_word(0, "UNION") || is_word(0, "INTERSECT") || is_word(0, "EXCEPT");
  }

  [[nodiscard]] bool alias_follows() const {
    if (at_ >= tokens_.size())
      return false;
    const auto& token = tokens_[at_];
    return token.kind == TokenKind::quoted_name ||
           (token.kind == TokenKind::word && !ends_table(token.text));
  }

  std::size_t emit(std::string_view text) {
    if (!out_.text.empty())
      out_.text += ' ';
    const auto offset = out_.text.size();
    out_.text += text;
    return offset;
  }

  [[nodiscard]] bool is_word(std::size_t ahead, std::string_view word) const {
    const auto i = at_ + ahead;
    return i < tokens_.size() && tokens_[i].kind == TokenKind::word &&
           same_name(tokens_[i].text, word);
  }
  [[nodiscard]] bool is_mark(std::size_t ahead, char mark) const {
    const auto i = at_ + ahead;
    return i < tokens_.size() && tokens_[i].kind == TokenKind::punct && tokens_[i].text[0] == mark;
  }

  const std::vector<Token>& tokens_;
  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  bool after_operand_ = false;
  Spelled out_;
};

} // namespace

Spelled respell(Dialect dialect, const std::vector<Token>& tokens, std::string_view sql) {
  return Respeller(dialect, tokens, sql).run();
}

} // namespace quill::sql
