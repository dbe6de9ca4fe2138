#include "sql/caps.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::any_of(words, [&](auto known) { return same_name(known, word); });
}

bool is_operator_word(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"not", "is", "in", "like", "glob", "regexp", "match", "between", "collate", "isnull",
       "notnull", "escape", "ilike", "similar", "at", "operator", "overlaps"});
  return among(kWords, word);
}

bool is_clause(std::string_view word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"select", "from", "where", "group", "having", "order",
                                       "limit", "values", "on", "when", "then", "else"});
  return among(kWords, word);
}

bool is_set_word(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>({"union", "intersect", "except"});
  return among(kWords, word);
}

} // namespace

DepthCounter::DepthCounter(const TextCaps& caps) : caps_(caps), levels_(1) {}

void DepthCounter::open() {
  below_ += levels_.back().sum();
  levels_.emplace_back();
  ++nesting_;
}

void DepthCounter::close() {
  if (levels_.size() == 1)
    return;
  nesting_ -= std::min(nesting_, 1 + levels_.back().cases);
  levels_.pop_back();
  below_ -= levels_.back().sum();
}

void DepthCounter::comma() {
  levels_.back().operators = 0;
  levels_.back().logic = 0;
}

void DepthCounter::word(std::string_view text) {
  auto& level = levels_.back();
  if (is_operator_word(text)) {
    ++level.operators;
  } else if (same_name(text, "and") || same_name(text, "or")) {
    level.operators = 0;
    ++level.logic;
  } else if (is_set_word(text)) {
    ++level.sets;
  } else if (same_name(text, "join")) {
    ++level.joins;
  } else if (same_name(text, "case")) {
    ++level.cases;
    ++nesting_;
  } else if (same_name(text, "end") && level.cases > 0) {
    --level.cases;
    --nesting_;
  } else if (is_clause(text)) {
    comma();
  }
}

std::string DepthCounter::add(const Token& token) {
  if (token.kind == TokenKind::op) {
    ++levels_.back().operators;
  } else if (token.kind == TokenKind::word) {
    word(token.text);
  } else if (token.kind == TokenKind::punct) {
    const char c = token.text[0];
    if (c == '(' || c == '[' || c == '{')
      open();
    else if (c == ')' || c == ']' || c == '}')
      close();
    else if (c == ',' || c == ';')
      comma();
  }
  return passed();
}

std::string DepthCounter::passed() const {
  const auto& level = levels_.back();
  if (nesting_ > caps_.nesting)
    return fmt::format("more than {} nested parentheses and CASEs", caps_.nesting);
  if (std::max({level.operators, level.logic, level.sets, level.joins}) > caps_.operator_chain)
    return fmt::format("more than {} operators in a chain", caps_.operator_chain);
  if (below_ + level.sum() > 2 * caps_.operator_chain + caps_.nesting)
    return "operators nested too deep";
  return {};
}

} // namespace quill::sql
