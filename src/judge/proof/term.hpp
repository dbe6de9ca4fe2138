// What an expression stands for while rows are made up: a constant, a cell that may still be
// chosen, or a simple function of one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "judge/proof/values.hpp"

namespace quill::judge::proof {

/// One step of a function of a cell; what it needs stands in `number` and `text`.
struct Shape {
  enum class Op {
    add,           ///< + number
    subtract_from, ///< number -
    multiply,
    divide,
    modulo,
    negate,
    absolute,
    round,
    to_integer,
    lower,
    upper,
    trim,
    length,
    substring, ///< from `number`, `count` characters
    date,      ///< with modifiers of days in `number`
    strftime,  ///< format in `text`
    coalesce,  ///< `value` for NULL
    append     ///< || text
  };
  Op op;
  double number = 0;
  double count = 0;
  std::string text = {};
  engine::Value value = {};
};
using Shapes = std::vector<Shape>; ///< innermost first

struct Term {
  enum class Kind { unknown, constant, cell, aggregate };
  Kind kind = Kind::unknown;
  engine::Value value = {};  ///< of a constant
  int cell = -1;             ///< a variable of the solver; of an aggregate its argument's, or -1
  Shapes shapes = {};        ///< of a cell, or of the aggregate as if of its argument
  std::string function = {}; ///< of an aggregate
  bool distinct = false;     ///< of an aggregate
  const sql::Expr* argument = nullptr; ///< of an aggregate
  std::size_t group = 0;               ///< of an aggregate: which group it sums up
};

[[nodiscard]] inline bool is_cell(const Term& term) {
  return term.kind == Term::Kind::cell;
}
[[nodiscard]] inline bool is_constant(const Term& term) {
  return term.kind == Term::Kind::constant;
}
[[nodiscard]] inline bool is_aggregate(const Term& term) {
  return term.kind == Term::Kind::aggregate;
}
[[nodiscard]] inline Term constant(engine::Value value) {
  return {.kind = Term::Kind::constant, .value = std::move(value)};
}

/// The value of the function at `value`; nullopt when it is not known here.
[[nodiscard]] std::optional<engine::Value> forward(const Shapes& shapes, engine::Value value);
/// Values whose function gives `target`, the likeliest first (not proved).
[[nodiscard]] Values backward(const Shapes& shapes, const engine::Value& target);
/// "<" for ">", "=" for "=".
[[nodiscard]] std::string mirrored(const std::string& op);
/// "<" for ">=", "=" for "<>".
[[nodiscard]] std::string negated(const std::string& op);
/// Does `a op b` hold? nullopt for NULLs and mixed kinds.
[[nodiscard]] std::optional<bool> holds(const engine::Value& a, const std::string& op,
                                        const engine::Value& b);

} // namespace quill::judge::proof
