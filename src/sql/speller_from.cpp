// FROM: commas, joins without a condition, sub-queries without an alias.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sql/names.hpp"
#include "sql/speller.hpp"

namespace quill::sql {
namespace {

bool is_join_word(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"natural", "left", "right", "full", "inner", "outer", "cross", "join"});
  return std::ranges::any_of(kWords, [&](auto known) { return same_name(known, word); });
}

bool ends_from(std::string_view word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"where", "group", "having", "order", "limit", "union",
                                       "intersect", "except", "on", "using"});
  return std::ranges::any_of(kWords, [&](auto known) { return same_name(known, word); });
}

} // namespace

std::size_t Speller::join_words() const {
  std::size_t count = 0;
  while (at_ + count < tokens_.size() && tokens_[at_ + count].kind == TokenKind::word &&
         is_join_word(tokens_[at_ + count].text)) {
    if (is_word(count++, "join"))
      return count;
  }
  return 0;
}

bool Speller::from_word(const std::string& word) {
  if (level().wants_table || before_ == Before::dot || after_keyword("AS"))
    return false;
  if (const auto words = join_words(); words > 0 && after_operand())
    return join(words), true;
  if (word == "ON")
    return on(), true;
  if (word == "USING")
    return using_columns(), true;
  return index_hint(word);
}

// The hint has no place in the grammar: the table keeps it.
bool Speller::index_hint(const std::string& word) {
  const bool none = word == "NOT" && is_word(1, "INDEXED");
  const bool by = word == "INDEXED" && is_word(1, "BY") && is_name(2);
  if (!none && !by)
    return false;
  if (!after_operand() || level().table >= out_.names.size())
    throw Refusal{"INDEXED BY without its table"};
  out_.names[level().table].hint = none ? "NOT INDEXED" : " " + unquoted(tokens_[at_ + 2].text);
  at_ += none ? 2 : 3;
  return true;
}

void Speller::table(const Token& token) {
  if (token.kind == TokenKind::word && ends_from(token.text))
    throw Refusal{fmt::format("{} where a table is wanted", token.text)};
  level().wants_table = false;
  level().table = out_.names.size();
  out_.names.push_back({unquoted(token.text), false});
  emit(fmt::format("n{}", out_.names.size() - 1));
  before_ = Before::operand;
  ++at_;
}

void Speller::join(std::size_t words) {
  bool natural = false;
  bool outer = false;
  std::string side;
  for (std::size_t i = 0; i + 1 < words; ++i) {
    const auto word = upper(tokens_[at_ + i].text);
    if (word == "NATURAL")
      natural = true;
    else if (word == "OUTER")
      outer = true;
    else if (side.empty())
      side = word;
    else
      throw Refusal{fmt::format("{} {} JOIN is not understood", side, word)};
  }
  const bool one_sided = side == "LEFT" || side == "RIGHT" || side == "FULL";
  if ((outer && !one_sided) || (natural && side == "CROSS"))
    throw Refusal{"a join of unusual words is not understood"};
  end_join();
  at_ += words;
  const std::string text = one_sided ? side + " JOIN" : "JOIN";
  if (natural)
    return begin_join("NATURAL " + text, std::nullopt);
  begin_join(text, side == "CROSS" ? JoinMark::cross : JoinMark::none);
}

void Speller::begin_join(std::string_view text, std::optional<JoinMark> mark) {
  if (++level().joins > caps_.operator_chain)
    throw Refusal{fmt::format("more than {} joins", caps_.operator_chain)};
  emit(text);
  begin_expression();
  before_ = Before::start;
  level().join = mark;
  level().wants_table = true;
  level().on = false;
}

void Speller::end_join() {
  if (!in_from())
    return;
  if (level().close_cross)
    emit(")");
  level().close_cross = false;
  if (level().join) {
    out_.values.emplace_back(*level().join);
    emit(fmt::format("ON ${}", out_.values.size()));
  }
  level().join.reset();
}

void Speller::on() {
  if (!level().join)
    throw Refusal{"ON without its join"};
  level().close_cross = *level().join == JoinMark::cross;
  level().join.reset();
  level().on = true;
  begin_expression();
  keyword("ON");
  if (level().close_cross)
    emit(fmt::format("{} (", kCrossOn));
}

void Speller::using_columns() {
  if (!level().join || *level().join == JoinMark::cross)
    throw Refusal{"USING without its join"};
  level().join.reset();
  keyword("USING");
}

bool Speller::alias_follows() const {
  if (at_ >= tokens_.size())
    return false;
  const auto& token = tokens_[at_];
  if (token.kind == TokenKind::quoted_name || token.kind == TokenKind::string)
    return true;
  return token.kind == TokenKind::word && join_words() == 0 && !ends_from(token.text) &&
         !(is_word(0, "WINDOW") && is_word(2, "AS"));
}

// PostgreSQL wants an alias on every sub-query in FROM.
void Speller::close_derived() {
  level().wants_table = false;
  if (!alias_follows())
    emit(kNoAlias);
}

// "(t)" is a table to SQLite and an error to PostgreSQL: the parentheses go.
void Speller::close_join_group() {
  const Level closed = level();
  levels_.pop_back();
  level().wants_table = false;
  if (closed.joins > 0) {
    emit(")");
  } else if (closed.wants_table) {
    throw Refusal{"parentheses around no table"};
  } else {
    out_.text[closed.opened_at] = ' ';
  }
}

} // namespace quill::sql
