// Words: which are keywords where they stand, and what PostgreSQL calls them.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sql/names.hpp"
#include "sql/speller.hpp"

namespace quill::sql {
namespace {

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Never a name unless quoted, wherever they stand.
bool is_reserved(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"SELECT", "FROM",   "WHERE",  "AND",    "OR",     "NOT",       "IN",     "BETWEEN",
       "CASE",   "WHEN",   "THEN",   "ELSE",   "ON",     "USING",     "GROUP",  "HAVING",
       "ORDER",  "LIMIT",  "UNION",  "JOIN",   "AS",     "INTERSECT", "EXCEPT", "DISTINCT",
       "IS",     "VALUES", "ALL",    "ESCAPE", "EXISTS", "COLLATE",   "ISNULL", "NOTNULL",
       "SET",    "TABLE",  "CREATE", "INDEX"});
  return among(kWords, word);
}

bool is_match_word(std::string_view word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"LIKE", "GLOB", "REGEXP", "MATCH"});
  return among(kWords, word);
}

} // namespace

void Speller::word(const Token& token) {
  const auto word = upper(token.text);
  if (before_ == Before::dot)
    return name(token);
  if (level().frame && frame_word(word))
    return;
  if (in_from() && from_word(word))
    return;
  if (in_from() && level().wants_table)
    return name(token);
  if (in_from() && !level().on && after_operand() && !is_reserved(word) && !begins_windows(word))
    return name(token);
  if (after_keyword("AS"))
    return with_word(word) ? void() : name(token);
  if (with_word(word) || clause_word(word) || tail_word(word) || operator_word(word) ||
      choice_word(word) || window_word(word) || constant_word(word))
    return;
  if (is_reserved(word))
    throw Refusal{fmt::format("unexpected {}", word)};
  name(token);
}

bool Speller::with_word(const std::string& word) {
  if (word == "WITH" && before_ == Before::start && level().kind == Kind::query)
    return clause(Clause::with, "WITH"), true;
  if (level().clause != Clause::with)
    return false;
  if (word == "RECURSIVE" && after_keyword("WITH") && !is_word(1, "AS") && !is_mark(1, '('))
    return keyword("RECURSIVE"), true;
  if (!after_keyword("AS"))
    return false;
  if (word == "MATERIALIZED")
    return keyword("MATERIALIZED"), true;
  if (word == "NOT" && is_word(1, "MATERIALIZED"))
    return keyword("NOT MATERIALIZED"), ++at_, true;
  return false;
}

void Speller::clause(Clause next, std::string_view text, std::size_t words) {
  end_join();
  level().clause = next;
  level().on = false;
  begin_expression();
  keyword(text);
  at_ += words - 1;
}

bool Speller::clause_word(const std::string& word) {
  if (word == "SELECT")
    return select(), true;
  if (word == "VALUES")
    return clause(Clause::values, "VALUES"), true;
  if (word == "FROM" && level().kind == Kind::query) {
    clause(Clause::from, "FROM");
    return level().wants_table = true;
  }
  if (word == "WHERE" || word == "HAVING")
    return clause(Clause::where, word), true;
  if (word == "GROUP" && is_word(1, "BY"))
    return clause(Clause::where, "GROUP BY", 2), true;
  if (word == "ORDER" && is_word(1, "BY"))
    return clause(Clause::order, "ORDER BY", 2), true;
  if (word == "UNION" || word == "INTERSECT" || word == "EXCEPT")
    return set_operator(word), true;
  if (word == "LIMIT")
    return limit(), true;
  if (begins_windows(word))
    return clause(Clause::window, "WINDOW"), true;
  return false;
}

bool Speller::begins_windows(const std::string& word) const {
  return word == "WINDOW" && after_operand() && level().kind == Kind::query && is_word(2, "AS") &&
         is_mark(3, '(');
}

void Speller::select() {
  if (level().kind != Kind::query)
    throw Refusal{"unexpected SELECT"};
  clause(Clause::items, "SELECT");
  if (is_word(0, "ALL"))
    ++at_;
  if (is_word(0, "DISTINCT") && is_word(1, "ON"))
    throw Refusal{"DISTINCT ON is not SQLite's"};
}

// All set operators of SQLite bind alike, from the left. INTERSECT borrows a spelling that does so.
void Speller::set_operator(const std::string& word) {
  const bool all = is_word(1, "ALL");
  if (level().kind != Kind::query || (all && word != "UNION"))
    throw Refusal{fmt::format("unexpected {}{}", word, all ? " ALL" : "")};
  if (word == "INTERSECT")
    clause(Clause::none, "EXCEPT ALL");
  else
    clause(Clause::none, all ? "UNION ALL" : word, all ? 2 : 1);
  level().joins = 0;
  if (!is_word(0, "SELECT") && !is_word(0, "VALUES"))
    throw Refusal{fmt::format("no SELECT after {}", word)};
}

// LIMIT a, b is LIMIT b OFFSET a.
void Speller::limit() {
  const auto first = tokens_.begin() + static_cast<std::ptrdiff_t>(at_) + 1;
  auto comma_at = tokens_.end();
  auto end = first;
  for (int depth = 0; end != tokens_.end(); ++end) {
    if (end->text == "(")
      ++depth;
    else if (end->text == ")" && depth-- == 0)
      break;
    else if (end->text == "," && depth == 0 && comma_at == tokens_.end())
      comma_at = end;
  }
  if (comma_at != tokens_.end()) {
    *comma_at = Token{TokenKind::word, "OFFSET", comma_at->offset};
    // skip OFFSET count → OFFSET count skip → count OFFSET skip
    const auto skip = std::rotate(first, comma_at, end);
    std::rotate(first, first + 1, skip);
  }
  clause(Clause::limit, "LIMIT");
}

bool Speller::tail_word(const std::string& word) {
  if (word == "OFFSET" && level().clause == Clause::limit && after_operand())
    return begin_expression(), keyword("OFFSET"), true;
  if (level().clause != Clause::order)
    return false;
  if ((word == "ASC" || word == "DESC") && after_operand())
    return keyword(word), true;
  const bool may_end = after_operand() || after_keyword("ASC") || after_keyword("DESC");
  if (word == "NULLS" && may_end && (is_word(1, "FIRST") || is_word(1, "LAST")))
    return keyword(is_word(1, "FIRST") ? "NULLS FIRST" : "NULLS LAST"), ++at_, true;
  return false;
}

bool Speller::operator_word(const std::string& word) {
  if (word == "DISTINCT" || word == "EXISTS" || word == "AS")
    return (word == "AS" && level().kind == Kind::cast) ? cast_type() : keyword(word), true;
  if (word == "CAST" && is_mark(1, '(') && !after_operand())
    return keyword(word), true;
  if (word == "NOT")
    return not_word(), true;
  if (!after_operand())
    return false;
  if (word == "AND" && std::exchange(level().between, false))
    return keyword(word), true;
  if (word == "AND" || word == "OR")
    return begin_expression(), keyword(word), true;
  if (word == "IS")
    return is(), true;
  if (word == "ISNULL" || word == "NOTNULL")
    return compare(), null_test(word == "NOTNULL", 1), true;
  if (word == "IN")
    return compare(), is_name(1) ? in_table() : keyword(word), true;
  if (word == "BETWEEN") {
    compare(), keyword(word);
    return level().between = true;
  }
  if (word == "COLLATE" || word == "ESCAPE")
    return keyword(word), true;
  if (is_match_word(word))
    return match(word), true;
  return false;
}

// IS takes any operand in SQLite; PostgreSQL's word for that is IS NOT DISTINCT FROM.
void Speller::is() {
  compare();
  bool negated = is_word(1, "NOT");
  std::size_t words = negated ? 2 : 1;
  if (is_word(words, "NULL"))
    return null_test(negated, words + 1);
  if (is_word(words, "DISTINCT") && is_word(words + 1, "FROM")) {
    negated = !negated;
    words += 2;
  }
  emit(negated ? "IS DISTINCT FROM" : "IS NOT DISTINCT FROM");
  before_ = Before::sign;
  at_ += words;
}

void Speller::null_test(bool negated, std::size_t words) {
  emit(negated ? "IS NOT NULL" : "IS NULL");
  before_ = Before::operand;
  after_call_ = false;
  at_ += words;
  if (at_ < tokens_.size() && tokens_[at_].kind == TokenKind::op)
    throw Refusal{"an operator right after a test for NULL"};
}

void Speller::not_word() {
  if (after_operand() && is_word(1, "NULL"))
    return compare(), null_test(true, 2);
  const auto offset = emit("NOT");
  ++at_;
  if (!after_operand()) {
    before_ = Before::keyword;
    last_keyword_ = "NOT";
    return;
  }
  // NOT LIKE, NOT IN, NOT BETWEEN: the left operand still stands.
  if (at_ < tokens_.size() && is_match_word(upper(tokens_[at_].text)))
    out_.operators[offset] = upper(tokens_[at_].text);
}

void Speller::match(const std::string& word) {
  compare();
  out_.operators[emit("LIKE")] = word;
  before_ = Before::sign;
  ++at_;
}

bool Speller::choice_word(const std::string& word) {
  if (word == "CASE") {
    keyword(word);
    Level next;
    next.kind = Kind::choice;
    levels_.push_back(next);
    return true;
  }
  if (level().kind != Kind::choice)
    return false;
  if (word == "WHEN" || word == "THEN" || word == "ELSE")
    return begin_expression(), keyword(word), true;
  if (word != "END" || !after_operand())
    return false;
  keyword(word);
  levels_.pop_back();
  before_ = Before::operand;
  return true;
}

bool Speller::window_word(const std::string& word) {
  if (word == "OVER" && after_call_)
    return keyword(word), true;
  if (word == "FILTER" && after_call_ && is_mark(1, '('))
    return keyword(word), true;
  if (level().kind != Kind::window)
    return false;
  if (word == "PARTITION" && is_word(1, "BY"))
    return begin_expression(), keyword("PARTITION BY"), ++at_, true;
  if (word != "ROWS" && word != "RANGE" && word != "GROUPS")
    return false;
  const auto kind = at_ + 1 < tokens_.size() ? tokens_[at_ + 1].kind : TokenKind::punct;
  if (kind != TokenKind::number && kind != TokenKind::parameter && !is_word(1, "BETWEEN") &&
      !is_word(1, "UNBOUNDED") && !is_word(1, "CURRENT"))
    return false;
  level().frame = true;
  return keyword(word), true;
}

bool Speller::frame_word(const std::string& word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"BETWEEN", "AND", "UNBOUNDED", "PRECEDING", "FOLLOWING",
                                       "CURRENT", "ROW", "EXCLUDE", "TIES", "GROUP"});
  // SQLite runs it by another program than a frame without it, and the tree has no place for it.
  if (word == "NO" && after_keyword("EXCLUDE"))
    throw Refusal{"EXCLUDE NO OTHERS is not understood"};
  if (!among(kWords, word))
    return false;
  return keyword(word), true;
}

bool Speller::constant_word(const std::string& word) {
  if (after_operand() || after_keyword("OVER") || after_keyword("COLLATE"))
    return false;
  if (word == "NULL")
    return value(Literal{}), true;
  if ((word == "TRUE" || word == "FALSE") && !is_mark(1, '.') && !is_mark(1, '('))
    return value(Literal{Literal::Kind::boolean, lower(word)}), true;
  if (word == "CURRENT_DATE" || word == "CURRENT_TIME" || word == "CURRENT_TIMESTAMP")
    return clock(word), true;
  return false;
}

// CURRENT_DATE has no operands: to the grammar it is a call without any.
void Speller::clock(const std::string& word) {
  out_.names.push_back({lower(word), false, true});
  emit(fmt::format("n{} ( )", out_.names.size() - 1));
  before_ = Before::operand;
  after_call_ = false;
  ++at_;
}

// x IN t is x IN (SELECT * FROM t).
void Speller::in_table() {
  keyword("IN");
  emit("( SELECT * FROM");
  const auto part = [this] {
    out_.names.push_back({unquoted(tokens_[at_++].text)});
    emit(fmt::format("n{}", out_.names.size() - 1));
  };
  part();
  if (is_mark(0, '.') && is_name(1)) {
    emit(".");
    ++at_;
    part();
  }
  if (is_mark(0, '('))
    throw Refusal{"IN over a table function is not understood"};
  emit(")");
  before_ = Before::operand;
  after_call_ = false;
}

// CAST(x AS any words (with, numbers)).
void Speller::cast_type() {
  std::string type;
  int depth = 0;
  for (++at_; at_ < tokens_.size(); ++at_) {
    const auto& token = tokens_[at_];
    if (is_mark(0, ')') && depth == 0)
      break;
    depth += is_mark(0, '(') ? 1 : is_mark(0, ')') ? -1 : 0;
    const bool glued = type.empty() || token.kind != TokenKind::word || type.back() == '(';
    type += (glued ? "" : " ") + upper(token.text);
  }
  if (type.empty())
    throw Refusal{"CAST without a type"};
  out_.types.push_back(std::move(type));
  emit(fmt::format("AS t{}", out_.types.size() - 1));
  before_ = Before::operand;
}

} // namespace quill::sql
