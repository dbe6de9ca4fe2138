#include "judge/proof/term.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "judge/cells.hpp"

namespace quill::judge::proof {

namespace {

using engine::Value;
using Op = Shape::Op;

std::string cased(std::string text, bool upper) {
  for (auto& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
  }
  return text;
}

/// A whole number stays one, as SQLite's arithmetic on integers does.
Value numeral(double number, bool integral) {
  if (integral && std::floor(number) == number && std::abs(number) < 9e15)
    return Value(static_cast<std::int64_t>(number));
  return Value(number);
}

bool is_integer(const Value& value) {
  return std::holds_alternative<std::int64_t>(value);
}

std::optional<Value> formatted(const std::string& format, const std::string& text) {
  if (!day_number(text))
    return std::nullopt;
  if (format == "%Y")
    return Value(text.substr(0, 4));
  if (format == "%m")
    return Value(text.substr(5, 2));
  if (format == "%d")
    return Value(text.substr(8, 2));
  if (format == "%Y-%m")
    return Value(text.substr(0, 7));
  if (format == "%Y-%m-%d")
    return Value(text.substr(0, 10));
  return std::nullopt;
}

std::optional<Value> forward_number(const Shape& shape, double at, bool integral) {
  const bool whole = integral && std::floor(shape.number) == shape.number;
  switch (shape.op) {
  case Op::add:
    return numeral(at + shape.number, whole);
  case Op::subtract_from:
    return numeral(shape.number - at, whole);
  case Op::multiply:
    return numeral(at * shape.number, whole);
  case Op::divide:
    if (shape.number == 0)
      return Value{};
    return numeral(whole ? std::trunc(at / shape.number) : at / shape.number, whole);
  case Op::modulo:
    return shape.number == 0 ? Value{} : numeral(std::fmod(at, shape.number), true);
  case Op::negate:
    return numeral(-at, integral);
  case Op::absolute:
    return numeral(std::abs(at), integral);
  case Op::round:
    return Value(std::round(at));
  case Op::to_integer:
    return numeral(std::trunc(at), true);
  default:
    return std::nullopt;
  }
}

std::optional<Value> forward_text(const Shape& shape, const std::string& text) {
  switch (shape.op) {
  case Op::lower:
    return Value(cased(text, false));
  case Op::upper:
    return Value(cased(text, true));
  case Op::length:
    return Value(static_cast<std::int64_t>(text.size()));
  case Op::append:
    return Value(text + shape.text);
  case Op::substring:
    if (shape.number < 1 || shape.number > static_cast<double>(text.size()))
      return Value(std::string());
    return Value(text.substr(static_cast<std::size_t>(shape.number) - 1,
                             static_cast<std::size_t>(std::max(shape.count, 0.0))));
  case Op::date:
    if (const auto day = day_number(text))
      return Value(day_text(*day + static_cast<long>(shape.number)));
    return std::nullopt;
  case Op::strftime:
    return formatted(shape.text, text);
  default:
    return std::nullopt;
  }
}

std::optional<Value> forward_one(const Shape& shape, const Value& value) {
  if (shape.op == Op::coalesce)
    return is_null(value) ? shape.value : value;
  if (is_null(value))
    return value;
  if (const auto number = number_of(value))
    return forward_number(shape, *number, is_integer(value));
  const auto* text = std::get_if<std::string>(&value);
  return text ? forward_text(shape, *text) : std::nullopt;
}

void backward_number(const Shape& shape, double at, bool integral, Values& out) {
  const auto add = [&](double number) { out.push_back(numeral(number, integral)); };
  const double k = shape.number;
  switch (shape.op) {
  case Op::add:
    return add(at - k);
  case Op::subtract_from:
    return add(k - at);
  case Op::multiply:
    if (k != 0)
      add(at / k);
    return;
  case Op::divide:
    for (const double rest : {0.0, 1.0, k - 1, -1.0})
      add(at * k + rest);
    return;
  case Op::modulo:
    for (const double times : {0.0, 1.0, 2.0, -1.0})
      add(at + k * times);
    return;
  case Op::negate:
    return add(-at);
  case Op::absolute:
    add(at);
    return add(-at);
  case Op::round:
    out.emplace_back(at);
    out.emplace_back(at - 0.5);
    out.emplace_back(at + 0.49);
    return;
  case Op::to_integer:
    add(at);
    out.emplace_back(at + (at < 0 ? -0.5 : 0.5));
    return;
  case Op::length:
    if (at >= 0 && at <= 60)
      out.emplace_back(std::string(static_cast<std::size_t>(at), 'a'));
    return;
  default:
    out.push_back(numeral(at, integral));
  }
}

void dates_of(const std::string& format, const std::string& text, Values& out) {
  std::string first;
  std::string last;
  if (format == "%Y")
    first = text + "-01-01", last = text + "-12-31";
  else if (format == "%Y-%m")
    first = text + "-01", last = text + "-28";
  else if (format == "%m")
    first = "2024-" + text + "-01", last = "2023-" + text + "-28";
  else if (format == "%d")
    first = "2024-01-" + text, last = "2023-12-" + text;
  else if (format == "%H")
    first = "2024-01-01 " + text + ":00:00", last = "2024-01-02 " + text + ":59:59";
  else
    first = last = text;
  for (const auto& day : {first, last}) {
    out.emplace_back(day);
    if (day.size() == 10)
      for (const char* time : {" 00:00:00", " 23:59:59"})
        out.emplace_back(day + time);
  }
}

void backward_substring(const Shape& shape, const std::string& text, Values& out) {
  std::string head(static_cast<std::size_t>(std::clamp(shape.number - 1, 0.0, 40.0)), 'q');
  if (shape.number == 1 && text.size() == 4 && text >= "1800" && text <= "2200")
    return dates_of("%Y", text, out);
  if (shape.number == 1 && text.size() == 7 && text[4] == '-')
    return dates_of("%Y-%m", text, out);
  if (shape.number == 1 && is_date_text(text))
    return dates_of("", text, out);
  for (const char* tail : {"", "x", " z"})
    out.emplace_back(head + text + tail);
}

void backward_text(const Shape& shape, const std::string& text, Values& out) {
  switch (shape.op) {
  case Op::lower:
  case Op::upper:
    out.emplace_back(text);
    out.emplace_back(cased(text, shape.op == Op::lower));
    if (!text.empty())
      out.emplace_back(cased(text.substr(0, 1), true) + cased(text.substr(1), false));
    return;
  case Op::trim:
    for (const char* blank : {"", " "})
      out.emplace_back(text + blank);
    out.emplace_back(" " + text);
    return;
  case Op::substring:
    return backward_substring(shape, text, out);
  case Op::date:
    if (const auto day = day_number(text))
      dates_of("", day_text(*day - static_cast<long>(shape.number)), out);
    return;
  case Op::strftime:
    return dates_of(shape.text, text, out);
  case Op::append:
    if (text.size() >= shape.text.size())
      out.emplace_back(text.substr(0, text.size() - shape.text.size()));
    return;
  default:
    out.emplace_back(text);
  }
}

Values backward_one(const Shape& shape, const Value& target) {
  Values out;
  if (shape.op == Op::coalesce) {
    out.push_back(target);
    if (order_of(shape.value, target) == 0)
      out.insert(out.begin(), Value{});
  } else if (const auto number = number_of(target)) {
    backward_number(shape, *number, is_integer(target), out);
  } else if (const auto* text = std::get_if<std::string>(&target)) {
    backward_text(shape, *text, out);
  } else {
    out.push_back(target);
  }
  return out;
}

} // namespace

std::optional<Value> forward(const Shapes& shapes, Value value) {
  for (const auto& shape : shapes) {
    auto next = forward_one(shape, value);
    if (!next)
      return std::nullopt;
    value = std::move(*next);
  }
  return value;
}

Values backward(const Shapes& shapes, const Value& target) {
  constexpr std::size_t kValuesMax = 24;
  Values now{target};
  for (auto shape = shapes.rbegin(); shape != shapes.rend(); ++shape) {
    Values next;
    for (const auto& value : now)
      for (auto& each : backward_one(*shape, value))
        if (next.size() < kValuesMax)
          next.push_back(std::move(each));
    now = std::move(next);
  }
  return now;
}

std::string mirrored(const std::string& op) {
  if (op == "<" || op == "<=")
    return op == "<" ? ">" : ">=";
  if (op == ">" || op == ">=")
    return op == ">" ? "<" : "<=";
  return op;
}

std::string negated(const std::string& op) {
  if (op == "=")
    return "<>";
  if (op == "<>")
    return "=";
  if (op == "<")
    return ">=";
  if (op == "<=")
    return ">";
  return op == ">" ? "<=" : "<";
}

std::optional<bool> holds(const Value& a, const std::string& op, const Value& b) {
  if (is_null(a) || is_null(b))
    return std::nullopt;
  const int order = order_of(a, b);
  if (op == "=")
    return order == 0;
  if (op == "<>")
    return order != 0;
  if (op == "<")
    return order < 0;
  if (op == "<=")
    return order <= 0;
  return op == ">" ? order > 0 : order >= 0;
}

} // namespace quill::judge::proof
