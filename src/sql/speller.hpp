// The state of spell_for_postgres(): one pass over the tokens, one Level per parenthesis or CASE.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/spelling.hpp"

namespace quill::sql {

class Speller {
 public:
  Speller(std::vector<Token> tokens, const TextCaps& caps);
  Spelled run();

 private:
  enum class Kind { query, group, call, window, join, cast, choice, names };
  enum class Clause { none, with, items, from, where, order, limit, values, window };
  /// What stands to the left: decides between unary and binary, name and keyword.
  enum class Before { start, operand, sign, dot, keyword };

  struct Level {
    Kind kind = Kind::query;
    Clause clause = Clause::none;
    std::size_t opened_at = 0; ///< offset of "(" in the text
    bool compared = false;     ///< a comparison since the last AND, OR, comma, clause
    bool between = false;      ///< its AND is still to come
    bool frame = false;        ///< inside ROWS/RANGE/GROUPS of a window
    bool wants_table = false;  ///< in FROM, before an operand
    bool on = false;           ///< in FROM, inside a condition
    std::size_t joins = 0;
    std::optional<JoinMark> join; ///< still without ON or USING
    bool close_cross = false;     ///< a cross_on( is open
    std::size_t table = 0;        ///< the last table of FROM, among the names
  };

  // speller.cpp: tokens
  void step();
  void punct(const Token& token);
  void op(const Token& token);
  void open();
  [[nodiscard]] Kind kind_of_open() const;
  void no_items();
  void close();
  void comma();
  void value(SpelledValue value);
  void number(const Token& token);
  void string(const Token& token);
  void name(const Token& token);
  void begin_expression();

  // speller_words.cpp: words
  void word(const Token& token);
  [[nodiscard]] bool with_word(const std::string& word);
  [[nodiscard]] bool clause_word(const std::string& word);
  [[nodiscard]] bool begins_windows(const std::string& word) const;
  [[nodiscard]] bool tail_word(const std::string& word);
  [[nodiscard]] bool operator_word(const std::string& word);
  [[nodiscard]] bool choice_word(const std::string& word);
  [[nodiscard]] bool window_word(const std::string& word);
  [[nodiscard]] bool frame_word(const std::string& word);
  [[nodiscard]] bool constant_word(const std::string& word);
  void clause(Clause clause, std::string_view text, std::size_t words = 1);
  void select();
  void set_operator(const std::string& word);
  void limit();
  void is();
  void null_test(bool negated, std::size_t words);
  void match(const std::string& word);
  void not_word();
  void cast_type();
  void clock(const std::string& word);
  void in_table();
  void compare();

  // speller_from.cpp: FROM
  [[nodiscard]] bool from_word(const std::string& word);
  void table(const Token& token);
  [[nodiscard]] std::size_t join_words() const; ///< up to and with JOIN; 0 when it is no join
  void join(std::size_t words);
  void begin_join(std::string_view text, std::optional<JoinMark> mark);
  void end_join();
  void on();
  void using_columns();
  [[nodiscard]] bool index_hint(const std::string& word);
  [[nodiscard]] bool alias_follows() const;
  void close_derived();
  void close_join_group();

  std::size_t emit(std::string_view text);
  void keyword(std::string_view text);
  [[nodiscard]] bool is_word(std::size_t ahead, std::string_view word) const;
  [[nodiscard]] bool is_mark(std::size_t ahead, char mark) const;
  [[nodiscard]] bool is_name(std::size_t ahead) const;
  [[nodiscard]] bool opens_query(std::size_t ahead) const;
  [[nodiscard]] bool after_operand() const { return before_ == Before::operand; }
  [[nodiscard]] bool after_keyword(std::string_view word) const;
  [[nodiscard]] Level& level() { return levels_.back(); }
  [[nodiscard]] const Level& level() const { return levels_.back(); }
  [[nodiscard]] bool in_from() const;

  std::vector<Token> tokens_;
  TextCaps caps_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  Before before_ = Before::start;
  std::string last_keyword_; ///< valid while before_ == keyword
  bool after_call_ = false;  ///< the operand to the left is a function call
  Spelled out_;
};

} // namespace quill::sql
