#include "engine/postgres/text_caps.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <fmt/core.h>

namespace quill::engine::postgres {
namespace {

constexpr std::size_t kNestingMax = 300;
constexpr std::size_t kChainMax = 1000;
constexpr std::string_view kOperators = "+-*/<>=~!@#%^&|`?:";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

/// Words between which a chain of operators does not grow deeper.
bool ends_chain(std::string_view word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"and", "or", "select", "from", "where", "on", "when", "then",
                                       "else", "group", "having", "order", "values"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// Words that nest without a bracket.
bool grows_chain(std::string_view word) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"not", "is", "in", "like", "ilike", "between", "collate",
                                       "union", "intersect", "except", "join", "similar"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

class Scan {
 public:
  explicit Scan(std::string_view sql) : sql_(sql) {}

  std::string run() {
    while (at_ < sql_.size() && excess_.empty())
      step();
    return excess_;
  }

 private:
  [[nodiscard]] bool sees(std::string_view text) const {
    return sql_.substr(at_, text.size()) == text;
  }
  void step() {
    const char c = sql_[at_];
    if (sees("--"))
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    else if (sees("/*"))
      skip_comment();
    else if (c == '\'' || c == '"')
      skip_quoted(c, false);
    else if (c == '$' && skip_dollar())
      return;
    else if (is_word(c))
      take_word();
    else if (kOperators.find(c) != std::string_view::npos)
      take_operator();
    else
      take_mark(c);
  }
  void skip_comment() {
    int depth = 0;
    do {
      if (sees("/*"))
        ++depth, at_ += 2;
      else if (sees("*/"))
        --depth, at_ += 2;
      else
        ++at_;
    } while (depth > 0 && at_ < sql_.size());
  }
  void skip_quoted(char quote, bool backslashes) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslashes && sql_[at_] == '\\')
        ++at_;
      else if (sql_[at_] == quote)
        break; // a doubled quote begins a string again at once
    }
    ++at_;
  }
  bool skip_dollar() {
    auto end = at_ + 1;
    while (end < sql_.size() && is_word(sql_[end]))
      ++end;
    if (end >= sql_.size() || sql_[end] != '$')
      return false;
    const auto tag = sql_.substr(at_, end + 1 - at_);
    const auto close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    return true;
  }
  void take_word() {
    const auto begin = at_;
    while (at_ < sql_.size() && is_word(sql_[at_]))
      ++at_;
    std::string word(sql_.substr(begin, at_ - begin));
    for (auto& c : word)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (word == "e" && at_ < sql_.size() && sql_[at_] == '\'')
      skip_quoted('\'', true);
    else if (word == "case")
      open();
    else if (word == "end")
      close();
    else if (ends_chain(word))
      levels_.back() = 0;
    else if (grows_chain(word))
      grow();
  }
  void take_operator() {
    while (at_ < sql_.size() && kOperators.find(sql_[at_]) != std::string_view::npos &&
           !sees("--") && !sees("/*"))
      ++at_;
    grow();
  }
  void take_mark(char c) {
    ++at_;
    if (c == '(' || c == '[')
      open();
    else if (c == ')' || c == ']')
      close();
    else if (c == ',' || c == ';')
      levels_.back() = 0;
  }
  void open() {
    levels_.push_back(0);
    if (levels_.size() > kNestingMax)
      excess_ = fmt::format("nested deeper than {} levels", kNestingMax);
  }
  void close() {
    if (levels_.size() > 1)
      levels_.pop_back();
  }
  void grow() {
    if (++levels_.back() > kChainMax)
      excess_ = fmt::format("more than {} operators in one chain", kChainMax);
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<std::size_t> levels_ = {0}; ///< operators of the chain at each level
  std::string excess_;
};

} // namespace

std::string excess_of(std::string_view sql) {
  return Scan(sql).run();
}

} // namespace quill::engine::postgres
